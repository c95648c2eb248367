/** `disk`, `clear` and `support` through a real engine: row 46: the bundle holds nothing of the environment, whatever is in it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endHome, ensureBuilt, makeHome, thortime } from "./homes.ts";

const CANARY = "Kanarya-91c2";
const home = makeHome();
const folder = mkdtempSync(join(tmpdir(), "tt-support-"));

beforeAll(() => ensureBuilt(), 180_000);
afterAll(async () => {
  await endHome(home);
  rmSync(folder, { recursive: true, force: true });
});

test("what the home takes is said, and where nothing can be cleared away, that", { timeout: 60_000 }, async () => {
  const { stdout } = await thortime(home, ["disk", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ home, runs: [], modelsBytes: 0, ollamaBytes: 0 });
  const cleared = await thortime(home, ["clear"]);
  expect([cleared.code, cleared.stdout]).toEqual([0, expect.stringContaining("nothing to clear away")]);
  expect((await thortime(home, ["clear", "--days", "soon"])).code).toBe(2);
});

test("row 46: the bundle is written whole and new, and no secret of the environment or of the settings is in it", { timeout: 60_000 }, async () => {
  writeFileSync(join(home, "settings.json"), JSON.stringify({ push: { pushover: { token: CANARY, user: CANARY } } }));
  const env = { HF_TOKEN: CANARY, HF_ENDPOINT: `https://${CANARY}.example`, OLLAMA_HOST: `${CANARY}.example`, AWS_SECRET_ACCESS_KEY: CANARY };
  const path = join(folder, "bundle.tar.gz");
  const { code, stdout, stderr } = await thortime(home, ["support", path, "--json"], env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ path });
  execFileSync("tar", ["-xzf", path, "-C", folder]);
  const inner = join(folder, "thortime-support");
  expect(readdirSync(inner)).toEqual(expect.arrayContaining(["README.txt", "about.json", "doctor.json", "settings.json"]));
  for (const name of readdirSync(inner)) expect(readFileSync(join(inner, name), "utf8"), name).not.toContain(CANARY);
  expect(JSON.parse(readFileSync(join(inner, "doctor.json"), "utf8"))).toContainEqual(expect.objectContaining({ name: "Node", ok: true }));
  expect((await thortime(home, ["support", path])).code).toBe(2);
});
