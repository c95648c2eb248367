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
  /** How many rows, answers or steps the value is of. */
  count: z.number().int().nonnegative(),
  /** The answers that failed, as prompt ids with what triggered it; at most `EVIDENCE_KEPT`. */
  evidence: z.array(z.object({ prompt: z.string(), check: checkSchema, text: z.string() })),
});
export type Line = z.infer<typeof lineSchema>;

export const judgementSchema = z.object({ decision: decisionSchema, lines: z.array(lineSchema), levers: z.array(leverSchema) });
export type Judgement = z.infer<typeof judgementSchema>;
