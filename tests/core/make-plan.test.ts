/** The plan says every value training depends on; a bad value is one sentence, before anything is made. */
import { describe, expect, it } from "vitest";
import { type Args, parseCall } from "../../electron/core/api.ts";
import { FaultError } from "../../electron/core/faults.ts";
import { makePlan, QUICK_ROWS } from "../../electron/core/make-plan.ts";
import { FULL, GEMMA2, ollamaTemplate, plannedSteps, promptText, runPlanSchema, trainingSchema } from "../../electron/core/plan.ts";
import { LIMIT_KEYS, LIMITS } from "../../electron/core/verdict/limits.ts";

const clock = { now: () => Date.UTC(2026, 10, 23, 22, 0, 0), random: () => 0.25 };
const mac = { clock, machine: { metal: true }, localModel: true, prompts: [{ id: "p1", category: "basic", text: "merhaba" }] };
const linux = { ...mac, machine: { metal: false } };

function asking(change: Record<string, unknown> = {}): Args<"run-start"> {
  return parseCall("run-start", { name: "jessy-test-v1", data: "d.jsonl", model: "m", ...change });
}

const training = (settings: Record<string, string | number | boolean>, change: Record<string, unknown> = {}) =>
  makePlan(asking({ ...change, settings }), mac).training;

function refusal(change: Record<string, unknown>) {
  try {
    makePlan(asking(change), mac);
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(change)}`);
}

describe("presets", () => {
  it("full on a Mac is the user's preset, word for word", () => {
    expect(makePlan(asking(), mac).training).toEqual({
      max_seq_length: 2048,
      lora_r: 16,
      lora_alpha: 32,
      lora_dropout: 0.1,
      target_modules: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
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
      cache_limit_bytes: 268435456,
      micro_batch_tokens: null,
      calibrate: true,
      early_stop: false,
    });
  });

  it("quick takes 1,000 rows and a warm-up and checkpoints that fit 63 steps", () => {
    const plan = makePlan(asking({ kind: "quick" }), mac);
    expect(plan.data.rows).toBe(QUICK_ROWS);
    const steps = plannedSteps(plan.training, QUICK_ROWS);
    expect(steps).toBe(63);
    expect(plan.training.warmup_steps).toBeLessThan(steps / 5);
    expect(plan.training.save_steps).toBeLessThan(steps / 2);
    expect(plan.training.eval_steps).toBeLessThan(steps / 2);
  });

  it("rows that were asked for beat the preset's", () => {
    expect(makePlan(asking({ kind: "quick", rows: 50 }), mac).data.rows).toBe(50);
    expect(makePlan(asking(), mac).data.rows).toBeNull();
  });

  it("without Metal it trains in float32 and not in 4 bit, unless it was asked for", () => {
    expect(makePlan(asking(), linux).training).toMatchObject({ load_in_4bit: false, dtype: "float32" });
    expect(makePlan(asking({ settings: { load_in_4bit: "true" } }), linux).training).toMatchObject({ load_in_4bit: true, dtype: "float32" });
  });

  it("measures which micro-batches are fastest, unless they were said", () => {
    const calibrate = (settings: Record<string, string | number | boolean>) => makePlan(asking({ settings }), linux).training.calibrate;
    expect([{}, { seed: 7 }, { gradient_accumulation_steps: 8 }].map(calibrate)).toEqual([true, true, true]);
    expect([{ micro_batch_tokens: 256 }, { micro_batch_size: 2 }, { gradient_checkpointing: true }].map(calibrate)).toEqual([false, false, false]);
    expect([{ calibrate: false }, { calibrate: "true", micro_batch_size: 2 }].map(calibrate)).toEqual([false, true]);
  });

  it("is whole: every training key stands in it, and the plan passes its own schema", () => {
    for (const kind of ["practice", "quick", "full"]) {
      const plan = makePlan(asking({ kind }), mac);
      expect(Object.keys(plan.training).sort()).toEqual(Object.keys(trainingSchema.shape).sort());
      expect(runPlanSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    }
  });

  it("the same asking makes the same plan, and names it by time and chance", () => {
    expect(makePlan(asking(), mac)).toEqual(makePlan(asking(), mac));
    expect(makePlan(asking(), mac).id).toBe("jessy-test-v1-20261123-220000-4000");
  });

  it("deploys under the run's name unless another was given", () => {
    expect(makePlan(asking(), mac).deploy).toMatchObject({ enabled: true, as: "jessy-test-v1", quantize: "auto" });
    expect(makePlan(asking({ deployAs: "jessy", deploy: false, quantize: "f16" }), mac).deploy).toMatchObject({ enabled: false, as: "jessy", quantize: "f16" });
  });
});

describe("settings", () => {
  it.each([
    ["learning_rate", "3e-3", 0.003],
    ["learning_rate", " 0.001 ", 0.001],
    ["learning_rate", 0.5, 0.5],
    ["warmup_steps", "5", 5],
    ["max_steps", "-1", -1],
    ["load_in_4bit", "false", false],
    ["load_in_4bit", true, true],
    ["dtype", "bfloat16", "bfloat16"],
    ["lr_scheduler_type", "cosine", "cosine"],
    ["target_modules", "q_proj, v_proj", ["q_proj", "v_proj"]],
    ["seed", "0", 0],
  ] as const)("%s=%j becomes %j", (key, value, expected) => {
    expect(training({ [key]: value })[key]).toEqual(expected);
  });

  it("changes nothing else", () => {
    expect(training({ lora_r: "8" })).toEqual({ ...FULL, lora_r: 8 });
  });

  it("steps asked for are max_steps", () => {
    expect(training({}, { steps: 60 }).max_steps).toBe(60);
    expect(plannedSteps(training({}, { steps: 60 }), 1)).toBe(60);
  });

  it.each([
    ["learning_rate", "fast"],
    ["learning_rate", ""],
    ["learning_rate", "0,001"],
    ["learning_rate", "-1"],
    ["learning_rate", "0"],
    ["learning_rate", "NaN"],
    ["learning_rate", "Infinity"],
    ["learning_rate", "1e400"],
    ["learning_rate", true],
    ["lora_r", "0"],
    ["lora_r", "1.5"],
    ["lora_dropout", "1"],
    ["load_in_4bit", "yes"],
    ["load_in_4bit", 1],
    ["dtype", "float64"],
    ["optim", "sgd"],
    ["seed", "4294967296"],
    ["max_seq_length", "1000000"],
    ["target_modules", ""],
    ["target_modules", "q_proj,embed_tokens"],
    ["save_minutes", "0"],
  ])("%s=%j is refused in one sentence that names both", (key, value) => {
    const fault = refusal({ settings: { [key]: value } });
    expect(fault.kind).toBe("usage.setting");
    expect(fault.message).toMatch(new RegExp(`^The setting ${key}[^\\n]*\\.$`));
    expect(fault.message).toContain(JSON.stringify(value));
    expect(fault.message.length).toBeLessThan(300);
  });

  it.each(["learningrate", "constructor", "tostring", "max_step", "__proto", "shape"])(
    "a setting called %s is refused, with the list of those there are",
    (key) => {
      const fault = refusal({ settings: { [key]: 1 } });
      expect(fault).toMatchObject({ kind: "usage.setting", message: `There is no setting called "${key}".`, next: expect.stringContaining("learning_rate") });
    },
  );

  it.each([{ name: "../x" }, { deployAs: "a b" }])("a bad name is refused: %j", (change) => {
    expect(refusal(change).kind).toBe("name.invalid");
  });
});

it.each([
  [1000, {}, 189],
  [1000, { num_train_epochs: 1 }, 63],
  [16, { num_train_epochs: 1 }, 1],
  [17, { num_train_epochs: 1 }, 2],
  [1, { num_train_epochs: 0.1 }, 1],
  [100, { num_train_epochs: 0.5 }, 4],
  [3242, {}, 609],
  [10, { max_steps: 7 }, 7],
  [10, { micro_batch_size: 1, gradient_accumulation_steps: 1, num_train_epochs: 2 }, 20],
])("%i rows with %j make %i steps", (rows, change, steps) => {
  expect(plannedSteps({ ...FULL, ...change }, rows)).toBe(steps);
});

describe("the prompt", () => {
  it("is Gemma's, with the system text inside the first user turn", () => {
    expect(promptText({ ...GEMMA2, system: "" }, "merhaba")).toBe("<bos><start_of_turn>user\nmerhaba<end_of_turn>\n<start_of_turn>model\n");
    expect(promptText({ ...GEMMA2, system: "Sen Jessy'sin." }, "merhaba")).toBe(
      "<bos><start_of_turn>user\nSen Jessy'sin.\n\nmerhaba<end_of_turn>\n<start_of_turn>model\n",
    );
  });

  it("Ollama's template makes the same text, less the <bos> that Ollama adds", () => {
    for (const system of ["", "Sen Jessy'sin."]) {
      const format = { ...GEMMA2, system };
      const made = ollamaTemplate(format)
        .replace(/\{\{ if \.System \}\}([\s\S]*?)\{\{ end \}\}/, system ? "$1" : "")
        .replace("{{ .System }}", system)
        .replace("{{ .Prompt }}", "merhaba")
        .replace(/\{\{ \.Response \}\}[\s\S]*$/, "");
      expect(`${format.bos}${made}`).toBe(promptText(format, "merhaba"));
    }
  });
});

describe("limits", () => {
  const limits = (change: Record<string, unknown>, kind = "full") => makePlan(asking({ kind, limits: change }), mac).limits;

  it("are the kind's own, frozen, with those changed that were named", () => {
    expect(limits({})).toEqual(LIMITS.full);
    expect(limits({ lastLossBelow: 1.5, memoryBelowBytes: null }, "practice")).toEqual({ ...LIMITS.practice, lastLossBelow: 1.5, memoryBelowBytes: null });
  });

  it("are read from words as the command line brings them; null leaves one out", () => {
    expect(limits({ lastLossBelow: "1.5", forgotten: "null", heldOut: "false" })).toEqual({
      ...LIMITS.full,
      lastLossBelow: 1.5,
      forgotten: null,
      heldOut: false,
    });
    expect(limits({ heldOut: null })?.heldOut).toBe(false);
  });

  it.each([
    [{ losses: 1 }, /no limit called "losses"/],
    [{ soundAnswers: 90 }, /soundAnswers cannot be 90/],
    [{ lastLossBelow: "low" }, /lastLossBelow cannot be "low"/],
    [{ heldOut: 1 }, /heldOut cannot be 1/],
  ])("%j is refused, with what there is", (change, words) => {
    const fault = refusal({ limits: change });
    expect(fault).toMatchObject({ kind: "usage.limit", message: expect.stringMatching(words) });
    if ("losses" in change) expect(fault.next).toContain(LIMIT_KEYS.join(", "));
  });
});
