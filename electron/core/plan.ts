/**
 * `run.json`: the plan of one run, frozen at start. Every value training depends on stands in it, defaults included.
 * Training keys are Hugging Face's (`TrainingArguments`, PEFT's `LoraConfig`), because that is what people know.
 */
import { z } from "zod";
import { originSchema } from "./origin.ts";
import { limitsSchema } from "./verdict/limits.ts";

export const trainingSchema = z.strictObject({
  max_seq_length: z.number().int().min(16).max(8192),
  lora_r: z.number().int().min(1).max(256),
  lora_alpha: z.number().positive().max(1024),
  lora_dropout: z.number().min(0).max(0.9),
  target_modules: z.array(z.enum(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])).min(1),
  micro_batch_size: z.number().int().min(1).max(256),
  gradient_accumulation_steps: z.number().int().min(1).max(256),
  learning_rate: z.number().positive().max(1),
  lr_scheduler_type: z.enum(["linear", "cosine", "constant"]),
  warmup_steps: z.number().int().min(0),
  weight_decay: z.number().min(0).max(1),
  /** Global norm; 0 turns clipping off. */
  max_grad_norm: z.number().min(0),
  num_train_epochs: z.number().positive().max(100),
  /** −1: as many as the epochs need. */
  max_steps: z.number().int().min(-1),
  load_in_4bit: z.boolean(),
  dtype: z.enum(["float32", "float16", "bfloat16"]),
  optim: z.enum(["adamw_8bit", "adamw"]),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  /** Loss on the answer's tokens only; the prompt gets label −100. */
  train_on_answer_only: z.boolean(),
  gradient_checkpointing: z.boolean(),
  save_steps: z.number().int().min(1),
  save_minutes: z.number().positive(),
  eval_steps: z.number().int().min(1),
  /** MLX buffer cache; unlimited it swaps on 16 GB. */
  cache_limit_bytes: z.number().int().min(0),
  /** Padded tokens a micro-batch may hold; null cuts by micro_batch_size. Plans from before it have no such key. */
  micro_batch_tokens: z.number().int().min(16).max(1_048_576).nullable().default(null),
  /** Before step 1 measures which budget is fastest on this machine and fits in its memory, and takes it in place of `micro_batch_tokens`. */
  calibrate: z.boolean().default(false),
  /** Ends when the held-out loss was worse than the best twice in a row, instead of only saying so. */
  early_stop: z.boolean().default(false),
});
export type Training = z.infer<typeof trainingSchema>;

/** The prompt format that train, answer and Ollama share: prefix + system + question + middle + answer + end. */
export const formatSchema = z.strictObject({
  family: z.literal("gemma2"),
  bos: z.string(),
  userPrefix: z.string(),
  modelPrefix: z.string(),
  turnEnd: z.string(),
  stops: z.array(z.string()),
  system: z.string(),
});
export type Format = z.infer<typeof formatSchema>;

export const promptSchema = z.strictObject({
  id: z.string(),
  category: z.string(),
  text: z.string(),
  /** The language an answer has to be in. */
  language: z.enum(["en", "tr"]).optional(),
  /** Words an answer has to hold at least one of, or none of; whole words, `bulun*` for a stem. */
  expect: z.strictObject({ any: z.array(z.string().min(1)).max(20).optional(), none: z.array(z.string().min(1)).max(20).optional() }).optional(),
  /** It asks for what only training can teach: who the model is. */
  persona: z.boolean().optional(),
});
export type Prompt = z.infer<typeof promptSchema>;

export const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(2),
  top_p: z.number().gt(0).max(1),
  top_k: z.number().int().min(1),
  repeat_penalty: z.number().positive(),
  num_ctx: z.number().int().min(128),
});

export const deploySchema = z.strictObject({
  enabled: z.boolean(),
  as: z.string(),
  quantize: z.enum(["auto", "q4_K_M", "q8_0", "f16"]),
  parameters: samplingSchema,
});

/** What follows when this run's gate says GO: the next phase of its campaign (campaign.ts). All that is not named here is as in this plan. */
export const nextSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(["practice", "quick", "full"]),
  rows: z.number().int().positive().nullable(),
  training: trainingSchema,
  limits: limitsSchema,
  deploy: deploySchema,
  /** It works only in this window of local time; null: at once. */
  window: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
});

export const runPlanSchema = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  name: z.string(),
  campaign: z.string(),
  /** The run that diverged and is tried again, more gently, with this plan. */
  parent: z.string().nullable().default(null),
  /** Plans from before it was recorded have none. */
  from: originSchema.nullable().default(null),
  kind: z.enum(["practice", "quick", "full"]),
  createdAt: z.number().int(),
  data: z.strictObject({
    train: z.string(),
    heldOut: z.string().nullable(),
    /** Used only where no held-out file is named. */
    heldOutShare: z.number().gt(0).lt(0.9),
    /** A seeded sample of this many rows, in proportion to the categories; null is all. */
    rows: z.number().int().positive().nullable(),
    /** Skip rows that cannot be used (and count them) instead of refusing the file. */
    skipBadRows: z.boolean(),
  }),
  model: z.strictObject({ source: z.string(), local: z.boolean() }),
  format: formatSchema,
  training: trainingSchema,
  answers: z.strictObject({
    prompts: z.array(promptSchema).max(200),
    maxTokens: z.number().int().min(1).max(2048),
    /** How often each persona prompt is asked again with sampling. */
    personaRepeats: z.number().int().min(0).max(10).default(0),
    /** Held-out questions that are asked before and after, and compared with their rows' answers. */
    knowledge: z.number().int().min(0).max(100).default(0),
    /** Prompts asked at each checkpoint while training. */
    early: z.array(z.string()).max(8).default([]),
  }),
  /** The Ollama model in daily use, asked the same prompts. */
  baseline: z.string().nullable().default(null),
  deploy: deploySchema,
  /** What the gate asks for; plans from before it have none and are judged by their kind's. */
  limits: limitsSchema.optional(),
  next: nextSchema.nullable().default(null),
});
export type RunPlan = z.infer<typeof runPlanSchema>;

const ALL_PROJECTIONS: Training["target_modules"] = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

/** The user's preset values (docs/product.md). Values they do not state are stated here. */
export const FULL: Training = {
  max_seq_length: 2048,
  lora_r: 16,
  lora_alpha: 32,
  lora_dropout: 0.1,
  target_modules: ALL_PROJECTIONS,
  micro_batch_size: 4,
  gradient_accumulation_steps: 4,
  learning_rate: 5e-5,
  lr_scheduler_type: "linear",
  warmup_steps: 100,
  weight_decay: 0.001,
  max_grad_norm: 1,
  num_train_epochs: 3,
  max_steps: -1,
  load_in_4bit: true,
  dtype: "float16",
  optim: "adamw_8bit",
  seed: 3407,
  train_on_answer_only: true,
  gradient_checkpointing: true,
  save_steps: 500,
  save_minutes: 20,
  eval_steps: 100,
  cache_limit_bytes: 256 * 1024 * 1024,
  micro_batch_tokens: null,
  calibrate: true,
  early_stop: false,
};

/** 1,000 rows at 16 are 63 steps an epoch: a warm-up of 100 or a checkpoint every 500 would never end or never come. */
export const QUICK: Training = { ...FULL, num_train_epochs: 1, warmup_steps: 6, save_steps: 25, eval_steps: 20 };

export const SAMPLING: z.infer<typeof samplingSchema> = {
  temperature: 0.8,
  top_p: 0.9,
  top_k: 40,
  repeat_penalty: 1.1,
  num_ctx: 4096,
};

export const GEMMA2: Omit<Format, "system"> = {
  family: "gemma2",
  bos: "<bos>",
  userPrefix: "<start_of_turn>user\n",
  modelPrefix: "<start_of_turn>model\n",
  turnEnd: "<end_of_turn>\n",
  stops: ["<end_of_turn>"],
};

/** The text the model sees before it answers; the same bytes in training, in answers and in Ollama's template. */
export function promptText(format: Format, question: string): string {
  const system = format.system ? `${format.system}\n\n` : "";
  return `${format.bos}${format.userPrefix}${system}${question}${format.turnEnd}${format.modelPrefix}`;
}

/** Ollama's template for the same bytes; Ollama puts `<bos>` in front by itself. */
export function ollamaTemplate(format: Format): string {
  return (
    `${format.userPrefix}{{ if .System }}{{ .System }}\n\n{{ end }}{{ .Prompt }}${format.turnEnd}` + `${format.modelPrefix}{{ .Response }}${format.turnEnd}`
  );
}

/** Steps a plan will make, as `prepare` computes it too (a test holds the two equal). */
export function plannedSteps(training: Training, rows: number): number {
  if (training.max_steps > 0) return training.max_steps;
  const perStep = training.micro_batch_size * training.gradient_accumulation_steps;
  return Math.max(1, Math.ceil(Math.ceil(rows / perStep) * training.num_train_epochs));
}
