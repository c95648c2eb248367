/** A small api in memory: real calls through the real door, and entries published by hand. */
import { type Api, type Command, type Input, parseCall, type Replies, type Topic, type Update } from "../../electron/core/api.ts";
import { fault } from "../../electron/core/faults.ts";
import { EMPTY_HOME, type HomeState, type RunEntry } from "../../electron/core/home.ts";
import type { Entry } from "../../electron/core/journal.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";

type Listener = (update: Update) => void;

export class FakeApi implements Api {
  readonly calls: { readonly command: Command; readonly input: unknown }[] = [];
  /** Messages its hosts said they refused. */
  refused = 0;
  home: HomeState = EMPTY_HOME;
  run: RunState = EMPTY_RUN;
  readonly runId: string;
  private seq = 0;
  private readonly listeners = new Map<Topic, Set<Listener>>();
  private readonly home_: string;

  constructor(runId = "fake-20260101-000000-0001", home = "/nowhere") {
    this.runId = runId;
    this.home_ = home;
  }

  async call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
    const args = parseCall(command, input);
    if (command === "refusals-note") {
      this.refused += (args as { count: number }).count;
      return null as Replies[C];
    }
    this.calls.push({ command, input: args });
    const replies: Partial<Replies> = {
      "engine-info": {
        pid: process.pid,
        version: "0.1.0-test",
        home: this.home_,
        startedAt: 1,
        historyOff: null,
        refused: { count: this.refused, last: null },
        trouble: null,
      },
      "run-pause": null,
      "run-stop": null,
      history: { rows: [] },
    };
    if (!(command in replies)) throw fault("run.unknown", "There is no such run.", "See the runs with: thortime history.");
    return replies[command] as Replies[C];
  }

  subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void {
    if (topic !== "home" && topic !== `run:${this.runId}`) throw fault("run.unknown", "There is no such run.", "See the runs with: thortime history.");
    const all = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, all);
    all.add(listener as Listener);
    const snapshot = topic === "home" ? this.home : this.run;
    listener({ topic, seq: this.seq, snapshot } as Update<T>);
    return () => all.delete(listener as Listener);
  }

  listening(topic: Topic): number {
    return this.listeners.get(topic)?.size ?? 0;
  }

  publish(...entries: readonly Entry[]): void {
    const topic: Topic = `run:${this.runId}`;
    this.run = entries.reduce(reduce, this.run);
    this.seq += entries.length;
    for (const listener of this.listeners.get(topic) ?? []) listener({ topic, seq: this.seq, entries });
  }

  addRun(entry: Partial<RunEntry> & { readonly id: string }): void {
    const whole: RunEntry = { name: "fake", campaign: "fake", kind: "full", addedAt: 1, outcome: null, closedAt: null, ...entry };
    this.home = { ...this.home, runs: [...this.home.runs, whole] };
  }
}

let n = 0;
/** One event of a run's journal. */
export function event(body: Record<string, unknown>): Entry {
  n += 1;
  return { event: { v: 1, at: 1_700_000_000_000 + n, mono: n, boot: "b", by: "trainer", n, attempt: 1, ...body } } as unknown as Entry;
}

export function step(number: number, loss: number): Entry {
  return event({
    type: "step",
    step: number,
    epoch: 0,
    loss,
    gradNorm: 1,
    learningRate: 1e-3,
    tokens: 100,
    supervisedTokens: 50,
    paddedTokens: 100,
    seconds: 0.5,
    restSeconds: 0,
  });
}
