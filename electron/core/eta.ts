/** When training ends, as an interval: from the newest steps only, and null wherever that would be a guess. */
import type { RunState } from "./state.ts";

export interface Interval {
  /** Unix ms, for people. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fewer steps than this say nothing about the next ones. */
export const STEPS_FOR_ETA = 5;
/** Checkpoints and held-out evaluations stand between steps and are not in the steps' seconds: the upper end allows for them. */
const ALLOWANCE = 1.06;
/** Two-sided 90 % of a normal distribution; the sum of many steps is close to one. */
const Z = 1.645;

/**
 * The end of training, counted from the newest step. Null when nothing trains, when fewer than `STEPS_FOR_ETA` steps were seen
 * since the last (re)start, or when `nowMs` is already past the interval (the run is slower than its newest steps: unknown).
 */
export function trainingEnd(state: RunState, nowMs: number): Interval | null {
  const { step, recent, totalSteps, process } = state;
  if (!step || process?.verb !== "train" || state.trained || state.asked.pause || state.asked.stop) return null;
  const remaining = totalSteps - step.step;
  if (recent.length < STEPS_FOR_ETA || remaining < 0) return null;
  const { low, high } = sumOfNext(
    recent.map((one) => one.seconds + one.restSeconds),
    remaining,
  );
  const fromMs = step.at + low * 1000;
  const toMs = step.at + high * ALLOWANCE * 1000;
  return toMs < nowMs ? null : { fromMs: Math.max(fromMs, nowMs), toMs };
}

/** Interval for the sum of `count` further values: their own spread, and that the mean itself is estimated from few. */
function sumOfNext(values: readonly number[], count: number): { low: number; high: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = Z * Math.sqrt(variance * (count + count ** 2 / n));
  return { low: Math.max(0, count * mean - half), high: count * mean + half };
}
