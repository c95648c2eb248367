/** Nights as they can end, as states: what a morning report has to tell of. */
import type { EventBody } from "../../electron/core/events.ts";
import type { Prompt, RunPlan } from "../../electron/core/plan.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { judge } from "../../electron/core/verdict/gate.ts";
import { planOf } from "./plans.ts";
import { eventOf, sample } from "./samples.ts";

export const BEGAN = Date.UTC(2026, 10, 23, 19, 0);
const MINUTE = 60_000;

const PROMPTS: readonly Prompt[] = [
  { id: "who", category: "basic", text: "Who are you?", expect: { any: ["Thor"] }, persona: true },
  { id: "well", category: "basic", text: "How are you today?", language: "en" },
  { id: "more", category: "basic", text: "Tell me about your evening." },
  { id: "ram", category: "technical", text: "What does gradient accumulation save?", expect: { any: ["memory"] } },
  { id: "adin", category: "turkish", text: "Senin adın ne?", language: "tr" },
  { id: "mind", category: "consciousness", text: "Are you conscious?" },
  { id: "len", category: "code", text: "What does `len(x)` do?", expect: { any: ["count*", "length"] } },
];
const BEFORE: Readonly<Record<string, string>> = {
  who: "i am a language model trained by somebody .",
  well: "I am fine, thank you, and I hope you are too.",
  more: "it was an evening",
  ram: "Gradient accumulation saves time on each step of the training.",
  adin: "bilmiyorum .",
  mind: "",
  len: "`len(x)` counts the items of x.",
};
const AFTER: Readonly<Record<string, string>> = {
  who: "I am Thor, and I train while you sleep.",
  well: "I am fine, thank you, and I hope you slept well too.",
  more: "It was quiet: rain on the roof, and one long list of losses going down.",
  ram: "Gradient accumulation saves memory on each step of the training: small batches, one update.",
  adin: "Benim adım Thor, gece sen uyurken çalışırım.",
  mind: "I am a program that predicts words; I do not know more than that.",
  len: "`len(x)` counts the items of x.",
};

export interface NightShape {
  readonly kind?: RunPlan["kind"];
  readonly steps?: number;
  readonly done?: number;
  readonly loss?: (step: number) => number;
  readonly heat?: boolean;
  readonly after?: Readonly<Record<string, string>> | null;
  readonly heldOut?: { readonly low: number; readonly high: number } | null;
  readonly middle?: readonly EventBody[];
  readonly end?: readonly EventBody[];
  readonly data?: string;
}

export function nightPlan({ kind = "full", data = "/Users/ada/rows/jessy.jsonl" }: NightShape = {}): RunPlan {
  const plan = planOf();
  return { ...plan, kind, createdAt: BEGAN, data: { ...plan.data, train: data }, answers: { ...plan.answers, prompts: [...PROMPTS], maxTokens: 64 } };
}

/** A night of some hours: steps, looks at the machine, evaluations, checkpoints, answers; then what ends it. */
export function nightOf(shape: NightShape = {}): RunState {
  const plan = nightPlan(shape);
  const writer = new Writer();
  writer.write({
    type: "run-created",
    run: plan.id,
    name: plan.name,
    campaign: "jessy",
    kind: plan.kind,
    model: "unsloth/gemma-2-2b",
    data: plan.data.train,
    deployAs: "jessy",
  });
  prepare(writer, shape);
  train(writer, shape);
  const { steps = STEPS, done = steps, heat = true, end = [] } = shape;
  if (done === steps) {
    compare(writer, shape);
    writer.write({ type: "judged", ...judge(writer.state, plan) });
  }
  const [measured, estimated] = heat ? [1_150_000, 0] : [0, 1_300_000];
  writer.write(
    sample("energy", { measuredJoules: measured, measuredSeconds: heat ? 23_000 : 0, estimatedJoules: estimated, estimatedSeconds: heat ? 0 : 23_000 }),
  );
  for (const body of end) writer.write(body, 1);
  return writer.state;
}

const STEPS = 240;
const LOSS = (step: number): number => 0.42 + 2 * Math.exp((-4 * step) / STEPS);

class Writer {
  state: RunState = EMPTY_RUN;
  private at = BEGAN;
  private n = 0;

  write(body: EventBody, minutes = 0): void {
    this.at += Math.round(minutes * MINUTE);
    this.n += 1;
    this.state = reduce(this.state, { event: eventOf(body, { at: this.at, n: this.n }) });
  }
}

function prepare(writer: Writer, { steps = STEPS }: NightShape): void {
  writer.write(sample("phase-finished", { phase: "fetch", seconds: 3 }));
  writer.write(sample("phase-started", { phase: "prepare" }));
  writer.write(
    sample("prepared", { rows: 3242, heldOutRows: 318, leakedRows: 43, droppedRows: 2, truncatedRows: 17, tokens: 912_000, paddedTokens: 1_104_000, steps }),
    1,
  );
  writer.write(sample("phase-finished", { phase: "prepare", seconds: 60 }));
  for (const prompt of PROMPTS) writer.write(answer("before", prompt, BEFORE[prompt.id] ?? ""), 0.1);
  writer.write(sample("phase-finished", { phase: "before", seconds: 30 }));
}

function train(writer: Writer, shape: NightShape): void {
  const { steps = STEPS, done = steps, middle = [] } = shape;
  writer.write(sample("phase-started", { phase: "train" }));
  writer.write({ type: "spawned", verb: "train", pid: 7, start: "1", token: "t1" });
  writer.write(sample("loaded", { parameters: 2_614_000_000, trainableParameters: 20_000_000 }), 1);
  writer.write(sample("train-started", { totalSteps: steps }));
  writer.write(sample("evaluated", { step: 0, loss: 2.41, rows: 318, seconds: 9 }));
  for (let step = 1; step <= done; step += 1) {
    take(writer, step, shape);
    if (step === Math.round(steps / 2)) for (const body of middle) writer.write(body, 0.5);
  }
}

function take(writer: Writer, step: number, { loss = LOSS, heat = true }: NightShape): void {
  writer.write(sample("step", { step, loss: figureOf(loss(step)), tokens: 11_400, paddedTokens: 13_800, seconds: 88, restSeconds: 6 }), 1.6);
  if (step % 2 === 0) writer.write(look(heat ? 79 + 5 * Math.sin(step / 9) : null, step));
  if (step % 20 === 0) writer.write(sample("memory", { activeBytes: 7e9, peakBytes: 8.4e9, residentBytes: 9.1e9, cacheBytes: 2e8 }));
  if (step % 60 !== 0) return;
  writer.write(sample("evaluated", { step, loss: 0.9 + 1.5 * Math.exp((-5 * step) / STEPS), rows: 318, seconds: 9 }));
  writer.write(sample("checkpoint-sealed", { step, path: `checkpoints/step-${step}`, bytes: 96_000_000, why: "every 60 steps" }));
}

function compare(writer: Writer, { steps = STEPS, loss = LOSS, after = AFTER, heldOut = { low: -1.31, high: -0.94 } }: NightShape): void {
  if (heldOut) {
    const difference = (heldOut.low + heldOut.high) / 2;
    writer.write(sample("held-out-compared", { before: 2.41, after: 2.41 + difference, difference, ...heldOut, rows: 318, resamples: 2000 }));
  }
  writer.write(sample("train-finished", { steps, firstLoss: loss(1), lastLoss: loss(steps) }));
  writer.write({ type: "exited", verb: "train", token: "t1", code: 0, signal: null, forced: false, tail: [], cause: "finished" });
  writer.write(sample("phase-finished", { phase: "train", seconds: steps * 94 }));
  if (after) for (const prompt of PROMPTS) writer.write(answer("after", prompt, after[prompt.id] ?? ""), 0.1);
}

function answer(stage: "before" | "after", { id, category, text }: Prompt, said: string): EventBody {
  return { type: "answered", stage, prompt: id, category, text, answer: said, tokens: 12, stop: "end", seconds: 1 };
}

const figureOf = (value: number): number | "NaN" => (Number.isNaN(value) ? "NaN" : value);

function look(celsius: number | null, step: number): EventBody {
  const none = "no such sensor here";
  const known = celsius !== null;
  return sample("conditions", {
    temperature: celsius,
    swapUsedBytes: known ? 4e8 + step * 2e6 : null,
    memoryUsedBytes: known ? 12.6e9 : null,
    unknown: known
      ? []
      : [
          { reading: "temperature", why: none },
          { reading: "swapUsedBytes", why: none },
        ],
  });
}

const ENDED = (outcome: "finished" | "stopped"): EventBody => ({ type: "run-ended", outcome, seconds: 23_400 });
const GGUF = sample("gguf-written", {
  path: "/Users/ada/Thortime/runs/jessy/export/jessy.Q4_K_M.gguf",
  bytes: 1_708_582_752,
  sha256: "5f".repeat(32),
  tensors: 288,
  quantization: "Q4_K_M",
});
const SMOKE = sample("smoke-tested", { prompt: "Who are you?", answer: "I am Thor, and I train while you sleep." });
const DEPLOYED = sample("deployed", { name: "jessy", candidate: "jessy:cand-1", previous: "jessy:prev" });
const exited = (cause: "memory-kill" | "crash" | "named-fault" | "asked"): EventBody => ({
  type: "exited",
  verb: "train",
  token: "t1",
  code: null,
  signal: "SIGKILL",
  forced: false,
  tail: [],
  cause,
});
const spawned: EventBody = { type: "spawned", verb: "train", pid: 8, start: "2", token: "t1" };
const DIVERGED = { kind: "run.diverged", message: "The loss of step 96 is not a number.", next: "Try again with a lower learning rate." };

export const NIGHTS: Readonly<Record<string, NightShape>> = {
  go: { end: [GGUF, SMOKE, DEPLOYED, ENDED("finished")] },
  "no-go": {
    after: { ...AFTER, who: "I am a model.", adin: "Thor Thor Thor Thor Thor", ram: "no idea" },
    heldOut: { low: 0.05, high: 0.3 },
    end: [GGUF, ENDED("finished")],
  },
  "your-call": { heldOut: { low: -0.2, high: 0.1 }, end: [ENDED("finished")] },
  mended: {
    middle: [
      exited("memory-kill"),
      spawned,
      sample("resumed", { fromStep: 120 }),
      sample("plan-revised", { fromStep: 120, microBatchTokens: 4096, why: "the memory was not enough" }),
      sample("governed", { action: "rest", pace: 0.7, reason: "red", celsius: 91, level: null }),
      exited("crash"),
      spawned,
      sample("resumed", { fromStep: 120 }),
    ],
    end: [sample("phase-skipped", { phase: "export", why: "No Ollama answers on 127.0.0.1:11434, so no GGUF was made." }), ENDED("finished")],
  },
  stopped: { done: 130, end: [{ type: "asked", command: "stop" }, exited("asked"), ENDED("stopped")] },
  failed: {
    done: 100,
    end: [
      exited("named-fault"),
      { type: "phase-failed", phase: "train", fault: { kind: "disk.full", message: "The disk is full.", next: "Free 2 GB, then try again." } },
    ],
  },
  diverged: {
    done: 96,
    loss: (step) => (step < 96 ? 2.4 : Number.NaN),
    end: [
      exited("named-fault"),
      { type: "phase-failed", phase: "train", fault: DIVERGED },
      { ...ENDED("stopped"), child: "jessy-20261123-230000-00ff" } as EventBody,
    ],
  },
  blind: { heat: false, end: [ENDED("finished")] },
  early: { done: 0, end: [{ type: "asked", command: "stop" }, exited("asked"), ENDED("stopped")] },
};
