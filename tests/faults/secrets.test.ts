/** Row 46: the hub's token is used for the hub and stands nowhere: no file of the home, no log, no fault, and no child that has no need of it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endHome, ensureBuilt, makeHome, root, thortime } from "../hosts/homes.ts";

const SECRET = "hf_aVerySecretTokenOfMine";
const WRONG = "hf_anotherSecretThatIsWrong";
const FOREIGN = "a-secret-that-is-none-of-our-business";
const rows = join(root, "resources", "practice", "train.jsonl");
const homes: string[] = [];
let hub: ChildProcess;
let endpoint = "";
let hubSaid = "";

beforeAll(async () => {
  await ensureBuilt();
  hub = spawn(process.env["THORTIME_PYTHON"] ?? "python3", [join(root, "tests/python/serve_hub.py"), join(root, "resources/practice/model"), SECRET], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  hub.stdout?.on("data", (data) => {
    hubSaid += String(data);
  });
  for (let look = 0; look < 200 && !hubSaid.includes("\n"); look += 1) await sleep(100);
  endpoint = hubSaid.trim();
}, 180_000);
afterAll(async () => {
  hub.kill("SIGKILL");
  for (const home of homes) await endHome(home);
});

function environment(home: string, token: string): Record<string, string> {
  return {
    HF_TOKEN: token,
    HF_ENDPOINT: endpoint,
    HF_HOME: join(home, "hf"),
    HF_HUB_OFFLINE: "0",
    NO_PROXY: "*",
    no_proxy: "*",
    AWS_SECRET_ACCESS_KEY: FOREIGN,
  };
}

async function start(token: string): Promise<{ home: string; env: Record<string, string> }> {
  const home = makeHome();
  homes.push(home);
  const env = environment(home, token);
  const args = ["run", "--data", rows, "--model", "org/practice", "--name", "secret", "--steps", "40", "--no-deploy", "--detach"];
  const { code, stderr } = await thortime(home, args, env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { home, env };
}

/** Files that hold `text`, however deep. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

/** Environments of this home's living verbs, keepers not among them; by verb. */
function verbEnvironments(home: string): { verb: string; text: string }[] {
  return execFileSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, verb] = /^\s*(\d+)\s.* -m trainer (fetch|prepare|answer|train|merge) /.exec(line) ?? [];
      if (!pid || !verb || !line.includes(home)) return [];
      try {
        const text = process.platform === "linux" ? readFileSync(`/proc/${pid}/environ`, "utf8") : execFileSync("ps", ["eww", pid], { encoding: "utf8" });
        return [{ verb, text }];
      } catch {
        return []; // It ended between the two looks.
      }
    });
}

describe("row 46: a model behind a gate", () => {
  it("is fetched with the token; no file of the home holds it, and training was not given it", { timeout: 180_000 }, async () => {
    const { home, env } = await start(SECRET);
    const seen: { verb: string; text: string }[] = [];
    const training = async () => {
      seen.push(...verbEnvironments(home));
      const { stdout } = await thortime(home, ["status", "--json"], env);
      return (JSON.parse(stdout || "{}") as { steps?: number }).steps ?? 0;
    };
    await expect.poll(training, { timeout: 120_000, interval: 300 }).toBeGreaterThan(1);
    seen.push(...verbEnvironments(home));
    await thortime(home, ["stop"], env);
    const trained = seen.filter(({ verb }) => verb === "train");
    expect(trained.length).toBeGreaterThan(0);
    for (const { verb, text } of seen) {
      expect(text, verb).not.toContain(FOREIGN);
      if (verb !== "fetch") expect(text, verb).not.toContain(SECRET);
    }
    expect(filesWith(home, "secret").length).toBeGreaterThan(0);
    expect(filesWith(home, SECRET)).toEqual([]);
    expect(filesWith(home, FOREIGN)).toEqual([]);
  });

  it("with a wrong token: the fault says so without naming it, in the journal, the logs and on the terminal", { timeout: 120_000 }, async () => {
    const { home, env } = await start(WRONG);
    const needsYou = async () => (await thortime(home, ["status", "--json"], env)).stdout;
    await expect.poll(needsYou, { timeout: 60_000, interval: 500 }).toContain("needs-you");
    const { stdout, stderr } = await thortime(home, ["status"], env);
    expect(`${stdout}${stderr}${await needsYou()}`).not.toContain(WRONG);
    expect(stdout).toMatch(/token|HF_TOKEN/);
    expect(filesWith(home, WRONG)).toEqual([]);
  });

  it("the hub was really asked with both", async () => {
    hub.stdin?.end();
    await expect.poll(() => hubSaid.split("\n").length, { timeout: 10_000 }).toBeGreaterThan(2);
    const authorizations = JSON.parse(hubSaid.split("\n")[1] ?? "[]") as (string | null)[];
    expect(authorizations).toContain(`Bearer ${SECRET}`);
    expect(authorizations).toContain(`Bearer ${WRONG}`);
  });
});
