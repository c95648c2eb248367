/** Fault row 29: after a divergence the run is tried once more, learning more slowly. */
import { describe, expect, it } from "vitest";
import { gentler } from "../../electron/core/gentler.ts";
import { isRunId } from "../../electron/core/names.ts";
import { runPlanSchema } from "../../electron/core/plan.ts";
import { planOf } from "./plans.ts";

const NOW = Date.UTC(2026, 10, 23, 23, 0, 0);
const again = (learning_rate: number, warmup_steps: number, steps: number) =>
  gentler(planOf({ learning_rate, warmup_steps }), { now: NOW, random: () => 0.5, steps }).training;

describe("row 29: rate and warm-up", () => {
  it.each([
    [5e-5, 100, 5_600, 2e-5, 200],
    [2e-4, 100, 5_600, 8e-5, 200],
    [5e-5, 100, 1_500, 2e-5, 150],
    [5e-5, 6, 63, 2e-5, 6],
    [1e-3, 4, 63, 4e-4, 6],
    [5e-5, 0, 1_000, 2e-5, 0],
    // Longer than a tenth already: it is not made shorter.
    [5e-5, 100, 500, 2e-5, 100],
    [3e-6, 100, 5_600, 1.2e-6, 200],
  ])("%d and %i of %i steps become %d and %i", (rate, warmup, steps, newRate, newWarmup) => {
    const training = again(rate, warmup, steps);
    expect([training.learning_rate, training.warmup_steps]).toEqual([newRate, newWarmup]);
  });
});

it("is a whole plan of its own that names its parent; everything else stays", () => {
  const plan = planOf({ seed: 2 ** 31 - 1 });
  const child = gentler(plan, { now: NOW, random: () => 0.5, steps: 5_600 });
  expect(runPlanSchema.parse(JSON.parse(JSON.stringify(child)))).toEqual(child);
  expect(isRunId(child.id)).toBe(true);
  expect([child.parent, child.name, child.createdAt]).toEqual([plan.id, plan.name, NOW]);
  expect(child.id).not.toBe(plan.id);
  expect(child.training.seed).toBe(0);
  const { learning_rate, warmup_steps, seed } = plan.training;
  expect({ ...child, id: plan.id, parent: null, createdAt: plan.createdAt, training: { ...child.training, learning_rate, warmup_steps, seed } }).toEqual(plan);
});

it("a run.json from before there were children is read", () => {
  const { parent, ...old } = planOf();
  expect(parent).toBeNull();
  expect(runPlanSchema.parse(old)).toEqual({ ...old, parent: null });
});
