/** Promise 3: an engine killed at any step of export and deploy leaves the old model or the new one serving, and the next engine completes. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { dice } from "../core/seeded.ts";
import { Night } from "../engine/night.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { ByHand, seedRun, variant } from "./deploy-home.ts";
import { type Moment, OllamaProxy } from "./deploy-proxy.ts";

/** Each deployment asks the model half a dozen questions, which takes tens of seconds where others compute too. */
vi.setConfig({ testTimeout: 300_000 });

const ENGINE = fileURLToPath(new URL("deploy-engine.ts", import.meta.url));
const SEEDED_ROUNDS = Number(process.env["THORTIME_KILLS"] ?? "6");
const SEED = Number(process.env["THORTIME_SEED"] ?? "20261123");

let server: OllamaServer;
let proxy: OllamaProxy;
let hand: ByHand;
let night: Night;
let engine: ChildProcess | null = null;
/** Digests of the models deployed so far, in order: each round puts one more in front. */
const deployed: string[] = [];
let answer = "";

beforeAll(async () => {
  server = await startOllama();
  proxy = await OllamaProxy.start(server.url);
  hand = new ByHand(server);
  night = new Night();
  for (let round = 0; round < 2; round += 1) await deployInPeace(prepareRound());
  answer = await hand.answer("night");
  expect(answer).not.toBe("");
}, 900_000);
afterAll(async () => {
  engine?.kill("SIGKILL");
  await proxy.close();
  await server.stop();
  await night.end();
});

/** A trained run whose model differs from all before it. */
function prepareRound(): string {
  const number = deployed.length + 1;
  return seedRun(night.home, { name: `night-${number}`, as: "night", folder: variant(join(night.path, `merged-${number}`), number), topK: 40 + number });
}

async function startEngine(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ENGINE, night.path], {
    env: { ...process.env, ...proxy.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  engine = child;
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

async function deployInPeace(run: string): Promise<void> {
  const child = await startEngine();
  await night.untilEnded(run);
  await kill(child);
  deployed.push(digestOf(run));
}

function digestOf(run: string): string {
  const digest = night.state(run).deployed?.digest;
  if (digest === undefined) throw new Error(`${run} was not deployed`);
  return digest;
}

/** `moment` decides when the engine dies; "drop": Ollama never hears of the request under way. */
async function round(dies: (moment: Moment, die: () => void) => "drop" | undefined): Promise<{ killed: boolean }> {
  const run = prepareRound();
  const child = await startEngine();
  const exited = once(child, "exit");
  let killed = false;
  const die = () => {
    killed ||= child.kill("SIGKILL");
  };
  proxy.reset();
  proxy.at = (moment) => dies(moment, die);
  await Promise.race([exited, night.untilEnded(run)]);
  // What Ollama had heard of, it does.
  await night.until("Ollama is at rest", () => proxy.pending === 0);
  await sleep(20);
  proxy.reset();
  await afterTheKill(run);
  if (!killed) await kill(child);
  await completes(run);
  return { killed };
}

/** The old model or the new one serves, and the new one only after it has passed. */
async function afterTheKill(run: string): Promise<void> {
  const tags = await hand.tags();
  const [older, old] = deployed.slice(-2);
  const state = night.state(run);
  const exported = state.candidate?.digest;
  const moved = tags["night:latest"] !== old;
  if (moved) {
    expect(tags["night:latest"]).toBe(exported);
    expect(state.smoke).toMatchObject({ passed: true, name: state.candidate?.name });
  }
  expect([older, old]).toContain(tags["night:prev"]);
  if (moved) expect(tags["night:prev"]).toBe(old);
  expect(await hand.answer("night")).toBe(answer);
}

/** Another engine is started, and nobody asks for anything. */
async function completes(run: string): Promise<void> {
  const child = await startEngine();
  const state = await night.untilEnded(run);
  await night.until("the run is closed", () => night.homeState().runs.find(({ id }) => id === run)?.outcome === "finished");
  await kill(child);
  expect([state.ended?.outcome, state.damages, night.count(run, "phase-failed")]).toEqual(["finished", 0, 0]);
  const digest = digestOf(run);
  expect(deployed).not.toContain(digest);
  expect(await hand.tags()).toEqual({ "night:latest": digest, "night:prev": deployed.at(-1) });
  deployed.push(digest);
  expect(night.homeState().versions.map((version) => version.digest)).toEqual(deployed);
  expect(night.homeState().leftCandidates).toEqual([]);
  expect(await hand.answer("night")).toBe(answer);
  const { gguf } = state;
  if (!gguf) throw new Error("no GGUF");
  expect(readdirSync(night.runPath(run, "export"))).toEqual(["night.Q8_0.gguf"]);
  expect(createHash("sha256").update(readFileSync(gguf.path)).digest("hex")).toBe(gguf.sha256);
}

const before = (place: Moment["place"], count = 1) => `${place} ${count} before`;
const after = (place: Moment["place"], count = 1) => `${place} ${count} after`;
const during = (place: Moment["place"], count = 1) => `${place} ${count} during`;

const STEPS: readonly (readonly [string, string])[] = [
  ["hash, as it begins", after("version")],
  ["hash, done and nothing sent", before("head")],
  ["upload, in the middle of a file", during("post")],
  ["upload, a file taken and not told", after("post")],
  ["create, not heard", before("create")],
  ["create, in the middle", during("create")],
  ["create, done and not told", after("create")],
  ["copy of the GGUF, not begun", before("show")],
  ["copy of the GGUF, under way", after("show")],
  ["the mended model, not heard", before("create", 2)],
  ["the mended model, in the middle", during("create", 2)],
  ["the mended model, done and not told", after("create", 2)],
  ["candidate made", after("tags")],
  ["smoke test, not heard", before("generate")],
  ["smoke test, answered and not told", after("generate")],
  ["promotion, not begun", before("copy")],
  ["promotion, between the old model's move to :prev and the new one's to its name", after("copy")],
  ["promotion, the second move not heard", before("copy", 2)],
  ["promotion, done and not told", after("copy", 2)],
  ["discard, not heard", before("delete")],
  ["discard, done and not told", after("delete")],
];

test.each(STEPS)("row 36: engine killed at %s", async (_what, at) => {
  const { killed } = await round(({ place, when, count }, die) => {
    if (`${place} ${count} ${when}` !== at) return undefined;
    die();
    return "drop";
  });
  expect(killed).toBe(true);
});

test("row 36: engine killed at seeded moments", async () => {
  let kills = 0;
  for (let index = 0; index < SEEDED_ROUNDS; index += 1) {
    const seed = SEED + index;
    const waitMs = dice(seed).below(1200);
    let armed = false;
    try {
      const { killed } = await round((_moment, die) => {
        if (!armed) setTimeout(die, waitMs);
        armed = true;
        return undefined;
      });
      kills += killed ? 1 : 0;
    } catch (error) {
      throw new Error(`failed with THORTIME_SEED=${seed} (killed ${waitMs} ms after the first request)`, { cause: error });
    }
  }
  expect(kills).toBeGreaterThan(0);
}, 300_000);

/** Last, as it looks at what all kills above have left. */
test("row 36: what the kills left in Ollama is gone after its own prune", async () => {
  const blobs = join(server.models, "blobs");
  const isNeeded = neededBlobs(server.models);
  const left = readdirSync(blobs).filter((name) => !isNeeded.has(name));
  expect(left.length).toBeGreaterThan(deployed.length);
  const longAgo = Date.now() / 1000 - 2 * 3600;
  for (const name of readdirSync(blobs)) utimesSync(join(blobs, name), longAgo, longAgo);
  await server.restart();
  expect(new Set(readdirSync(blobs))).toEqual(isNeeded);
  expect(await hand.answer("night")).toBe(answer);
  expect(await hand.answer("night:prev")).toBe(answer);
});

/** Blobs that a manifest names. */
function neededBlobs(models: string): Set<string> {
  const folder = join(models, "manifests");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  const manifests = names.filter((name) => statSync(name).isFile()).map((name) => JSON.parse(readFileSync(name, "utf8")) as Manifest);
  return new Set(manifests.flatMap(({ config, layers }) => [config, ...layers].map(({ digest }) => digest.replace(":", "-"))));
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}
