/** Stand-ins for what lies behind Ollama's and history's ports; a test changes how they behave by their fields. */

import type { EventBody } from "../../electron/core/events.ts";
import { fault } from "../../electron/core/faults.ts";

import type { Workshop } from "../../electron/core/jobs.ts";

import { expectedPrompt } from "../../electron/core/parity.ts";
import { GEMMA2, ollamaTemplate } from "../../electron/core/plan.ts";
import type {
  Awake,
  Continuation,
  Continue,
  ExportInput,
  GgufModel,
  Held,
  History,
  NamedModel,
  Ollama,
  Person,
  Promotion,
  Sensors,
} from "../../electron/core/ports.ts";

import { type Conditions, nothingKnown, type Reading, type ThermalLevel, unknown } from "../../electron/core/reading.ts";
import type { RunState } from "../../electron/core/state.ts";

export class FakeOllama implements Ollama {
  /** Null: there is one. */
  absent: string | null = null;
  answer = "Ben Jessy.";
  /** The export waits here until this resolves or it is cut short. */
  gate: Promise<void> = Promise.resolve();
  broken: Error | null = null;
  readonly exports: ExportInput[] = [];
  readonly promoted: string[] = [];
  cuts = 0;

  available(): ReturnType<Ollama["available"]> {
    if (this.absent !== null) return Promise.resolve({ fault: fault("ollama.absent", this.absent, "Start Ollama.").fault });
    return Promise.resolve({ version: "0.24.0" });
  }

  async *export(input: ExportInput, signal: AbortSignal): AsyncIterable<EventBody> {
    this.exports.push(input);
    yield { type: "export-progress", task: "upload", doneBytes: 1, totalBytes: 2 };
    await Promise.race([this.gate, cut(signal)]).catch((error: unknown) => {
      this.cuts += 1;
      throw error;
    });
    if (this.broken) throw this.broken;
    yield { type: "candidate-created", name: input.candidate, quantization: input.quantize, seconds: 0.1 };
    yield { type: "gguf-written", path: input.ggufPath, bytes: 10, sha256: "00", tensors: 1, architecture: "gemma2", quantization: input.quantize };
  }

  /** Seconds each answer takes. */
  seconds = 0.1;
  ask(): ReturnType<Ollama["ask"]> {
    return Promise.resolve({ answer: this.answer, ended: true, seconds: this.seconds, loadSeconds: 0, promptTokens: 200, answerTokens: 8 });
  }

  readonly fromGgufs: GgufModel[] = [];
  fromGguf(model: GgufModel): Promise<void> {
    this.fromGgufs.push(model);
    this.standing = [...this.standing, { tag: model.name.toLowerCase(), digest: `sha256:${this.fromGgufs.length}g`, bytes: 10 }];
    return Promise.resolve();
  }

  async *chat(): AsyncIterable<string> {
    for (const piece of this.answer.split(/(?<= )/)) yield await Promise.resolve(piece);
  }

  /** What is rendered for a question; null: as in training. */
  rendered: ((question: string) => readonly string[] | null) | null = null;
  render(_name: string, question: string): ReturnType<Ollama["render"]> {
    return Promise.resolve(this.rendered ? this.rendered(question) : [expectedPrompt({ ...GEMMA2, system: "" }, question)]);
  }

  made = { template: ollamaTemplate({ ...GEMMA2, system: "" }), system: "" };
  templateOf(): ReturnType<Ollama["templateOf"]> {
    return Promise.resolve(this.made);
  }

  /** How the model goes on with a text. */
  goesOn: (what: Continue) => Continuation = () => ({ tokens: [], ended: true, promptTokens: 0 });
  continue(_name: string, what: Continue): ReturnType<Ollama["continue"]> {
    return Promise.resolve(this.goesOn(what));
  }

  readonly discarded: string[] = [];
  discard(candidate: string): Promise<void> {
    this.discarded.push(candidate);
    return Promise.resolve();
  }

  /** In memory; `unload` takes them out. */
  models: { name: string; memoryBytes: number; expiresAt: number | null }[] = [];
  loaded(): ReturnType<Ollama["loaded"]> {
    return Promise.resolve([...this.models]);
  }

  unload(name: string): Promise<void> {
    this.models = this.models.filter((model) => model.name !== name);
    return Promise.resolve();
  }

  digestOf(_name?: string): ReturnType<Ollama["digestOf"]> {
    return Promise.resolve("sha256:1");
  }

  swap(): ReturnType<Ollama["swap"]> {
    return Promise.resolve(true);
  }

  /** All names there are. */
  standing: readonly NamedModel[] = [];
  names(): ReturnType<Ollama["names"]> {
    return Promise.resolve(this.standing);
  }

  remove(): ReturnType<Ollama["remove"]> {
    return Promise.resolve(null);
  }

  promote({ candidate, name }: Promotion): ReturnType<Ollama["promote"]> {
    this.promoted.push(`${candidate} → ${name}`);
    return Promise.resolve({ previous: null, kept: null });
  }
}

/** As `fetch` behaves: rejects when the signal is given. */
function cut(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("cut short")), { once: true });
  });
}

/** A cool machine, until a test says otherwise; null is unknown. */
export class FakeSensors implements Sensors {
  celsius: number | null = 50;
  level: ThermalLevel | null = "nominal";
  looks = 0;

  read(): Promise<Conditions> {
    this.looks += 1;
    return Promise.resolve(lookAt(this.celsius, this.level));
  }
}

export function lookAt(celsius: number | null, level: ThermalLevel | null, watts: number | null = null): Conditions {
  const none = unknown("a test");
  const known = <T>(value: T | null): Reading<T> => (value === null ? none : { value, source: "test", at: 0 });
  return { ...nothingKnown("a test"), temperature: known(celsius), thermalLevel: known(level), watts: known(watts) };
}

/** Holds whatever lives, and remembers for whom. */
export class FakeAwake implements Awake {
  /** Null: nothing on this machine keeps it awake. */
  by: string | null = "caffeinate";
  readonly held: number[] = [];
  displays = 0;

  hold(pid: number): Promise<Held> {
    this.held.push(pid);
    if (this.by !== null) this.holding.add(pid);
    return Promise.resolve(this.by === null ? { by: null, why: "a test" } : { by: this.by });
  }

  readonly letGone: number[] = [];
  readonly holding = new Set<number>();
  letGo(pid: number): Promise<void> {
    this.letGone.push(pid);
    this.holding.delete(pid);
    return Promise.resolve();
  }

  sleepDisplay(): Promise<string | null> {
    this.displays += 1;
    return Promise.resolve(null);
  }
}

export class FakeHistory implements History {
  readonly offReason = null;
  needsRebuild = false;
  readonly projected = new Map<string, RunState>();
  closed = false;

  project(state: RunState): void {
    this.projected.set(state.id, state);
  }

  outcomeOf(run: string): string | null {
    return this.projected.get(run)?.ended?.outcome ?? null;
  }

  list(): ReturnType<History["list"]> {
    return Promise.resolve([]);
  }

  forget(run: string): void {
    this.projected.delete(run);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const nothing = unknown("this test has no sensors");
const blind: Conditions = {
  temperature: nothing,
  thermalLevel: nothing,
  watts: nothing,
  memoryLevel: nothing,
  memoryUsedBytes: nothing,
  swapUsedBytes: nothing,
  onBattery: nothing,
  batteryPercent: nothing,
  lowPowerMode: nothing,
  lidClosed: nothing,
};

export const blindSensors: Sensors = { read: () => Promise.resolve(blind) };

/** Nobody is there to be told. */
export const nobody: Person = { readSettings: () => null, writeSettings: () => {}, notifiers: () => [], words: () => ({}), offsetMinutes: () => 0 };

/** Nothing long is asked for. */
export const noWorkshop: Workshop = {
  inspect: () => Promise.reject(new Error("not in this test")),
  fetchModel: () => Promise.reject(new Error("not in this test")),
  setUpPython: () => Promise.reject(new Error("not in this test")),
  ownPython: () => null,
  heldModels: () => [],
  hasOllama: () => Promise.resolve(false),
};
