/**
 * What a plan will take of memory, before it runs. Weights + adapter and optimizer + the largest micro-batch's activations, attention scores
 * and logits. The parts are counted from the architecture (tensors kept for the backward pass); the counts of copies were measured with MLX's own
 * peak on practice runs of nine plans (tests/core/memory.test.ts holds them within 20 %). Not seen on a Mac yet.
 */
import type { Training } from "../plan.ts";

/** Gemma-2's shape, as config.json names it. */
export interface Architecture {
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Soft-capped attention forces the scores to be real tensors; fused attention keeps none. */
  readonly softcap: boolean;
}

export interface MemoryEstimate {
  readonly weightsBytes: number;
  readonly adapterBytes: number;
  readonly activationsBytes: number;
  readonly scoresBytes: number;
  readonly lossBytes: number;
  readonly cacheBytes: number;
  /** All of them: what is to be compared with the machine. */
  readonly peakBytes: number;
}

/** 4-bit weights in groups of 64 with a 16-bit scale and bias: 4.5 bits; embeddings stay in 16. */
const BITS_4 = 4.5;
const NUMBER_BYTES: Readonly<Record<Training["dtype"], number>> = { float32: 4, float16: 2, bfloat16: 2 };
/** Adapter in float32: the weight, its gradient, and moments (8-bit first, 32-bit second, or two of 32). */
const ADAPTER_BYTES = { adamw_8bit: 4 + 4 + 5, adamw: 4 + 4 + 8 } as const;
/** Tensors of a layer kept for its backward pass, in sizes of hidden, intermediate and scores. Measured. */
const HIDDEN_COPIES = 14;
const INTERMEDIATE_COPIES = 5;
const SCORE_COPIES = 3;
const ADAPTED_MODULES = 7;
/** Whole logits: as they come, capped, their exponentials and the gradients of these, in float32. Measured. */
const LOGIT_COPIES = 6;
/** The chunked loss holds one of about sixteen pieces of the vocabulary, and its gradient. */
const LOSS_CHUNKS = 16;
const CHUNK_COPIES = 2;
/** The trainer's own rule (`needs_chunks`). */
const WHOLE_LOGITS_BYTES = 64 * 1024 * 1024;

/** `longest`: tokens of the longest row, where it is known; else the plan's limit counts. */
export function estimateMemory(model: Architecture, training: Training, longest: number = training.max_seq_length): MemoryEstimate {
  const bytes = NUMBER_BYTES[training.dtype];
  const row = Math.min(longest, training.max_seq_length);
  const tokens = tokensOf(training, row);
  const { hidden, intermediate, layers, heads, vocabulary } = model;
  // Recomputed layers keep their input only; one of them at a time is whole.
  const whole = training.gradient_checkpointing ? 1 : layers;
  const inputs = training.gradient_checkpointing ? layers * hidden : 0;
  const perLayer = HIDDEN_COPIES * hidden + INTERMEDIATE_COPIES * intermediate + ADAPTED_MODULES * training.lora_r;
  const activationsBytes = tokens * bytes * (whole * perLayer + inputs);
  // Scores are row by row: tokens × the row's own length, in float32 for the softmax.
  const scoresBytes = model.softcap ? tokens * 4 * whole * SCORE_COPIES * heads * row : 0;
  const chunked = isChunked(training, vocabulary);
  const lossBytes = tokens * vocabulary * 4 * (chunked ? CHUNK_COPIES / LOSS_CHUNKS : LOGIT_COPIES);
  const weightsBytes = weightsOf(model, training.load_in_4bit, bytes);
  const adapterBytes = adapterParameters(model, training.lora_r, training.target_modules) * ADAPTER_BYTES[training.optim];
  const cacheBytes = training.cache_limit_bytes;
  const peakBytes = weightsBytes + adapterBytes + activationsBytes + scoresBytes + lossBytes;
  return { weightsBytes, adapterBytes, activationsBytes, scoresBytes, lossBytes, cacheBytes, peakBytes };
}

/** Of the largest micro-batch. A calibration takes what fits, and one longest row at least. */
function tokensOf({ calibrate, micro_batch_tokens: budget, micro_batch_size: rows }: Training, row: number): number {
  if (calibrate) return row;
  return budget === null ? rows * row : Math.max(budget, row);
}

function isChunked(training: Training, vocabulary: number): boolean {
  if (training.micro_batch_tokens === null || training.dtype !== "float32") return true;
  return Math.max(training.micro_batch_tokens, training.max_seq_length) * vocabulary * 4 > WHOLE_LOGITS_BYTES;
}

function weightsOf({ parameters, vocabulary, hidden }: Architecture, quantized: boolean, bytes: number): number {
  const embeddings = vocabulary * hidden;
  return quantized ? embeddings * 2 + ((parameters - embeddings) * BITS_4) / 8 : parameters * bytes;
}

/** LoRA adds r × (in + out) to each matrix it adapts. */
export function adapterParameters(model: Architecture, rank: number, modules: Training["target_modules"]): number {
  const { hidden, intermediate, heads, keyValueHeads, headSize } = model;
  const [query, keyValue] = [heads * headSize, keyValueHeads * headSize];
  const shapes: Readonly<Record<Training["target_modules"][number], number>> = {
    q_proj: hidden + query,
    k_proj: hidden + keyValue,
    v_proj: hidden + keyValue,
    o_proj: query + hidden,
    gate_proj: hidden + intermediate,
    up_proj: hidden + intermediate,
    down_proj: intermediate + hidden,
  };
  return model.layers * rank * modules.reduce((sum, name) => sum + shapes[name], 0);
}

/** google/gemma-2-2b's config.json. */
export const GEMMA2_2B: Architecture = {
  parameters: 2_614_341_888,
  layers: 26,
  hidden: 2304,
  intermediate: 9216,
  heads: 8,
  keyValueHeads: 4,
  headSize: 256,
  vocabulary: 256_000,
  softcap: true,
};
