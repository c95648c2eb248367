/** `control.json`: the engine is its only writer, it is replaced whole, and the trainer reads it at each micro-batch. */
import { z } from "zod";
import { desiredSchema } from "./events.ts";

export const controlSchema = z.strictObject({
  v: z.literal(1),
  desired: desiredSchema,
  why: z.string(),
  /** Share of the time spent working, 1 = no rest. */
  pace: z.number().gt(0).max(1),
  /** Padded tokens a micro-batch may hold; null keeps the plan's. */
  microBatchTokens: z.number().int().positive().nullable(),
  /** Rows are cut at this many tokens; null keeps the plan's. Absent in files from before it existed. */
  maxSeqLength: z.number().int().positive().nullable().default(null),
  cacheLimitBytes: z.number().int().nonnegative().nullable(),
  /** Raised by one for each checkpoint asked for; the trainer journals the one it obeyed. */
  checkpointRequest: z.number().int().nonnegative(),
  /** Raised every 10 s by a living engine; the trainer ages it on its own monotonic clock. */
  lease: z.number().int().nonnegative(),
});
export type Control = z.infer<typeof controlSchema>;

export const LEASE_RAISE_MS = 10_000;
/** A lease this old means no engine; the keeper then starts one. */
export const LEASE_STALE_MS = 120_000;
/** The pace at most kept while no engine watches the heat. */
export const UNWATCHED_PACE = 0.8;

export const INITIAL_CONTROL: Control = {
  v: 1,
  desired: "run",
  why: "start",
  pace: 1,
  microBatchTokens: null,
  maxSeqLength: null,
  cacheLimitBytes: null,
  checkpointRequest: 0,
  lease: 1,
};
