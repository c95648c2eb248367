/** What a run went through, counted: the list of happenings keeps its newest lines only, and a morning asks about the whole night. */
import type { Cause, Event, EventOf } from "./events.ts";

export interface Tally {
  /** How processes ended, by cause. */
  readonly ends: Readonly<Partial<Record<Cause, number>>>;
  /** Rests for heat that the governor ordered. */
  readonly rests: number;
  /** Pauses that a person asked for, or that a window or the battery made. */
  readonly pauses: number;
  /** How often training went on from a checkpoint. */
  readonly resumes: number;
  readonly refusedCheckpoints: number;
  readonly fullDisks: number;
  readonly stalls: number;
  /** Of the machine, from looks in which they were known; null where none was. */
  readonly swapFirstBytes: number | null;
  readonly swapPeakBytes: number | null;
  readonly memoryPeakBytes: number | null;
}

export const NO_TALLY: Tally = {
  ends: {},
  rests: 0,
  pauses: 0,
  resumes: 0,
  refusedCheckpoints: 0,
  fullDisks: 0,
  stalls: 0,
  swapFirstBytes: null,
  swapPeakBytes: null,
  memoryPeakBytes: null,
};

export function foldTally(tally: Tally, event: Event): Tally {
  switch (event.type) {
    case "exited":
      return event.cause ? { ...tally, ends: { ...tally.ends, [event.cause]: (tally.ends[event.cause] ?? 0) + 1 } } : tally;
    case "governed":
      return event.action === "rest" ? { ...tally, rests: tally.rests + 1 } : tally;
    case "asked":
      return event.command === "pause" ? { ...tally, pauses: tally.pauses + 1 } : tally;
    case "resumed":
      return event.fromStep > 0 ? { ...tally, resumes: tally.resumes + 1 } : tally;
    case "checkpoint-refused":
      return { ...tally, refusedCheckpoints: tally.refusedCheckpoints + 1 };
    case "space-needed":
      return { ...tally, fullDisks: tally.fullDisks + 1 };
    case "stalled":
      return event.stage === 1 ? { ...tally, stalls: tally.stalls + 1 } : tally;
    case "conditions":
      return looked(tally, event);
    default:
      return tally;
  }
}

function looked(tally: Tally, { swapUsedBytes, memoryUsedBytes }: EventOf<"conditions">): Tally {
  return {
    ...tally,
    swapFirstBytes: tally.swapFirstBytes ?? swapUsedBytes,
    swapPeakBytes: most(tally.swapPeakBytes, swapUsedBytes),
    memoryPeakBytes: most(tally.memoryPeakBytes, memoryUsedBytes),
  };
}

function most(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
