/** One run in the engine's hands: its journal, its fold, its control file. */
import { type Control, INITIAL_CONTROL } from "../core/control.ts";
import { cutPlan } from "../core/evening/cut.ts";
import type { EventBody, Phase } from "../core/events.ts";
import { memoryLadder, type Rung } from "../core/ladder.ts";
import { type Action, nextAction } from "../core/next.ts";
import type { RunPlan } from "../core/plan.ts";
import type { Home, Journal } from "../core/ports.ts";
import { reduceAll } from "../core/reduce.ts";
import type { Watch } from "../core/stall.ts";
import { EMPTY_RUN, type RunState } from "../core/state.ts";
import { Topic } from "./topic.ts";

export class Run {
  readonly id: string;
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
  /** How long the living process has made no progress. */
  stallWatch: Watch | null = null;
  /** When this engine saw the run, and its phase, begin, on the monotonic clock; null for what began before this engine did. */
  begunMono: number | null = null;
  phaseMono: { readonly phase: Phase; readonly mono: number } | null = null;
  /** When free space was last looked at, on the monotonic clock. */
  spaceLookedAt: number | null = null;
  /** What its person was last told of. */
  told: RunState | null = null;
  /** What history was last told. */
  projected: RunState | null = null;
  private frozen: RunPlan;
  private readonly journal: Journal;
  private readonly home: Home;
  private control: Control;

  constructor(home: Home, id: string) {
    this.home = home;
    this.id = id;
    this.frozen = home.readPlan(id);
    this.journal = home.runJournal(id);
    this.topic = new Topic(this.journal, reduceAll, EMPTY_RUN);
    this.control = home.readControl(id) ?? INITIAL_CONTROL;
    this.topic.refresh();
  }

  /** run.json. */
  get plan(): RunPlan {
    return this.frozen;
  }

  get state(): RunState {
    return this.topic.state;
  }

  /** Padded tokens a micro-batch may hold when nothing is short: as measured here, or as the plan says; null where it counts rows. */
  get budget(): number | null {
    return this.state.calibration?.microBatchTokens ?? this.plan.training.micro_batch_tokens;
  }

  /** What training can do with less memory, gentlest last. */
  get rungs(): readonly Rung[] {
    return memoryLadder({ ...this.plan.training, micro_batch_tokens: this.budget });
  }

  next(nowMs: number): Action {
    return nextAction(this.state, nowMs, this.rungs.length);
  }

  /** Writes and reads back: the engine, too, knows only what the journal says. */
  append(body: EventBody): void {
    this.journal.append(body, this.state.attempt);
    this.topic.refresh();
  }

  /** The journal's first line, from the plan. */
  begin(): void {
    const { id, name, campaign, kind, model, data, deploy, parent, from, next, baseline } = this.plan;
    const deployAs = deploy.enabled ? deploy.as : null;
    const body = { type: "run-created", run: id, name, campaign, kind, model: model.source, data: data.train, deployAs } as const;
    const known = { ...(parent === null ? {} : { parent }), ...(from === null ? {} : { from }), ...(baseline === null ? {} : { baseline }) };
    this.append({ ...body, ...known, ...(next === null ? {} : { next: { name: next.name, window: next.window } }) });
  }

  /** The journal says what was cut; run.json follows it, again and again until it does. Throws where it cannot be written. */
  followCut(): void {
    const { cut } = this.state;
    const plan = cut === null ? this.frozen : cutPlan(this.frozen, cut);
    if (JSON.stringify(plan) === JSON.stringify(this.frozen)) return;
    this.home.writePlan(plan);
    this.frozen = plan;
  }

  /** What control.json says. */
  get ordered(): Control {
    return this.control;
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
