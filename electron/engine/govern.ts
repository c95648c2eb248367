/** While a process lives lets core judge each look at the machine for heat and memory, and writes the orders; a person's stop or pause is never overridden. */
import { afterSleep, govern } from "../core/governor/governor.ts";
import { conditionsBody, knowsAnything } from "../core/governor/look.ts";
import { heatSettings, LEAST_MICRO_BATCH_TOKENS } from "../core/governor/settings.ts";
import { type Command, FIRST_STATE, type GovernorState, type Why } from "../core/governor/state.ts";
import { easierRung, rungAfter } from "../core/ladder.ts";
import { type MemoryWatch, watchMemory } from "../core/memory-watch.ts";
import type { Ports } from "../core/ports.ts";
import type { Conditions } from "../core/reading.ts";
import type { Run } from "./run.ts";
import { settingsOf } from "./settings.ts";

const JOURNAL_EVERY_S = 30;
const STEPS_FOR_SIZE = 3;

/** One training process under the governor. */
interface Governing {
  readonly run: string;
  readonly token: string;
  readonly state: GovernorState;
  /** Padded tokens of a smaller micro-batch, once it was chosen. */
  readonly smallTokens: number | null;
}

export class Governor {
  private readonly ports: Ports;
  private governing: Governing | null = null;
  private memory: { readonly token: string; readonly watch: MemoryWatch; readonly spent: boolean } | null = null;
  private journalled = { run: "", at: Number.NEGATIVE_INFINITY, knew: false };

  constructor(ports: Ports) {
    this.ports = ports;
  }

  /** The machine slept: what was measured before says nothing any more. */
  afterSleep(): void {
    this.memory = null;
    if (this.governing) this.governing = { ...this.governing, state: afterSleep(this.governing.state, this.ports.clock.mono()) };
  }

  /** A look at the machine, with the run whose process lives. */
  seen(run: Run | null, conditions: Conditions): void {
    if (!run?.state.process) return;
    const now = this.ports.clock.mono();
    this.journal(run, conditions, now);
    const { pause, stop } = run.state.asked;
    if (!isTraining(run) || pause || stop || run.stopAskedAt !== null) return;
    this.mindMemory(run, conditions, now);
    this.govern(run, conditions, now);
  }

  /** Before the system kills somebody: one rung of the ladder that keeps the loss. That there is none is said once. */
  private mindMemory(run: Run, conditions: Conditions, now: number): void {
    const token = run.state.process?.token ?? "";
    const known = this.memory?.token === token ? this.memory : { token, watch: null, spent: false };
    const { watch, shortage } = watchMemory(known.watch, conditions, now);
    this.memory = { ...known, watch };
    if (shortage === null || known.spent) return;
    const rung = easierRung(run.rungs, taken(run));
    if (rung === null) this.memory = { ...known, watch, spent: true };
    run.append({ type: "memory-eased", microBatchTokens: rung?.microBatchTokens ?? null, ...shortage });
    if (rung) run.command({ microBatchTokens: least(run.ordered.microBatchTokens, rung.microBatchTokens), why: "memory" });
  }

  private journal(run: Run, conditions: Conditions, now: number): void {
    const last = this.journalled;
    if (last.run === run.id && now - last.at < JOURNAL_EVERY_S) return;
    const body = conditionsBody(conditions);
    const knew = knowsAnything(body);
    // Knowing nothing is said once, not all night.
    if (knew || last.run !== run.id || last.knew) run.append(body);
    this.journalled = { run: run.id, at: now, knew };
  }

  private govern(run: Run, conditions: Conditions, now: number): void {
    const { recent, stepsSeen } = run.state;
    const governing = this.takeUp(run);
    const smallTokens = governing.smallTokens ?? smallerThanUsual(run);
    const work = {
      secondsPerToken: recent.map((step) => step.seconds / Math.max(1, step.paddedTokens ?? step.tokens)),
      steps: stepsSeen,
      canCutBatches: smallTokens !== null,
    };
    const { targetCelsius, redCelsius } = settingsOf(this.ports);
    const settings = heatSettings(targetCelsius, redCelsius);
    const { state, command, why } = govern(governing.state, conditions, work, now, settings);
    // Written first: an order that could not be given is given again at the next look.
    if (command) give(run, command, why, smallTokens);
    this.governing = { ...governing, state, smallTokens: state.smallerBatches ? smallTokens : null };
  }

  /** A new process, or a new engine on an old one, begins from what stands in control.json. */
  private takeUp(run: Run): Governing {
    const token = run.state.process?.token ?? "";
    const known = this.governing;
    if (known?.run === run.id && known.token === token) return known;
    const { pace, desired, microBatchTokens } = run.ordered;
    const smaller = microBatchTokens !== null && microBatchTokens !== memoryTokens(run);
    const state = { ...FIRST_STATE, pace, wantedPace: pace, resting: desired === "rest", smallerBatches: smaller };
    return { run: run.id, token, state, smallTokens: smaller ? microBatchTokens : null };
  }
}

function isTraining({ state }: Run): boolean {
  return state.process?.verb === "train";
}

function memoryTokens(run: Run): number | null {
  return rungAfter(run.rungs, taken(run)).microBatchTokens;
}

/** Rungs of the memory ladder that this run stands on. */
function taken({ state }: Run): number {
  return state.memoryKills + state.memoryEased;
}

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** Half of what a micro-batch holds now: the budget in force, or where rows are counted the mean of the newest steps. Null: too small already. */
function smallerThanUsual(run: Run): number | null {
  const { training } = run.plan;
  const { recent } = run.state;
  const usual = () => recent.reduce((sum, step) => sum + (step.paddedTokens ?? step.tokens), 0) / recent.length / training.gradient_accumulation_steps;
  const tokens = memoryTokens(run) ?? run.budget ?? (recent.length < STEPS_FOR_SIZE ? 0 : usual());
  const half = Math.floor(tokens / 2);
  return half >= LEAST_MICRO_BATCH_TOKENS ? half : null;
}

function give(run: Run, { action, pace, rest, smallerBatches }: Command, why: Why, smallTokens: number | null): void {
  const microBatchTokens = smallerBatches ? least(smallTokens, memoryTokens(run)) : memoryTokens(run);
  run.command({ pace, microBatchTokens, desired: rest ? "rest" : "run", why: "heat" });
  run.append({ type: "governed", action, pace, microBatchTokens, ...why });
}
