/** What a gate asks for. The person's thresholds (docs/product.md) are the defaults of their campaign; every one can be set, null leaves it out. */
import { z } from "zod";

const share = z.number().min(0).max(1);

export const limitsSchema = z.strictObject({
  /** The first step's loss has to be above this: a lower one means that the model knew the data already. */
  firstLossAbove: z.number().nullable(),
  /** Mean loss of the last steps. */
  lastLossBelow: z.number().nullable(),
  /** Mean loss of the last steps ÷ the first step's. */
  lastLossShare: share.nullable(),
  memoryBelowBytes: z.number().int().positive().nullable(),
  /** The loss on held-out rows has to be better than before, and not to have risen again. Plans from before it existed ask for it. */
  heldOut: z.boolean().default(true),
  /** Share of the answers after training that are sound: some text, ended by itself, no loop, no template, right language. */
  soundAnswers: share.nullable(),
  /** Share of the prompts that name what an answer has to say, and whose answer after training says it. */
  expectedAnswers: share.nullable(),
  /** Share of the general prompts that the base model answered well and the trained one does not: what it forgot. */
  forgotten: share.nullable(),
  /** Share of sound and right answers in the category that has fewest. Plans from before it existed ask for none, nor for the next three. */
  weakestCategory: share.nullable().default(null),
  /** That share among the technical prompts, after − before, has to be at least this. */
  technicalGain: z.number().min(-1).max(1).nullable().default(null),
  /** Overlap with the rows' own answers to held-out questions (chrF), after − before, has to be above this. */
  knowledgeAbove: z.number().min(-1).max(1).nullable().default(null),
  /** Share of the persona prompts that are answered soundly and rightly however often they are asked. */
  consistency: share.nullable().default(null),
  /** Least agreement of adapter and quantised model, token by token. Plans from before it existed ask for none, nor for the next two. */
  tokenAgreement: share.nullable().default(null),
  /** Time to an answer in Ollama, the model loaded. */
  latencyBelowSeconds: z.number().positive().nullable().default(null),
  /** Share of the repeated, sampled answers to persona prompts that say who the model is. */
  personaRepeats: share.nullable().default(null),
  /** Hours of training, with rests and pauses: that it ended in its window. */
  hoursBelow: z.number().positive().nullable().default(null),
});
export type Limits = z.infer<typeof limitsSchema>;
export type LimitKey = keyof Limits;
export const LIMIT_KEYS: readonly LimitKey[] = limitsSchema.keyof().options;

const GIGABYTE = 1e9;

export const LIMITS: Readonly<Record<"practice" | "quick" | "full", Limits>> = {
  practice: {
    firstLossAbove: null,
    lastLossBelow: 1,
    lastLossShare: 0.5,
    memoryBelowBytes: null,
    heldOut: true,
    soundAnswers: 0.9,
    expectedAnswers: 0.75,
    forgotten: null,
    weakestCategory: 0.5,
    technicalGain: 0,
    knowledgeAbove: 0,
    consistency: 0.5,
    tokenAgreement: 0.99,
    latencyBelowSeconds: null,
    personaRepeats: null,
    hoursBelow: null,
  },
  quick: {
    firstLossAbove: 2,
    lastLossBelow: 1,
    lastLossShare: null,
    memoryBelowBytes: 12 * GIGABYTE,
    heldOut: true,
    soundAnswers: 0.9,
    expectedAnswers: 0.75,
    forgotten: 0.25,
    weakestCategory: null,
    technicalGain: null,
    knowledgeAbove: null,
    consistency: 0.75,
    tokenAgreement: 0.9,
    latencyBelowSeconds: 3,
    personaRepeats: 1,
    hoursBelow: null,
  },
  full: {
    firstLossAbove: null,
    lastLossBelow: 0.8,
    lastLossShare: null,
    memoryBelowBytes: 12 * GIGABYTE,
    heldOut: true,
    soundAnswers: 0.9,
    expectedAnswers: 0.9,
    forgotten: 0.25,
    weakestCategory: 0.5,
    technicalGain: 0,
    knowledgeAbove: 0,
    consistency: 0.75,
    tokenAgreement: 0.9,
    latencyBelowSeconds: 3,
    personaRepeats: 1,
    hoursBelow: null,
  },
};
