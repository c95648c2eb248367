/** What a calibration found, as figures a sentence can be made of. */
import type { EventOf } from "./events.ts";

/** Under this the plan was as fast: its own two measurements differ by as much. */
const FASTER = 1.05;

export interface Calibrated {
  /** Rows × tokens of a micro-batch of the longest row's length, and of the median row's. */
  readonly long: readonly [number, number];
  readonly short: readonly [number, number];
  /** How many times as fast as the plan; null where that would not fit, 1 where it is no faster. */
  readonly times: number | null;
}

export function calibrated({ microBatchTokens, longest, typical, secondsPerStep, planSecondsPerStep }: EventOf<"calibrated">): Calibrated {
  const rows = (length: number) => Math.max(1, Math.floor(microBatchTokens / Math.max(1, length)));
  const times = planSecondsPerStep === null || secondsPerStep === 0 ? null : planSecondsPerStep / secondsPerStep;
  return { long: [rows(longest), longest], short: [rows(typical), typical], times: times !== null && times < FASTER ? 1 : times };
}
