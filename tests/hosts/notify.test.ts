/** `thortime notify test` on a real engine and a local ntfy: delivered or why not, its exit code; row 46: push secrets stand in settings.json and nowhere else. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fails, type PushServer, startPush } from "../fixtures/ntfy-server.ts";
import { endHome, ensureBuilt, makeHome, thortime } from "./homes.ts";

const home = makeHome();
let server: PushServer;
beforeAll(async () => {
  await ensureBuilt();
  server = await startPush();
  const ntfy = { server: server.url, topic: "SECRET-topic", token: "SECRET-token" };
  const push = { ntfy, pushover: { token: "SECRET-app", user: "SECRET-user" }, telegram: { token: "SECRET-bot", chat: "SECRET-chat" } };
  writeFileSync(join(home, "settings.json"), JSON.stringify({ push }));
}, 180_000);
afterAll(async () => {
  await endHome(home);
  await server.close();
});

test("what arrived is said with exit code 0", async () => {
  expect(await thortime(home, ["notify", "test", "ntfy"])).toMatchObject({ code: 0, stdout: "ntfy: delivered\n" });
  expect(JSON.parse(server.received[0]?.body ?? "")).toMatchObject({ topic: "SECRET-topic", title: "Thortime: a test" });
  const { code, stdout } = await thortime(home, ["notify", "test", "ntfy", "--json"]);
  expect([code, JSON.parse(stdout)]).toEqual([0, { delivered: [{ backend: "ntfy", ok: true, why: null, attempts: 1 }] }]);
});

test("what did not arrive is said with its reason and exit code 1; what is no way with 2", async () => {
  server.wrong.push(fails.status(401));
  expect(await thortime(home, ["notify", "test", "ntfy"])).toMatchObject({ code: 1, stdout: "ntfy: not delivered: it answered with status 401\n" });
  for (const args of [["notify", "test", "pigeon"], ["notify", "shout"], ["notify"]]) expect((await thortime(home, args)).code, args.join(" ")).toBe(2);
});

test("row 46: after all that no file, reply or log of this home holds a secret, but the settings", async () => {
  const said = await Promise.all([["doctor"], ["doctor", "--json"], ["status", "--json"], ["preflight", "--json"]].map((args) => thortime(home, args)));
  for (const { stdout, stderr } of said) expect(`${stdout}${stderr}`).not.toContain("SECRET");
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes("SECRET"));
  expect(files.map((entry) => entry.name)).toContain("events.jsonl");
  expect(holding.map((entry) => entry.name)).toEqual(["settings.json"]);
});
