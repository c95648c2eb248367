/** What the data doctor answers (`trainer/rows/inspect.py`): counts and places, and of the rows' text only the questions that contradict themselves. */
import { z } from "zod";

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);
const pair = z.object({ line: count, firstLine: count });
const leak = z.object({ line: count, trainLine: count });

const fileSchema = z.object({
  path: z.string(),
  bytes: count,
  rows: count,
  badRows: count,
  markedRows: count,
  bad: z.array(z.object({ kind: z.string(), count, examples: z.array(z.object({ line: count, reason: z.string() })) })),
  formats: counts,
  categories: counts,
  sources: counts,
  personal: z.record(z.string(), z.object({ finds: count, rows: count, lines: z.array(count) })),
  answerChars: z.object({ median: count, p95: count, max: count }),
  duplicates: z.object({ rows: count, examples: z.array(pair) }),
  tokens: z.object({ total: count }).loose().nullable(),
  languages: z.object({ looked: count, counts, mixed: z.array(count) }).nullable(),
});

export const inspectionSchema = z.object({
  /** Training first, then held-out where one was named. */
  files: z.array(fileSchema).min(1).max(2),
  conflicts: z.object({
    questions: count,
    rows: count,
    top: z.array(z.object({ question: z.string(), rows: count, answers: count, places: z.array(z.object({ file: count, line: count })) })),
  }),
  leaks: z.object({ pairs: count, questions: count, answers: count, examples: z.array(leak) }).nullable(),
  near: z
    .object({ rows: count, examples: z.array(pair), leaks: z.object({ rows: count, examples: z.array(leak) }), complete: z.boolean() })
    .loose()
    .nullable(),
  leftOut: z.array(z.object({ what: z.string(), why: z.string(), next: z.string() })),
  findings: z.array(z.object({ kind: z.string(), count, message: z.string(), next: z.string() })),
  expectation: z.object({
    /** In nats; spread over all answers, and over all supervised tokens where those were counted. */
    floor: z.object({ nats: z.number(), perAnswer: z.number().nullable(), perToken: z.number().nullable() }).loose(),
    message: z.string(),
  }),
  /** What was written where a corrected copy was asked for; `list` names every change. */
  fix: z
    .object({ files: z.array(z.object({ from: z.string(), to: z.string(), rows: count, changes: counts })), list: z.string(), changes: count })
    .loose()
    .nullable(),
});
export type Inspection = z.output<typeof inspectionSchema>;

/** What a corrected copy changes beyond what is always safe. */
export interface Fixing {
  readonly out: string;
  readonly conflicts: boolean;
  readonly near: boolean;
  readonly personal: boolean;
}

export interface Inspecting {
  readonly data: string;
  readonly heldOut: string | null;
  readonly near: boolean;
  readonly languages: boolean;
  readonly fix: Fixing | null;
}
