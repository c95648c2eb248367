/**
 * The memory ladder: what training does with less after it was ended for want of memory. Each rung keeps the rows, their order and the
 * effective batch; only the last one, shorter rows, changes the loss. After the last rung a person is asked.
 */
/** Of a plan's training values. `micro_batch_tokens` is a budget the plan itself may state; without it a micro-batch is so many rows. */
export interface Batching {
  readonly micro_batch_size: number;
  readonly max_seq_length: number;
  readonly micro_batch_tokens?: number | null;
}

export interface Rung {
  /** Padded tokens a micro-batch may hold; null is the plan's own. */
  readonly microBatchTokens: number | null;
  readonly maxSeqLength: number | null;
}

export const SHORT_ROW_TOKENS = 1024;
const PLAN: Rung = { microBatchTokens: null, maxSeqLength: null };

/** Few (its size is a logarithm), the gentlest last: half the micro-batch again and again down to one longest row, then rows of 1,024 tokens. */
export function memoryLadder({ micro_batch_size, max_seq_length, micro_batch_tokens }: Batching): readonly Rung[] {
  const rungs: Rung[] = [];
  for (let tokens = micro_batch_tokens ?? micro_batch_size * max_seq_length; tokens > max_seq_length; ) {
    tokens = Math.max(max_seq_length, Math.floor(tokens / 2));
    rungs.push({ microBatchTokens: tokens, maxSeqLength: null });
  }
  if (max_seq_length > SHORT_ROW_TOKENS) rungs.push({ microBatchTokens: SHORT_ROW_TOKENS, maxSeqLength: SHORT_ROW_TOKENS });
  return rungs;
}

/** The rung taken before anything is killed: only one that keeps the loss. Null where there is none left. */
export function easierRung(rungs: readonly Rung[], taken: number): Rung | null {
  const rung = rungs[taken];
  return rung && rung.maxSeqLength === null ? rung : null;
}

/** Where a run stands after so many kills for memory; past the end of the ladder it stays on the last rung. */
export function rungAfter(rungs: readonly Rung[], memoryKills: number): Rung {
  return rungs[Math.min(memoryKills, rungs.length) - 1] ?? PLAN;
}
