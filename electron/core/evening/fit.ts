/** "Fit to 06:00": how long a plan takes before it has begun, and what to cut so that it ends in its window. Nothing is cut without being asked. */
import type { Duration } from "../eta.ts";
import { evalSteps } from "./cut.ts";

export interface Workload {
  readonly rows: number;
  readonly epochs: number;
  /** Padded tokens of one epoch. */
  readonly tokensPerEpoch: number;
  /** One held-out evaluation, in tokens, and how many there are. */
  readonly tokensPerEvaluation: number;
  readonly evaluations: number;
  /** Answers, merge, export, loading. */
  readonly besides: Duration;
}

/** Padded tokens a second of training. */
export interface Speed {
  readonly tokensPerSecond: number;
  /** Standard deviation of its logarithm: how far off it may be. */
  readonly spread: number;
  readonly source: "measured" | "estimated";
}

export type Cut =
  | { readonly cut: "evaluations"; readonly to: number }
  | { readonly cut: "epochs"; readonly to: number }
  | { readonly cut: "rows"; readonly to: number };

export interface Fit {
  /** The plan as it is. */
  readonly forecast: Duration;
  readonly fits: boolean;
  /** Gentlest first, each to be made after those before it; empty when it fits as it is. */
  readonly cuts: readonly Cut[];
  /** With the cuts made. */
  readonly after: Duration;
  /** Whether even the last cut is enough. */
  readonly possible: boolean;
}

/** Forward only, against forward and backward: a third of the work (Kaplan et al. 2020, table 1: 2N against 6N). */
const EVALUATION_COST = 1 / 3;
/** One-sided 90 %. */
const Z = 1.2816;
const MEASURED_SPREAD = 0.08;
const ESTIMATED_SPREAD = 0.35;
/** Half of them: before and after are what the verdict needs. */
const LEAST_EVALUATIONS = 2;
const LEAST_ROWS = 100;
const LEAST_EPOCHS = 1;

/**
 * Useful tokens a second of a 2-billion-parameter model in 4 bit on a base M2 are reported as 130–200 (docs/facts.md); padding counts as work, and
 * work grows with the parameters. A measured run of the same model on this machine is always better.
 */
export function estimateSpeed(parameters: number): Speed {
  return { tokensPerSecond: (165 * 2.6e9) / Math.max(1e6, parameters), spread: ESTIMATED_SPREAD, source: "estimated" };
}

export function measuredSpeed(tokensPerSecond: number): Speed {
  return { tokensPerSecond, spread: MEASURED_SPREAD, source: "measured" };
}

/** Seconds. */
export function forecastWork(work: Workload, speed: Speed): Duration {
  const tokens = work.epochs * work.tokensPerEpoch + work.evaluations * work.tokensPerEvaluation * EVALUATION_COST;
  const seconds = tokens / speed.tokensPerSecond;
  return { mean: seconds + work.besides.mean, variance: (seconds * speed.spread) ** 2 + work.besides.variance };
}

/** So long it takes in nine nights of ten at most. */
export function latestSeconds({ mean, variance }: Duration): number {
  const spread = Math.sqrt(Math.log(1 + variance / mean ** 2));
  return mean * Math.exp(Z * spread);
}

export function fitTo(seconds: number, work: Workload, speed: Speed): Fit {
  const forecast = forecastWork(work, speed);
  const fitsIn = (one: Workload) => latestSeconds(forecastWork(one, speed)) <= seconds;
  const cuts: Cut[] = [];
  let now = work;
  for (const cut of [cutEvaluations, cutEpochs, cutRows]) {
    if (fitsIn(now)) break;
    const made = cut(now, fitsIn);
    if (!made) continue;
    cuts.push(made.cut);
    now = made.work;
  }
  return { forecast, fits: cuts.length === 0 && fitsIn(work), cuts, after: forecastWork(now, speed), possible: fitsIn(now) };
}

interface Made {
  readonly cut: Cut;
  readonly work: Workload;
}
type FitsIn = (work: Workload) => boolean;

/** The cuts as values of a plan, as `thortime run` takes them. */
export function cutFlags(cuts: readonly Cut[], work: Workload, stepsPerEpoch: number): readonly string[] {
  const epochs = cuts.find((one) => one.cut === "epochs")?.to ?? work.epochs;
  const rows = cuts.find((one) => one.cut === "rows")?.to ?? work.rows;
  const steps = Math.max(1, Math.ceil(stepsPerEpoch * epochs * (rows / work.rows)));
  return cuts.map((cut) => flagOf(cut, steps));
}

function flagOf({ cut, to }: Cut, steps: number): string {
  switch (cut) {
    case "evaluations":
      return `--set eval_steps=${evalSteps(to, steps)}`;
    case "epochs":
      return `--set num_train_epochs=${to}`;
    case "rows":
      return `--rows ${to}`;
  }
}

/** The most that fit, or as few as make sense. */
function cutEvaluations(work: Workload, fitsIn: FitsIn): Made | null {
  const to = most(LEAST_EVALUATIONS, work.evaluations - 1, (evaluations) => fitsIn({ ...work, evaluations }));
  return to === null ? null : { cut: { cut: "evaluations", to }, work: { ...work, evaluations: to } };
}

function cutEpochs(work: Workload, fitsIn: FitsIn): Made | null {
  const to = most(LEAST_EPOCHS, Math.ceil(work.epochs) - 1, (epochs) => fitsIn({ ...work, epochs }));
  return to === null ? null : { cut: { cut: "epochs", to }, work: { ...work, epochs: to } };
}

function cutRows(work: Workload, fitsIn: FitsIn): Made | null {
  const withRows = (rows: number) => ({ ...work, rows, tokensPerEpoch: (work.tokensPerEpoch * rows) / work.rows });
  const to = most(LEAST_ROWS, work.rows - 1, (rows) => fitsIn(withRows(rows)));
  return to === null ? null : { cut: { cut: "rows", to }, work: withRows(to) };
}

/** The greatest whole number of least…greatest for which `holds` (which only smaller ones can help), else `least`; null where there is none. */
function most(least: number, greatest: number, holds: (value: number) => boolean): number | null {
  if (greatest < least) return null;
  let [low, high] = [least, greatest];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
