/** What is asked of a candidate in Ollama before it may serve, as a journal carries it. The limits are those of the plan at that time. */
import { z } from "zod";
import { checkSchema } from "./judgement.ts";

const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();

/** Where two texts part: what stands there in each, and from which character on. */
export const differenceSchema = z.object({ prompt: z.string(), at: count, expected: z.string(), found: z.string() });
export type Difference = z.infer<typeof differenceSchema>;

export const paritySchema = z.object({
  name: z.string(),
  quantization: z.string(),
  template: z.object({
    /** The same bytes as in training, for every question asked. */
    same: z.boolean(),
    /** "rendered": Ollama showed what the model gets; "text": it could not, and its template's own text was compared. */
    by: z.enum(["rendered", "text"]),
    checked: count,
    difference: differenceSchema.optional(),
  }),
  /** Prompts that Ollama cuts into another number of tokens than the trainer. */
  otherTokens: count,
  /** Share of the places at which both models hold the same token likeliest, given the same text before it; null: unknown, see `why`. */
  agreement: z.number().nullable(),
  /** Share of the tokens that stand before an answer's first difference: what a reader of greedy answers would see to be equal. */
  greedy: z.number().nullable(),
  answers: count,
  tokens: count,
  /** Nats per token of the adapter's own answers, end tokens left out; null: unknown. */
  adapterLoss: z.number().nullable(),
  ggufLoss: z.number().nullable(),
  lossTokens: count,
  /** Places where the two part; at most `DIFFERENCES_KEPT`. */
  evidence: z.array(differenceSchema),
  /** Least agreement; null: none was asked for. */
  limit: z.number().nullable(),
  why: z.string().optional(),
  seconds,
});
export type Parity = z.infer<typeof paritySchema>;

/** Time to the whole answer, the model loaded already, a prompt that it has not seen. */
export const latencySchema = z.object({
  name: z.string(),
  promptTokens: count,
  answerTokens: count,
  /** Median of `runs`. */
  seconds,
  runs: z.array(seconds),
  /** Apart from the rest: the first question of a morning waits for it once. */
  loadSeconds: seconds,
  limitSeconds: z.number().nullable(),
});

/** Each persona prompt asked again and again, with the sampling the model will serve with and other seeds. */
export const personaSchema = z.object({
  name: z.string(),
  prompts: count,
  asked: count,
  passed: count,
  evidence: z.array(z.object({ prompt: z.string(), check: checkSchema, text: z.string() })),
  /** Least share that has to pass; null: none was asked for. */
  limit: z.number().nullable(),
  seconds,
});

export const DIFFERENCES_KEPT = 8;
