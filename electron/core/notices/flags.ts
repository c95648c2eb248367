/**
 * Red flags of a night, each with its stated window, each silent on every recorded good run (tests/core/flags.test.ts). A flag is a warning to a
 * person; what is acted on by itself (heat, memory, divergence, silence) has its own rules elsewhere.
 */
import { costOf, trainingLeft } from "../eta.ts";
import type { StepTime } from "../evening/timing.ts";
import { toNumber } from "../events.ts";
import type { RunState } from "../state.ts";

export type FlagKind = "loss-rising" | "memory-growing" | "hot" | "slowing" | "slow" | "errors";

export interface Flag {
  readonly kind: FlagKind;
  readonly values: Readonly<Record<string, string>>;
}

/** What the engine knows besides the journal. */
export interface Surroundings {
  /** Seconds for which the temperature has been over red without a break; 0 when it is not, or is unknown. */
  readonly redSeconds: number;
  readonly celsius: number | null;
  /** Latest end of training as it was forecast before its first step, in seconds of training; null where none was made. */
  readonly forecastSeconds: number | null;
  /** Lines of the living process's log that only a defect writes (log-errors.ts). */
  readonly logErrors: number;
}

/** Steps of one look at the loss. Its medians are compared, so that single batches do not count. */
export const LOSS_WINDOW_STEPS = 40;
const LOSS_RISE = 1.1;
const LOSS_RISE_NATS = 0.05;
export const RED_S = 60;
/** Samples of memory (one each 10 steps) in each of the three parts that are compared. */
export const MEMORY_PART_SAMPLES = 5;
const MEMORY_RISE = 1.1;
const MEMORY_RISE_BYTES = 400e6;
/** Steps at the window's two ends whose cost by length is compared. */
export const SLOW_WINDOW_STEPS = 60;
/** Each end is at least so long: whoever uses the machine for a minute slows it down, and that is no flag. */
export const SLOW_WINDOW_S = 600;
const SLOWER = 1.5;
const OVER_FORECAST = 1.2;

export function flagsOf(state: RunState, around: Surroundings): readonly Flag[] {
  return [lossRising(state), memoryGrowing(state), hot(around), slowing(state.timing.steps), slow(state, around), errors(state, around)].filter(
    (flag) => flag !== null,
  );
}

/** Two windows in a row clearly over the best one before them. */
function lossRising({ timing }: RunState): Flag | null {
  const medians = windowsOf(timing.steps, LOSS_WINDOW_STEPS).map((window) => median(window.map((one) => toNumber(one.loss))));
  const [before, now] = medians.slice(-2);
  const best = Math.min(...medians.slice(0, -2));
  if (medians.length < 3 || before === undefined || now === undefined) return null;
  const limit = Math.max(best * LOSS_RISE, best + LOSS_RISE_NATS);
  return before > limit && now > limit ? { kind: "loss-rising", values: { from: figure(best), to: figure(now) } } : null;
}

/** Newest first, whole windows only; given back oldest first. */
function windowsOf(steps: readonly StepTime[], size: number): (readonly StepTime[])[] {
  const windows: (readonly StepTime[])[] = [];
  for (let end = steps.length; end >= size; end -= size) windows.unshift(steps.slice(end - size, end));
  return windows;
}

/** Grows in each of two thirds of the newest samples, and by enough to matter; the first samples of a process are its loading. */
function memoryGrowing({ timing }: RunState): Flag | null {
  const newest = timing.memories.slice(-3 * MEMORY_PART_SAMPLES);
  if (newest.length < 3 * MEMORY_PART_SAMPLES) return null;
  const [first = 0, second = 0, third = 0] = [0, 1, 2].map((part) => median(newest.slice(part * MEMORY_PART_SAMPLES, (part + 1) * MEMORY_PART_SAMPLES)));
  const steady = second > first * Math.sqrt(MEMORY_RISE) && third > second * Math.sqrt(MEMORY_RISE);
  return steady && third - first > MEMORY_RISE_BYTES ? { kind: "memory-growing", values: { from: gigabytes(first), to: gigabytes(third) } } : null;
}

function hot({ redSeconds, celsius }: Surroundings): Flag | null {
  return redSeconds >= RED_S && celsius !== null ? { kind: "hot", values: { celsius: String(Math.round(celsius)) } } : null;
}

/** The same work takes clearly longer than it did: medians of what a step costs by the length of its batch. */
function slowing(steps: readonly StepTime[]): Flag | null {
  const [first, last] = [steps.slice(0, SLOW_WINDOW_STEPS), steps.slice(-SLOW_WINDOW_STEPS)];
  const isShort = (window: readonly StepTime[]) => window.reduce((sum, one) => sum + one.wallSeconds, 0) < SLOW_WINDOW_S;
  if (steps.length < 2 * SLOW_WINDOW_STEPS || isShort(first) || isShort(last)) return null;
  const cost = costOf(steps);
  const ratio = (window: readonly StepTime[]) => median(window.map((one) => one.wallSeconds / (cost.each + cost.perToken * one.paddedTokens)));
  const times = ratio(last) / ratio(first);
  return times > SLOWER ? { kind: "slowing", values: { percent: String(Math.round((times - 1) * 100)) } } : null;
}

function slow(state: RunState, { forecastSeconds }: Surroundings): Flag | null {
  const left = trainingLeft(state);
  if (!left || forecastSeconds === null) return null;
  const done = state.timing.seconds;
  const whole = done + left.mean;
  return whole > forecastSeconds * OVER_FORECAST ? { kind: "slow", values: { percent: String(Math.round((whole / forecastSeconds - 1) * 100)) } } : null;
}

const ERRORS: ReadonlySet<string> = new Set(["crash", "memory-kill", "display-watchdog", "stalled", "unknown"]);
/** Of the training under way; older ones were told when they came. */
function errors(state: RunState, { logErrors }: Surroundings): Flag | null {
  const since = state.phases.train.startedAt ?? 0;
  const ends = state.happenings.filter(({ at, event }) => at >= since && event.type === "exited" && ERRORS.has(event.cause ?? "crash")).length;
  const count = ends + state.damages + logErrors;
  return count > 0 ? { kind: "errors", values: { count: String(count) } } : null;
}

export function newestLoss({ timing, step }: RunState): number | null {
  if (timing.steps.length === 0) return step ? toNumber(step.loss) : null;
  return median(timing.steps.slice(-10).map((one) => toNumber(one.loss)));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(value < 1 ? 2 : 1) : "NaN";
}

export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
