/** The plan that follows a divergence: the same run from step 0, learning more slowly. */
import { runId } from "./names.ts";
import type { RunPlan } from "./plan.ts";

const RATE_FACTOR = 0.4;
const WARMUP_FACTOR = 2;
/** A longer warm-up than this share of the steps would leave too few at the full rate. */
const WARMUP_SHARE = 0.1;
const SEEDS = 2 ** 31;

/** 5e-5 × 0.4 is 2.0000000000000002e-5 in binary: what stands in the plan is what a person reads. */
const slower = (rate: number) => Number((rate * RATE_FACTOR).toPrecision(6));

export interface Rebirth {
  readonly now: number;
  random(): number;
  /** Optimizer steps of the whole run. */
  readonly steps: number;
}

export function gentler(plan: RunPlan, { now, random, steps }: Rebirth): RunPlan {
  const { learning_rate, warmup_steps, seed } = plan.training;
  const longest = Math.floor(steps * WARMUP_SHARE);
  return {
    ...plan,
    id: runId(plan.name, now, random),
    parent: plan.id,
    createdAt: now,
    training: {
      ...plan.training,
      learning_rate: slower(learning_rate),
      // Never shorter than it was: that would be the opposite of gentle.
      warmup_steps: Math.max(warmup_steps, Math.min(warmup_steps * WARMUP_FACTOR, longest)),
      seed: (seed + 1) % SEEDS,
    },
    // What diverged in the test would diverge in the night that follows it.
    next: plan.next && { ...plan.next, training: { ...plan.next.training, learning_rate: slower(plan.next.training.learning_rate) } },
  };
}
