/** What a calibration found, as figures a sentence can be made of. */
import type { EventOf } from "./events.ts";
import type { RunState } from "./state.ts";

/** Under this the plan was as fast: its own two measurements differ by as much. */
const FASTER = 1.05;
/** Tokens processed for each real one where rows are cut by length (docs/performance.md: 0.97 of them are real on the user's rows, 0.93 on others). */
const CUT_BY_LENGTH = 1.08;

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

type Cut = Pick<RunState, "prepared" | "calibration">;

/** Of an epoch: as it is cut, or, where the fastest cut has yet to be measured, as sparing as the test before it was, or as is usual. */
export function expectedPaddedTokens({ prepared, calibration }: Cut, calibrate: boolean, before: Cut | null): number {
  if (!prepared) return 0;
  if (!calibrate || calibration) return prepared.paddedTokens;
  const share = before?.calibration && before.prepared ? before.prepared.paddedTokens / Math.max(1, before.prepared.tokens) : CUT_BY_LENGTH;
  return Math.min(prepared.paddedTokens, Math.round(prepared.tokens * share));
}
