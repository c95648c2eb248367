/** One run in the engine's hands: its journal, its fold, its control file. */
import { type Control, INITIAL_CONTROL } from "../core/control.ts";
import type { EventBody } from "../core/events.ts";
import type { RunPlan } from "../core/plan.ts";
import type { Home, Journal } from "../core/ports.ts";
import { reduce } from "../core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../core/state.ts";
import { Topic } from "./topic.ts";

export class Run {
  readonly id: string;
  readonly plan: RunPlan;
  readonly topic: Topic<RunState>;
  /** Set while a step of the sequence is being done; the run is left alone until it settles. */
  busy = false;
  /** Ends an export or deploy under way. */
  abort: AbortController | null = null;
  /** When a stop was asked of the living process, on the monotonic clock. */
  stopAskedAt: number | null = null;
  forced = false;
  /** Consecutive looks at which the process was gone and had left no exit.json. */
  missing = 0;
  /** What history was last told. */
  projected: RunState | null = null;
  private readonly journal: Journal;
  private readonly home: Home;
  private control: Control;

  constructor(home: Home, id: string) {
    this.home = home;
    this.id = id;
    this.plan = home.readPlan(id);
    this.journal = home.runJournal(id);
    this.topic = new Topic(this.journal, reduce, EMPTY_RUN);
    this.control = home.readControl(id) ?? INITIAL_CONTROL;
    this.topic.refresh();
  }

  get state(): RunState {
    return this.topic.state;
  }

  /** Writes and reads back: the engine, too, knows only what the journal says. */
  append(body: EventBody): void {
    this.journal.append(body, this.state.attempt);
    this.topic.refresh();
  }

  /** The journal's first line, from the plan. */
  begin(): void {
    const { id, name, campaign, kind, model, data, deploy } = this.plan;
    const deployAs = deploy.enabled ? deploy.as : null;
    this.append({ type: "run-created", run: id, name, campaign, kind, model: model.source, data: data.train, deployAs });
  }

  /** Replaces control.json; every write is also a sign of life. */
  command(change: Partial<Omit<Control, "v" | "lease">>): void {
    this.control = { ...this.control, ...change, lease: this.control.lease + 1 };
    this.home.writeControl(this.id, this.control);
  }

  close(): void {
    this.abort?.abort();
    this.journal.close();
  }
}
