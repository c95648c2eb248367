/**
 * A whole Thortime in a temporary folder, of any version, with the engine's real program and the fake trainer in the real one's place:
 * real processes, keeper, lock, socket, journals and database; a night of it takes seconds.
 */
import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FolderHome } from "../../electron/adapters/home.ts";
import { parseCall } from "../../electron/core/api.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { type Entry, read, START } from "../../electron/core/journal.ts";
import { makePlan } from "../../electron/core/make-plan.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import type { AttachOptions } from "../../electron/hosts/attach.ts";
import { engineCommand, findPlace } from "../../electron/hosts/place.ts";
import { processesOf, type Seen, send } from "../fixtures/processes.ts";
import { homeEnvironment, root } from "../hosts/homes.ts";

/** A living engine raises the lease every 10 s, so a keeper that waits this long is not fooled by one. */
const LEASE_STALE_S = 14;

export interface Thortime {
  readonly folder: string;
  readonly home: string;
  readonly options: AttachOptions;
}

/** `home`: another version's, so that both stand on one home. */
export function makeThortime(version = "0.1.0", home?: string): Thortime {
  const folder = mkdtempSync(join(tmpdir(), "tt-kill-"));
  for (const part of ["out", "python"]) mkdirSync(join(folder, part));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "thortime", version, type: "module" }));
  cpSync(join(root, "out"), join(folder, "out"), { recursive: true, filter: (path) => !path.includes("renderer") && !path.endsWith("stamp") });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  symlinkSync(join(root, "resources"), join(folder, "resources"));
  rmSync(join(folder, "python"), { recursive: true });
  symlinkSync(join(root, "tests", "fixtures", "fake_trainer"), join(folder, "python"));
  const own = home ?? join(folder, `home-${randomUUID().slice(0, 8)}`);
  mkdirSync(join(own, "python"), { recursive: true });
  writeFileSync(join(own, "python", "current"), dirname(dirname(process.env["THORTIME_PYTHON"] ?? "")));
  const place = findPlace(folder);
  const env = { ...homeEnvironment(own), THORTIME_LEASE_STALE_S: String(LEASE_STALE_S) };
  return { folder, home: own, options: { home: own, version: place.version, engineCommand: engineCommand(place, own), env, limitMs: 60_000 } };
}

/** Everything that lives in the home ends, by its pid. */
export async function endThortime({ folder, home }: Thortime): Promise<void> {
  for (let look = 0; look < 100; look += 1) {
    const living = processesOf(home);
    if (living.length === 0) break;
    for (const { pid } of living) send(pid, "SIGKILL");
    await sleep(50);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

export interface Script {
  readonly steps: number;
  readonly seconds: number;
  readonly save: number;
}

/** A run's folder made whole, as an engine makes it; the next engine lists it and takes it up. */
export function makeRun({ folder, home }: Thortime, script: Script): string {
  const data = join(folder, "script.json");
  writeFileSync(data, JSON.stringify({ ...script, misbehave: [] }));
  const asked = parseCall("run-start", { name: "night", data, model: "fake", deploy: false });
  const clock = { now: () => Date.now(), mono: () => 0, after: () => () => {}, random: Math.random };
  const prompts = [{ id: "p1", category: "basic", text: "sen kimsin?" }];
  const plan = makePlan(asked, { clock, machine: { metal: false }, localModel: true, prompts });
  new FolderHome(home).createRun(plan, INITIAL_CONTROL);
  return plan.id;
}

export function entriesOf({ home }: Thortime, run: string): readonly Entry[] {
  try {
    return read(START, readFileSync(join(home, "runs", run, "events.jsonl"))).entries;
  } catch {
    return [];
  }
}

export function stateOf(thortime: Thortime, run: string): RunState {
  return entriesOf(thortime, run).reduce(reduce, EMPTY_RUN);
}

/** `verb pid` of every process that came to hold the run's lock, in order. */
export function startsOf({ home }: Thortime, run: string): readonly string[] {
  return readFileSync(join(home, "runs", run, "starts.txt"), "utf8")
    .trim()
    .split("\n");
}

export const living = ({ home }: Thortime, kind: Seen["kind"]): readonly Seen[] => processesOf(home).filter((one) => one.kind === kind);

export async function until<T>(what: string, look: () => T | null | false | undefined | Promise<T | null | false | undefined>, limitMs = 90_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(100);
  }
}
