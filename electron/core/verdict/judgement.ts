/** What a gate says, as a journal carries it. */
import { z } from "zod";

export const criterionSchema = z.enum([
  "trained",
  "first-loss",
  "last-loss",
  "loss-share",
  "held-out",
  "held-out-stable",
  "memory",
  "sound-answers",
  "expected-answers",
  "forgotten",
  "weakest-category",
  "technical-answers",
  "knowledge",
  "consistency",
  "in-window",
  "template-parity",
  "token-agreement",
  "loss-parity",
  "latency",
  "persona-repeats",
]);
export type CriterionName = z.infer<typeof criterionSchema>;
export const decisionSchema = z.enum(["go", "no-go", "your-call"]);
export type Decision = z.infer<typeof decisionSchema>;
export const leverSchema = z.enum([
  "gentler-rate",
  "higher-rate",
  "fewer-epochs",
  "more-epochs",
  "higher-rank",
  "more-data",
  "other-base",
  "smaller-micro-batch",
]);
export type Lever = z.infer<typeof leverSchema>;

export const checkSchema = z.enum(["not-empty", "ends-itself", "no-loop", "no-template", "language", "expected", "forbidden", "other-text"]);
export type CheckName = z.infer<typeof checkSchema>;

export const lineSchema = z.object({
  criterion: criterionSchema,
  /** Null where it is not known. Losses in nats per supervised token, memory in bytes, the rest shares 0..1. */
  value: z.number().nullable(),
  limit: z.number().nullable(),
  /** Null: unknown. */
  passed: z.boolean().nullable(),
  /** 95 % interval of `value`, where there is one. */
  low: z.number().optional(),
  high: z.number().optional(),
  /** The category that the value is of, where it is one's. */
  category: z.string().optional(),
  /** How many rows, answers or steps the value is of. */
  count: z.number().int().nonnegative(),
  /** The answers that failed, as prompt ids with what triggered it; at most `EVIDENCE_KEPT`. */
  evidence: z.array(z.object({ prompt: z.string(), check: checkSchema, text: z.string() })),
});
export type Line = z.infer<typeof lineSchema>;

/** Answers that pass every check, of those that were given. */
const countSchema = z.object({ passed: z.number().int().nonnegative(), of: z.number().int().nonnegative() });
export const categoryGradeSchema = z.object({
  category: z.string(),
  before: countSchema,
  after: countSchema,
  baseline: countSchema,
  /** Mean loss of the held-out rows of that category, in nats per supervised token. */
  heldOut: z.object({ before: z.number().nullable(), after: z.number().nullable(), rows: z.number().int().nonnegative() }).optional(),
});
export type CategoryGrade = z.infer<typeof categoryGradeSchema>;
export const earlyGradeSchema = countSchema.extend({ step: z.number().int().nonnegative() });
export type EarlyGrade = z.infer<typeof earlyGradeSchema>;

export const judgementSchema = z.object({
  decision: decisionSchema,
  lines: z.array(lineSchema),
  levers: z.array(leverSchema),
  /** Journals from before they were graded have none of these. */
  categories: z.array(categoryGradeSchema).optional(),
  early: z.array(earlyGradeSchema).optional(),
  /** The checkpoint that answered and is exported; null where training did not come to choose one. */
  taken: z
    .object({ step: z.number().int().nonnegative(), lastStep: z.number().int().nonnegative(), why: z.enum(["best", "newest"]) })
    .nullable()
    .optional(),
});
export type Judgement = z.infer<typeof judgementSchema>;
