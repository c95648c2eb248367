/** "Try again with…": each lever changes what it says and nothing else, and has an end. */
import { describe, expect, it } from "vitest";
import { againPlan } from "../../electron/core/again.ts";
import { parseCall } from "../../electron/core/api.ts";
import { FaultError } from "../../electron/core/faults.ts";
import { LEVER_NEEDS, pullLever, suggestedLever } from "../../electron/core/levers.ts";
import { isRunId } from "../../electron/core/names.ts";
import { runPlanSchema, type Training } from "../../electron/core/plan.ts";
import { type Lever, leverSchema } from "../../electron/core/verdict/judgement.ts";
import { planOf } from "./plans.ts";

const pull = (lever: Lever, value: string | null = null, training: Partial<Training> = {}) => pullLever(planOf(training), { lever, value });

function changed(lever: Lever, value: string | null = null, training: Partial<Training> = {}): Record<string, unknown> {
  const [before, after] = [planOf(training), pull(lever, value, training)];
  expect(runPlanSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after);
  expect({ ...after, training: before.training }).toEqual(before);
  const entries = Object.entries(after.training) as [keyof Training, unknown][];
  return Object.fromEntries(entries.filter(([key, now]) => JSON.stringify(now) !== JSON.stringify(before.training[key])));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FaultError) return error.fault.kind;
    throw error;
  }
  return "none";
}

describe("by itself", () => {
  it.each<[Lever, Partial<Training>, Record<string, unknown>]>([
    ["gentler-rate", { learning_rate: 5e-5 }, { learning_rate: 2e-5 }],
    ["higher-rate", { learning_rate: 5e-5 }, { learning_rate: 1e-4 }],
    ["more-epochs", { num_train_epochs: 3 }, { num_train_epochs: 5 }],
    ["more-epochs", { num_train_epochs: 5 }, { num_train_epochs: 7 }],
    ["more-epochs", { num_train_epochs: 2, max_steps: 160 }, { num_train_epochs: 5, max_steps: 400 }],
    ["fewer-epochs", { num_train_epochs: 3 }, { num_train_epochs: 2 }],
    ["fewer-epochs", { num_train_epochs: 1 }, { num_train_epochs: 0.5 }],
    ["fewer-epochs", { num_train_epochs: 4, max_steps: 100 }, { num_train_epochs: 2, max_steps: 50 }],
    ["higher-rank", { lora_r: 16, lora_alpha: 32 }, { lora_r: 32, lora_alpha: 64 }],
    ["higher-rank", { lora_r: 4, lora_alpha: 4 }, { lora_r: 32, lora_alpha: 32 }],
    ["higher-rank", { lora_r: 64, lora_alpha: 64 }, { lora_r: 128, lora_alpha: 128 }],
    ["smaller-micro-batch", { micro_batch_size: 4, gradient_accumulation_steps: 4 }, { micro_batch_size: 2, gradient_accumulation_steps: 8 }],
    ["smaller-micro-batch", { micro_batch_tokens: 4096, max_seq_length: 2048 }, { micro_batch_tokens: 2048 }],
    ["smaller-micro-batch", { micro_batch_tokens: 3000, max_seq_length: 2048 }, { micro_batch_tokens: 2048 }],
    ["smaller-micro-batch", { calibrate: true, max_seq_length: 2048 }, { calibrate: false, micro_batch_tokens: 2048 }],
  ])("%s of %j", (lever, training, expected) => expect(changed(lever, null, training)).toEqual(expected));

  it("a sample grows to twice its rows; all rows cannot", () => {
    const plan = planOf();
    const sample = { ...plan, data: { ...plan.data, rows: 1000 } };
    expect(pullLever(sample, { lever: "more-data", value: null })).toEqual({ ...plan, data: { ...plan.data, rows: 2000 } });
    expect(refusal(() => pull("more-data"))).toBe("usage.lever");
  });
});

describe("as far as is said", () => {
  it.each<[Lever, string, Record<string, unknown>]>([
    ["gentler-rate", "1e-5", { learning_rate: 1e-5 }],
    ["higher-rate", "2e-4", { learning_rate: 2e-4 }],
    ["more-epochs", "10", { num_train_epochs: 10 }],
    ["fewer-epochs", "1.5", { num_train_epochs: 1.5 }],
    ["higher-rank", "64", { lora_r: 64, lora_alpha: 128 }],
    ["smaller-micro-batch", "1", { micro_batch_size: 1, gradient_accumulation_steps: 16 }],
  ])("%s=%s", (lever, value, expected) => expect(changed(lever, value)).toEqual(expected));

  it("another base and another file", () => {
    const plan = planOf();
    expect(pull("other-base", "unsloth/gemma-2-2b-it")).toEqual({ ...plan, model: { ...plan.model, source: "unsloth/gemma-2-2b-it" } });
    expect(pull("more-data", "/rows.jsonl")).toEqual({ ...plan, data: { ...plan.data, train: "/rows.jsonl" } });
  });
});

it.each<[Lever, string | null, Partial<Training>]>([
  ["gentler-rate", null, { learning_rate: 2e-7 }],
  ["gentler-rate", "1e-4", {}],
  ["gentler-rate", "0", {}],
  ["gentler-rate", "NaN", {}],
  ["gentler-rate", "slow", {}],
  ["gentler-rate", " ", {}],
  ["higher-rate", null, { learning_rate: 0.04 }],
  ["higher-rate", "Infinity", {}],
  ["higher-rate", "1e-6", {}],
  ["more-epochs", null, { num_train_epochs: 20 }],
  ["more-epochs", "1000", {}],
  ["more-epochs", "3", {}],
  ["fewer-epochs", null, { num_train_epochs: 0.5 }],
  ["fewer-epochs", "-1", {}],
  ["higher-rank", null, { lora_r: 128 }],
  ["higher-rank", "33.5", {}],
  ["higher-rank", "256", {}],
  ["smaller-micro-batch", null, { micro_batch_size: 1 }],
  ["smaller-micro-batch", "3", {}],
  ["smaller-micro-batch", "0", {}],
  ["smaller-micro-batch", null, { micro_batch_tokens: 2048, max_seq_length: 2048 }],
  ["smaller-micro-batch", "2047", { calibrate: true, max_seq_length: 2048 }],
  ["other-base", null, {}],
])("%s=%s of %j is refused", (lever, value, training) => expect(refusal(() => pull(lever, value, training))).toBe("usage.lever"));

it("pulled again and again every lever comes to its end", () => {
  const plan = planOf({ num_train_epochs: 3 });
  for (const lever of leverSchema.options.filter((one) => LEVER_NEEDS[one] === "nothing")) {
    let [pulls, now] = [0, plan];
    while (pulls < 50 && refusal(() => pullLever(now, { lever, value: null })) === "none") {
      now = pullLever(now, { lever, value: null });
      pulls += 1;
    }
    expect(pulls, lever).toBeGreaterThan(0);
    expect(pulls, lever).toBeLessThan(20);
  }
});

describe("a run's next try", () => {
  const asked = (change: object = {}) => parseCall("run-again", { run: "r", ...change });
  const context = (levers: Lever[] = [], decision: "go" | "no-go" = "no-go") => ({
    now: Date.UTC(2026, 10, 24),
    random: () => 0.5,
    judged: { levers, decision },
  });

  it("keeps everything that is not said, and names where it comes from", () => {
    const plan = planOf();
    const again = againPlan(plan, asked(), context());
    expect(isRunId(again.id) && again.id !== plan.id).toBe(true);
    expect(again).toEqual({ ...plan, id: again.id, createdAt: again.createdAt, from: { run: plan.id, why: "again", lever: null, verdict: "no-go" } });
  });

  it("takes the verdict's first proposal that needs nothing, and none where it said GO", () => {
    expect(suggestedLever({ levers: ["more-data", "other-base", "more-epochs"], decision: "no-go" })).toBe("more-epochs");
    expect(suggestedLever({ levers: ["more-data"], decision: "no-go" })).toBeNull();
    expect(suggestedLever({ levers: ["more-epochs"], decision: "go" })).toBeNull();
    expect(suggestedLever(null)).toBeNull();
    const again = againPlan(planOf(), asked({ lever: "suggested" }), context(["more-data", "higher-rank"]));
    expect([again.from?.lever, again.training.lora_r]).toEqual(["higher-rank", 32]);
  });

  it("what is set goes over the lever; another name is also the model's", () => {
    const said = { lever: "higher-rank", settings: { lora_alpha: "32", seed: 7 }, limits: { lastLossBelow: "1.5" }, name: "jessy-two" };
    const again = againPlan(planOf(), asked(said), context());
    expect(again.training).toMatchObject({ lora_r: 32, lora_alpha: 32, seed: 7 });
    expect([again.limits?.lastLossBelow, again.name, again.deploy.as]).toEqual([1.5, "jessy-two", "jessy-two"]);
    expect(refusal(() => againPlan(planOf(), asked({ name: "../x" }), context()))).toBe("name.invalid");
    expect(refusal(() => againPlan(planOf(), asked({ settings: { learning_rate: "fast" } }), context()))).toBe("usage.setting");
    expect(refusal(() => againPlan(planOf(), asked({ limits: { nothing: 1 } }), context()))).toBe("usage.limit");
  });
});
