/** One home in a temporary folder, an engine on it with real files and real (fake) trainers, and ways to look at what they did. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bootId } from "../../electron/adapters/boot.ts";
import { freeBytes } from "../../electron/adapters/disk.ts";
import { FolderHome } from "../../electron/adapters/home.ts";
import { createParcels } from "../../electron/adapters/parcels.ts";
import { PowerBus } from "../../electron/adapters/power-bus.ts";
import { KeptTrainers, type TrainersOptions } from "../../electron/adapters/trainers.ts";
import type { Args, Command, Input, Replies } from "../../electron/core/api.ts";
import type { Event } from "../../electron/core/events.ts";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../electron/core/home.ts";
import { type Entry, read, START } from "../../electron/core/journal.ts";
import type { Clock, Exit, Ports } from "../../electron/core/ports.ts";
import { unknown } from "../../electron/core/reading.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { createEngine, type Engine } from "../../electron/engine/engine.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { FakeAwake, FakeHistory, FakeOllama, FakeSensors, nobody, noWorkshop } from "./fakes.ts";

export const FAKE_TRAINER = fileURLToPath(new URL("../fixtures/fake_trainer", import.meta.url));
/** The real one, for verbs without a run. */
export const TRAINER = fileURLToPath(new URL("../../python", import.meta.url));
export const PYTHON = process.env["THORTIME_PYTHON"] ?? "python3";

export type How =
  | "deaf"
  | "silent-exit"
  | "named-failure"
  | "hang"
  | "kill-self"
  | "grandchild"
  | "lost-line"
  | "exit-139-after"
  | "segfault-after"
  | "abort"
  | "stop-self"
  | "out-of-space"
  | `fails:${string}`;

export interface Script {
  readonly steps: number;
  /** A step's time. */
  readonly seconds: number;
  readonly save: number;
  /** A folder that the merge names as the merged model. */
  readonly merged?: string;
  readonly misbehave: readonly { readonly verb: string; readonly how: How; readonly times?: number; readonly at?: number }[];
}

/** `mono` and waits run this much faster than the machine's, so that a grace of a minute passes in seconds. */
const FASTER = 10;

export class FastClock implements Clock {
  /** Added to the time of day, as when somebody sets the clock. */
  jumpMs = 0;
  now = () => Date.now() + this.jumpMs;
  /** Added to the monotonic time, as when the machine slept. */
  sleptS = 0;
  /** Added to it at each wait's end: hours of quiet without waiting for them. Every step of it is one the engine takes for being awake. */
  leapS = 0;
  mono = () => (performance.now() / 1000) * FASTER + this.sleptS;
  random = () => Math.random();
  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(() => {
      this.sleptS += this.leapS;
      callback();
    }, ms / FASTER);
    return () => clearTimeout(timer);
  }
}

/** The keepers and identities of every run; only what the kernel counted is said by the night, so that a test means one machine and not this one. */
export class NightTrainers extends KeptTrainers {
  /** How often the engine looked for an end. */
  looks = 0;
  private readonly night: Night;

  constructor(night: Night, options: Partial<TrainersOptions> = {}) {
    super({ home: new FolderHome(night.home), python: () => PYTHON, packageFolder: FAKE_TRAINER, engineCommand: ["true"], ...options });
    this.night = night;
  }

  override readExit(run: string, token: string): Exit | null {
    this.looks += 1;
    const exit = super.readExit(run, token);
    return exit && { ...exit, oomKills: this.night.oomKills };
  }
}

export class Night {
  readonly path: string;
  readonly clock = new FastClock();
  readonly ollama = new FakeOllama();
  readonly history = new FakeHistory();
  readonly sensors = new FakeSensors();
  readonly awake = new FakeAwake();
  readonly power = new PowerBus();
  /** What the engine reported: errors that belong to no run. */
  readonly reports: unknown[] = [];
  /** What each exit says the kernel counted; null where it cannot be told. */
  oomKills: Exit["oomKills"] = null;
  engine: Engine | null = null;
  private scripts = 0;

  /** A new folder, or that of a night another process has begun. */
  constructor(path: string = mkdtempSync(join(tmpdir(), "thortime-engine-"))) {
    this.path = path;
  }

  get home(): string {
    return join(this.path, "home");
  }

  /** For tests of training only: no prompts, no Ollama, so a run is fetch, prepare, train, merge. */
  startLean(overrides: Partial<Ports> = {}): Engine {
    this.ollama.absent = "There is no Ollama here.";
    return this.start({ readText: () => "[]", ...overrides });
  }

  /** Another engine on the same home, as after a restart of the app. */
  start(overrides: Partial<Ports> = {}): Engine {
    const engine = createEngine(makePorts(this, overrides));
    engine.start();
    this.engine = engine;
    return engine;
  }

  async stop(): Promise<void> {
    await this.engine?.stop();
    this.engine = null;
  }

  /** For afterEach: nothing of this night is left, whatever the test did. */
  async end(): Promise<void> {
    await this.stop();
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
    if (!this.engine) throw new Error("no engine");
    return this.engine.api.call(command, input);
  }

  async begin(script: Partial<Script> = {}, change: Partial<Args<"run-start">> = {}): Promise<string> {
    return (await this.call("run-start", { name: "night", data: this.writeScript(script), model: "fake", limits: { ...ANY_RESULT }, ...change })).run;
  }

  writeScript(script: Partial<Script>): string {
    this.scripts += 1;
    const path = join(this.path, `script-${this.scripts}.json`);
    writeFileSync(path, JSON.stringify({ steps: 6, seconds: 0.02, save: 2, misbehave: [], ...script }));
    return path;
  }

  runPath(run: string, ...parts: string[]): string {
    return join(this.home, "runs", run, ...parts);
  }

  entries(run: string): Entry[] {
    return readEntries(this.runPath(run, "events.jsonl"));
  }

  events(run: string): Event[] {
    return this.entries(run).flatMap((entry) => ("event" in entry ? [entry.event] : []));
  }

  count(run: string, type: Event["type"]): number {
    return this.events(run).filter((event) => event.type === type).length;
  }

  /** The fold of the file as it is: what any screen would have to show. */
  state(run: string): RunState {
    return this.entries(run).reduce(reduce, EMPTY_RUN);
  }

  homeState(): HomeState {
    return readEntries(join(this.home, "events.jsonl")).reduce(reduceHome, EMPTY_HOME);
  }

  /** `verb pid` of every process that came to hold the run's lock, in order. */
  starts(run: string): string[] {
    try {
      return readFileSync(this.runPath(run, "starts.txt"), "utf8").trim().split("\n");
    } catch {
      return [];
    }
  }

  startsOf(run: string, verb: string): number {
    return this.starts(run).filter((line) => line.startsWith(`${verb} `)).length;
  }

  /** Living processes of this night: keepers, verbs, grandchildren. */
  processes(): { pid: number; command: string }[] {
    return execFileSync("ps", ["-axww", "-o", "pid=,stat=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
      .split("\n")
      .flatMap((line) => {
        const [, pid, stat, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
        return pid && command?.includes(this.path) && !stat?.startsWith("Z") ? [{ pid: Number(pid), command }] : [];
      });
  }

  /** Living verbs, not their keepers. */
  verbs(): { pid: number; command: string }[] {
    return this.processes().filter(({ command }) => / -m trainer (fetch|prepare|answer|train|merge) /.test(command));
  }

  async until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
    const end = performance.now() + limitMs;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}\n${this.describe()}`);
      await sleep(50);
    }
  }

  async untilState(run: string, what: string, holds: (state: RunState) => boolean, limitMs = 30_000): Promise<RunState> {
    await this.until(what, () => holds(this.state(run)), limitMs);
    return this.state(run);
  }

  untilEnded(run: string): Promise<RunState> {
    return this.untilState(run, "the run has ended", (state) => state.ended !== null, 120_000);
  }

  /** At least `step` is applied and a trainer lives. */
  untilTraining(run: string, step = 1): Promise<RunState> {
    return this.untilState(run, `training at step ${step}`, (state) => state.process?.verb === "train" && (state.step?.step ?? 0) >= step);
  }

  private describe(): string {
    const runs = this.homeState().runs.map(({ id }) => {
      const lines = this.events(id).map((event) => JSON.stringify({ ...event, v: undefined, at: undefined, mono: undefined, boot: undefined }));
      return `${id}\n  ${lines.slice(-12).join("\n  ")}`;
    });
    return [...runs, ...this.reports.map(String), ...this.processes().map(({ pid, command }) => `${pid} ${command}`)].join("\n");
  }
}

export function makePorts(night: Night, overrides: Partial<Ports> = {}): Ports {
  const home = new FolderHome(night.home);
  return {
    clock: night.clock,
    home,
    trainers: new NightTrainers(night, { home }),
    inspector: { check: () => Promise.resolve({ localModel: true }), findings: () => Promise.resolve(0) },
    parcels: createParcels({ home: night.home, python: () => PYTHON, packageFolder: TRAINER }),
    ollama: night.ollama,
    history: night.history,
    version: "0.0.0",
    pid: process.pid,
    boot: bootId(),
    freeBytes,
    machine: { metal: true },
    sensors: night.sensors,
    awake: night.awake,
    power: night.power,
    shells: { note: () => {} },
    system: { pendingUpdates: () => Promise.resolve(unknown("a test")) },
    person: nobody,
    pythonFault: () => null,
    workshop: noWorkshop,
    support: { write: async () => Promise.reject(new Error("nobody asks for help here")) },
    practice: () => ({ name: "practice", data: "rows.jsonl", model: "model" }),
    defaultPrompts: ["prompts.json"],
    readText: () => JSON.stringify([{ id: "p1", category: "basic", text: "sen kimsin?" }]),
    report: (error) => night.reports.push(error),
    quit: () => {},
    ...overrides,
  };
}

function readEntries(path: string): Entry[] {
  try {
    return read(START, readFileSync(path)).entries;
  } catch {
    return [];
  }
}
