/** One whole plan, as `run-start` makes it. */
import { parseCall } from "../../electron/core/api.ts";
import { makePlan } from "../../electron/core/make-plan.ts";
import type { RunPlan, Training } from "../../electron/core/plan.ts";

export function planOf(training: Partial<Training> = {}): RunPlan {
  const asked = parseCall("run-start", { name: "jessy", data: "d.jsonl", model: "m" });
  const clock = { now: () => Date.UTC(2026, 10, 23, 22, 0, 0), random: () => 0.25 };
  const plan = makePlan(asked, { clock, machine: { metal: true }, localModel: false, prompts: [] });
  // Cut as the values say: what a calibration would choose is no part of a plan.
  return { ...plan, training: { ...plan.training, calibrate: false, ...training } };
}
