/** What the soak works on: one home, the real engine on it, the real Ollama behind a proxy, and a person who opens the app and presses buttons. */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command, Input, Replies } from "../../electron/core/api.ts";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../electron/core/home.ts";
import { type Entry, read, START } from "../../electron/core/journal.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { type AttachOptions, attach, connectLiving } from "../../electron/hosts/attach.ts";
import { engineCommand, findPlace } from "../../electron/hosts/place.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { processesOf, type Seen, send } from "../fixtures/processes.ts";
import { homeEnvironment, root } from "../hosts/homes.ts";
import { mountDisk } from "./inside.ts";
import { type OllamaProxy, startProxy } from "./proxy.ts";

/** A lease is raised every 10 s; a keeper that waits this long is not fooled by a living engine. */
const LEASE_STALE_S = 15;
const ATTACH_MS = 60_000;

export interface Ground {
  readonly folder: string;
  readonly home: string;
  readonly hasOwnDisk: boolean;
  readonly ollama: OllamaServer;
  readonly proxy: OllamaProxy;
  readonly options: AttachOptions;
  readonly clockFile: string;
}

export async function makeGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "thortime-soak-"));
  const hasOwnDisk = mountDisk(folder);
  // A name of its own, so that no process of another home is ever taken for ours.
  const home = join(folder, `home-${randomUUID().slice(0, 8)}`);
  mkdirSync(join(home, "python"), { recursive: true });
  const python = process.env["THORTIME_PYTHON"] ?? "";
  writeFileSync(join(home, "python", "current"), dirname(dirname(python)));
  const models = mkdtempSync(join(tmpdir(), "thortime-soak-ollama-"));
  const ollama = await startOllama({ models });
  const proxy = await startProxy(Number(new URL(ollama.url).port));
  const clockFile = join(folder, "clock");
  const place = findPlace(root);
  const [node = process.execPath, ...args] = engineCommand(place, home);
  const command = [node, "--import", join(import.meta.dirname, "clock-jump.mjs"), ...args];
  const env = { ...homeEnvironment(home), OLLAMA_HOST: proxy.host, THORTIME_LEASE_STALE_S: String(LEASE_STALE_S), THORTIME_SOAK_CLOCK: clockFile };
  return { folder, home, hasOwnDisk, ollama, proxy, clockFile, options: { home, version: place.version, engineCommand: command, env, limitMs: ATTACH_MS } };
}

/** Everything of ours ends, by its pid; the home stays where it is wanted. */
export async function endGround(ground: Ground): Promise<void> {
  for (let look = 0; look < 50; look += 1) {
    const living = processesOf(ground.home);
    if (living.length === 0) break;
    for (const { pid } of living) send(pid, "SIGKILL");
    await sleep(100);
  }
  ground.proxy.close();
  await ground.ollama.stop();
  rmSync(dirname(ground.ollama.models), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** As the app or the command line would: attaches to the engine, or starts one. */
export async function call<C extends Command>(ground: Ground, command: C, input: Input<C>): Promise<Replies[C]> {
  const client = await attach(ground.options);
  try {
    return await client.call(command, input);
  } finally {
    client.close();
  }
}

/** Asks the engine that lives, and starts none; null where there is none. */
export async function callLiving<C extends Command>(ground: Ground, command: C, input: Input<C>): Promise<Replies[C] | null> {
  const client = await connectLiving(ground.home);
  if (client === null) return null;
  try {
    return await client.call(command, input);
  } finally {
    client.close();
  }
}

export const enginesOf = (ground: Ground): readonly Seen[] => processesOf(ground.home).filter(({ kind }) => kind === "engine");
export const verbsOf = (ground: Ground): readonly Seen[] => processesOf(ground.home).filter(({ kind }) => kind === "verb");
export const keepersOf = (ground: Ground): readonly Seen[] => processesOf(ground.home).filter(({ kind }) => kind === "keeper");

export function runFolder(ground: Ground, run: string, ...parts: string[]): string {
  return join(ground.home, "runs", run, ...parts);
}

export function entriesOf(ground: Ground, run: string): readonly Entry[] {
  return readEntries(runFolder(ground, run, "events.jsonl"));
}

/** The fold of the file as it is: what any screen has to show. */
export function stateOf(ground: Ground, run: string): RunState {
  return entriesOf(ground, run).reduce(reduce, EMPTY_RUN);
}

export function homeStateOf(ground: Ground): HomeState {
  return readEntries(join(ground.home, "events.jsonl")).reduce(reduceHome, EMPTY_HOME);
}

function readEntries(path: string): Entry[] {
  try {
    return read(START, readFileSync(path)).entries;
  } catch {
    return [];
  }
}
