/** The command line on a real run of the practice model: ^C detaches and it goes on, pause and stop are sealed, the last line is the documented one. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endHome, ensureBuilt, makeHome, startThortime, thortime } from "./homes.ts";

const home = makeHome();
let run = "";

interface Status {
  readonly run: string;
  readonly status: string;
  readonly steps: number;
  readonly checkpoints: number;
  readonly phases: Record<string, string>;
}

beforeAll(async () => {
  await ensureBuilt();
}, 120_000);

afterAll(async () => {
  await thortime(home, ["stop"]);
  await endHome(home);
}, 120_000);

async function status(said: readonly string[] = []): Promise<Status> {
  const { stdout, stderr } = await thortime(home, ["status", ...said, "--json"]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Status;
}

test("^C while following detaches: the run goes on, and it says how to come back", { timeout: 120_000 }, async () => {
  const { child, finished, stdout } = startThortime(home, ["practice", "--no-deploy"]);
  await expect.poll(stdout, { timeout: 60_000 }).toContain("Preparing rows: done");
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  run = (await status()).run;
  expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining(`thortime status --follow ${run}`) });
  await expect.poll(async () => (await status()).steps, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(0);
});

test("a second run of that name is refused with what to do", async () => {
  const { code, stderr } = await thortime(home, ["practice"]);
  expect({ code, stderr }).toMatchObject({ code: 8, stderr: expect.stringContaining("thortime") });
});

test("a checkpoint on demand, then a pause that frees the process, then resume from there", { timeout: 180_000 }, async () => {
  const before = (await status()).checkpoints;
  expect(await thortime(home, ["checkpoint"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/Checkpoint sealed at step \d+/) });
  expect((await status()).checkpoints).toBeGreaterThan(before);
  expect(await thortime(home, ["pause"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Paused at step") });
  const paused = await status([run.slice(0, 20)]);
  expect(paused.status).toBe("paused");
  expect(await thortime(home, ["resume", "--detach"])).toMatchObject({ code: 0 });
  await expect.poll(async () => (await status()).steps, { timeout: 60_000, interval: 1_000 }).toBeGreaterThan(paused.steps);
});

test("serve shows the same run to a browser with the token", { timeout: 60_000 }, async () => {
  const { child, finished, stdout } = startThortime(home, ["serve"]);
  await expect.poll(stdout, { timeout: 15_000 }).toMatch(/#token=/);
  const address = new URL(/http:\S+/.exec(stdout())?.[0] ?? "");
  const page = await fetch(new URL("/", address));
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const socket = new WebSocket(`ws://${address.host}/api`, { origin: address.origin });
  const first = new Promise((resolve) => socket.once("message", (data) => resolve(JSON.parse(String(data)))));
  socket.once("open", () => {
    socket.send(JSON.stringify({ hello: address.hash.slice("#token=".length) }));
    socket.send(JSON.stringify({ ask: "subscribe", topic: `run:${run}` }));
  });
  expect(await first).toMatchObject({ topic: `run:${run}`, snapshot: { id: run, kind: "practice" } });
  child.kill("SIGINT");
  expect(await finished).toMatchObject({ code: 0 });
});

test("stop seals and ends; status says so; history has it; export of what was sealed says what Ollama lacks", { timeout: 240_000 }, async () => {
  expect(await thortime(home, ["stop"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Stopped at step") });
  const stopped = await status([run]);
  expect(stopped).toMatchObject({ status: "stopped", run });
  const { stdout } = await thortime(home, ["history", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ rows: [{ run, outcome: "stopped", steps: stopped.steps }] });
  const exported = await thortime(home, ["export", run]);
  expect({ code: exported.code, stderr: exported.stderr }).toEqual({ code: 0, stderr: "" });
  expect(exported.stdout).toMatch(/Not in Ollama: Ollama .+ thortime deploy/);
});

test("practice --json: nothing but one line, with the documented keys", { timeout: 240_000 }, async () => {
  const { code, stdout } = await thortime(home, ["practice", "--steps", "3", "--json"]);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  const result = JSON.parse(stdout) as Record<string, unknown>;
  expect(code).toBe(0);
  expect(result).toMatchObject({
    finished: true,
    steps: 3,
    firstLoss: expect.any(Number),
    lastLoss: expect.any(Number),
    heldOutBefore: expect.any(Number),
    heldOutAfter: expect.any(Number),
    gguf: null,
    ollama: null,
    why: expect.stringContaining("Ollama"),
    seconds: expect.any(Number),
  });
  expect(result["checkpoints"]).toBeGreaterThan(0);
  expect(readdirSync(join(home, "runs", String(result["run"]), "checkpoints")).length).toBeGreaterThan(0);
});
