/**
 * When training, and the run, end: an 80 % interval from measured steps, or null wherever that would be a guess. A step costs a fixed part and a
 * part for each padded token (its batch's length); what is left of both is known from the plan; how the speed wanders is measured (level.ts).
 * Evaluations are added by the plan's rhythm, seals and early tests by theirs so far, answers, merge and export by what they are known to take.
 */
import { atTheComingPace, coolAgain } from "./evening/coming-pace.ts";
import { fitLevel, forecastVariance, towards } from "./evening/level.ts";
import type { StepTime } from "./evening/timing.ts";
import type { RunState } from "./state.ts";

export interface Interval {
  /** Unix ms, for people. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Seconds. */
export interface Duration {
  readonly mean: number;
  readonly variance: number;
}

/** Fewer steps than this say nothing about the next ones. */
export const STEPS_FOR_ETA = 5;
/** Two-sided 80 % of a normal distribution. */
const Z = 1.2816;
const BLOCKS = 16;
const LEAST_BLOCK = 3;
/** Before a run's own drift is seen: a standard deviation of so much of the speed over the whole training. */
const USUAL_DRIFT = 0.05;
/**
 * Other programs come and go within a minute or so and change the speed by about so much, until a run has seen its own: it averages out over a night,
 * not over a short run (chosen on 32 recorded runs of 20–400 s on a shared machine; docs/log.md). What a run has seen counts by its minutes: twenty
 * quiet seconds tell nothing of the next minute, however many steps were made in them.
 */
const COMPANY = 0.3;
const COMPANY_S = 60;
/** An evaluation's rhythm where the journal is too old to tell it and no second one was seen. */
const USUAL_EVAL_STEPS = 100;
/** A step that has taken longer than so many of the slowest seen: the machine slept, and the time is lost, not worked. */
const SLEPT_STEPS = 3;

/** Null when nothing trains, when it pauses or stops, or when fewer than `STEPS_FOR_ETA` steps were measured. */
export function trainingEnd(state: RunState, nowMs: number): Interval | null {
  const rest = restOf(state, nowMs);
  return rest && toInterval(rest.left, rest.beganMs, nowMs);
}

/** The whole run's end: training, then answers, merge, export. Null as `trainingEnd`, and once training is over. */
export function runEnd(state: RunState, nowMs: number): Interval | null {
  const rest = restOf(state, nowMs);
  return rest && toInterval(add(rest.left, afterTraining(state)), rest.beganMs, nowMs);
}

/** Null when `nowMs` is already past it: slower than anything measured, so unknown. */
function toInterval({ mean, variance }: Duration, beganMs: number, nowMs: number): Interval | null {
  // Durations are never negative and their long side is the long one: the interval is taken on a logarithmic scale, around what was measured.
  const factor = Math.exp(Z * Math.sqrt(Math.log(1 + variance / mean ** 2)));
  const fromMs = beganMs + (1000 * mean) / factor;
  const toMs = beganMs + 1000 * mean * factor;
  return toMs < nowMs ? null : { fromMs: Math.max(nowMs, fromMs), toMs };
}

/** What is left of training, and from where it is counted: the newest step, or (a new process loads, the machine slept) from now on. */
function restOf(state: RunState, nowMs: number): { readonly left: Duration; readonly beganMs: number } | null {
  const left = trainingLeft(state);
  const { step, timing } = state;
  if (!left || !step) return null;
  const slowest = timing.steps.reduce((most, one) => Math.max(most, one.wallSeconds), 0);
  const since = (nowMs - step.at) / 1000;
  const lost = timing.mark === null || since < 0 || since > SLEPT_STEPS * slowest + timing.besides + longestPause(timing.evaluations);
  return lost ? { left: add(left, coolAgain(timing.heldPace, left.mean, since)), beganMs: nowMs } : { left, beganMs: step.at };
}

function longestPause(evaluations: RunState["timing"]["evaluations"]): number {
  return evaluations.reduce((most, one) => Math.max(most, one.seconds), 0);
}

/** From the newest step on. Null where it cannot be said. */
export function trainingLeft(state: RunState): Duration | null {
  const { step, totalSteps, process, timing } = state;
  if (!step || process?.verb !== "train" || state.trained || state.asked.pause || state.asked.stop) return null;
  const remaining = totalSteps - step.step;
  const known = timing.steps.length >= STEPS_FOR_ETA || state.calibration !== null;
  if (!known || remaining < 0) return null;
  const steps =
    remaining === 0 ? { mean: 0.1, variance: 0.01 } : timing.steps.length < STEPS_FOR_ETA ? asCalibrated(state, remaining) : stepsLeft(state, remaining);
  const loading = timing.mark === null ? { mean: timing.loadSeconds ?? 10, variance: (timing.loadSeconds ?? 10) ** 2 / 4 } : { mean: 0, variance: 0 };
  return add(add(steps, loading), besidesLeft(state, remaining));
}

/** Before enough steps were made: what the measured shapes say they cost, which other programs and heat will change. */
function asCalibrated({ calibration, obeyed }: RunState, remaining: number): Duration {
  const mean = (remaining * (calibration?.secondsPerStep ?? 0)) / (obeyed?.pace ?? 1);
  return { mean, variance: (COMPANY * mean) ** 2 };
}

function stepsLeft(state: RunState, remaining: number): Duration {
  const steps = atTheComingPace(state);
  const cost = costOf(steps);
  const expected = Math.max(1e-3, cost.each * remaining + cost.perToken * paddedLeft(state, remaining));
  const size = Math.max(LEAST_BLOCK, Math.ceil(steps.length / BLOCKS));
  const ratios = blocksOf(steps, size).map((block) => sum(block, (one) => one.wallSeconds) / sum(block, (one) => cost.each + cost.perToken * one.paddedTokens));
  const residuals = steps.map((one) => one.wallSeconds / (cost.each + cost.perToken * one.paddedTokens) - 1);
  const noise = meanOf(residuals, (one) => one * one) / size;
  const level = fitLevel(ratios, { drift: USUAL_DRIFT ** 2 * (size / state.totalSteps), noise });
  // Estimated from few blocks, a variance is itself uncertain: Student's widening.
  const widen = 1 + 2 / ratios.length;
  const usual = meanOf(ratios, (ratio) => ratio);
  const wandered = meanOf(ratios, (ratio) => (ratio - usual) ** 2);
  const minutesSeen = sum(steps, (one) => one.wallSeconds) / COMPANY_S;
  const company = (towards(COMPANY ** 2, wandered, minutesSeen) * COMPANY_S) / (COMPANY_S + expected);
  const relative = Math.min(1, forecastVariance(level, remaining / size) * widen + company);
  return { mean: expected * level.mean, variance: (expected * level.mean) ** 2 * relative };
}

/** Oldest first, whole blocks counted from the newest step back. */
function blocksOf(steps: readonly StepTime[], size: number): StepTime[][] {
  const blocks: StepTime[][] = [];
  for (let end = steps.length; end >= size; end -= size) blocks.unshift(steps.slice(end - size, end));
  return blocks;
}

/** Seconds of a step = each + perToken × padded tokens; least squares, neither part negative. */
export function costOf(steps: readonly StepTime[]): { readonly each: number; readonly perToken: number } {
  const tokens = meanOf(steps, (one) => one.paddedTokens);
  const seconds = meanOf(steps, (one) => one.wallSeconds);
  const spread = meanOf(steps, (one) => (one.paddedTokens - tokens) ** 2);
  const together = meanOf(steps, (one) => (one.paddedTokens - tokens) * (one.wallSeconds - seconds));
  const most = tokens > 0 ? seconds / tokens : 0;
  const perToken = spread > 0 ? Math.min(most, Math.max(0, together / spread)) : 0;
  return { each: Math.max(0, seconds - perToken * tokens), perToken };
}

/** Padded tokens still to come: this epoch's rest exactly, further epochs as the plan says; as measured once the plan was revised. */
function paddedLeft({ prepared, revision, timing }: RunState, remaining: number): number {
  const seen = meanOf(timing.steps, (one) => one.paddedTokens);
  if (!prepared || prepared.stepsPerEpoch === 0) return seen * remaining;
  if (revision) return remaining * meanOf(timing.steps.filter((one) => one.step >= revision.fromStep).slice(-100), (one) => one.paddedTokens, seen);
  const each = prepared.paddedTokens / prepared.stepsPerEpoch;
  const { epoch } = timing;
  if (!epoch) return each * remaining;
  const inEpoch = Math.min(remaining, Math.max(0, prepared.stepsPerEpoch - epoch.steps));
  const restOfEpoch = Math.max(0, prepared.paddedTokens - epoch.paddedTokens);
  const whole = inEpoch === prepared.stepsPerEpoch - epoch.steps ? restOfEpoch : each * inEpoch;
  return whole + each * (remaining - inEpoch);
}

/** Training ends with the comparison of two evaluations (measured on 12 practice runs: 0.07–0.2 s). */
const COMPARING_S = 0.12;

/** Evaluations, and what checkpoints cost. */
function besidesLeft({ timing, totalSteps, step }: RunState, remaining: number): Duration {
  const { evaluations, checkpoints, evalSteps } = timing;
  const last = evaluations.at(-1);
  const seconds = meanOf(evaluations, (one) => one.seconds);
  const seen = last && evaluations.length > 1 ? Math.max(1, last.step - (evaluations.at(-2)?.step ?? 0)) : USUAL_EVAL_STEPS;
  const rhythm = evalSteps ?? seen;
  const ahead = last && last.step < totalSteps ? Math.ceil((totalSteps - last.step) / rhythm) : 0;
  // One that is due at this very step has not been journalled yet, and is ahead all the same.
  const spread = meanOf(evaluations, (one) => (one.seconds - seconds) ** 2) + (0.3 * seconds) ** 2;
  const atCheckpoints = checkpoints.steps > 0 ? (checkpoints.seconds / checkpoints.steps) * remaining : 0;
  const mean = ahead * seconds + atCheckpoints + COMPARING_S;
  return step === null ? { mean: 0, variance: 0 } : { mean, variance: ahead * spread + (ahead * seconds * 0.2) ** 2 + (atCheckpoints / 2) ** 2 };
}

/** Bytes a second that merge, hash, upload, quantisation and copy make together of the 16-bit model; stated, and wide. */
const COPY_BYTES_PER_SECOND = 30e6;
/** Beside that, merge, export and deploy take 1–4 s of a model that has no size to speak of (measured on 9 practice runs). */
const AROUND_FILES_S = 3;

/** Answers after training take as long as before it, give or take half (the same 9 runs: 0.4 to 2.3 times); the rest by the model's size. */
export function afterTraining({ phases, loaded }: RunState): Duration {
  const answers = phases.after.status === "skipped" ? 0 : (phases.before.seconds ?? 0);
  const files = AROUND_FILES_S + (2 * (loaded?.parameters ?? 0)) / COPY_BYTES_PER_SECOND;
  return { mean: answers + files, variance: (0.5 * answers) ** 2 + (0.6 * files) ** 2 };
}

function add(a: Duration, b: Duration): Duration {
  return { mean: a.mean + b.mean, variance: a.variance + b.variance };
}

function sum<T>(list: readonly T[], value: (item: T) => number): number {
  return list.reduce((total, item) => total + value(item), 0);
}

function meanOf<T>(list: readonly T[], value: (item: T) => number, otherwise = 0): number {
  return list.length === 0 ? otherwise : sum(list, value) / list.length;
}
