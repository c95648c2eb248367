/** The estimate of a plan's memory is within 20 % of MLX's own peak, on every plan that was run and measured. */
import { describe, expect, test } from "vitest";
import { FULL, type Training } from "../../electron/core/plan.ts";
import { type Architecture, adapterParameters, estimateMemory, GEMMA2_2B } from "../../electron/core/preflight/memory.ts";
import practice from "../../resources/practice/model/config.json";

/** resources/practice/model/config.json; its parameters as the journal of a run counts them. */
const PRACTICE: Architecture = {
  parameters: 180_800,
  layers: practice.num_hidden_layers,
  hidden: practice.hidden_size,
  intermediate: practice.intermediate_size,
  heads: practice.num_attention_heads,
  keyValueHeads: practice.num_key_value_heads,
  headSize: practice.head_dim,
  vocabulary: practice.vocab_size,
  softcap: true,
};

const BASE: Training = {
  ...FULL,
  max_seq_length: 128,
  lora_dropout: 0,
  load_in_4bit: false,
  dtype: "float32",
  gradient_checkpointing: false,
  micro_batch_tokens: 512,
  calibrate: false,
};

/** `mx.get_peak_memory()` in the last `memory` line of real practice runs; their longest row has 39 tokens. */
const MEASURED: readonly (readonly [string, Partial<Training>, number])[] = [
  ["the practice plan", {}, 27_532_284],
  ["half its token budget", { micro_batch_tokens: 256 }, 14_548_312],
  ["a quarter of it", { micro_batch_tokens: 128 }, 7_970_361],
  ["gradient checkpointing", { gradient_checkpointing: true }, 22_416_961],
  ["rank 32", { lora_r: 32 }, 28_353_598],
  ["shorter rows", { max_seq_length: 64 }, 26_159_293],
  ["a step of 32 rows", { micro_batch_size: 8 }, 27_760_272],
];

describe("against measured peaks", () => {
  test.each(MEASURED)("%s", (_name, change, peakBytes) => {
    const { peakBytes: estimate } = estimateMemory(PRACTICE, { ...BASE, ...change }, 39);
    expect(estimate / peakBytes).toBeGreaterThan(0.8);
    expect(estimate / peakBytes).toBeLessThan(1.2);
  });
});

describe("what it is made of", () => {
  test("trainable parameters as the trainer counts them", () => {
    expect(adapterParameters(PRACTICE, 16, BASE.target_modules)).toBe(38_912);
    expect(adapterParameters(PRACTICE, 32, BASE.target_modules)).toBe(77_824);
  });

  test("on 16 GB: 4 × 2048 needs its layers recomputed; one row at a time takes clearly less", () => {
    const gigabytes = (change: Partial<Training>) => estimateMemory(GEMMA2_2B, { ...FULL, calibrate: false, ...change }).peakBytes / 1e9;
    expect(gigabytes({ gradient_checkpointing: false })).toBeGreaterThan(16);
    expect(gigabytes({ micro_batch_size: 1 })).toBeLessThan(gigabytes({}) / 1.5);
    // What a calibration takes at least.
    expect(gigabytes({ calibrate: true })).toBe(gigabytes({ micro_batch_size: 1 }));
    expect(gigabytes({ micro_batch_size: 1, max_seq_length: 1024 })).toBeLessThan(0.67 * 16);
  });

  test("scores grow with the square of the length, and only where attention is soft-capped", () => {
    const scores = (length: number, softcap = true) => estimateMemory({ ...GEMMA2_2B, softcap }, { ...FULL, max_seq_length: length }).scoresBytes;
    expect(scores(2048) / scores(1024)).toBeCloseTo(4);
    expect(scores(2048, false)).toBe(0);
  });
});
