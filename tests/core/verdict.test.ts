/** The gate: GO only on what was measured and holds; each failure names what made it fail. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import type { Prompt, RunPlan } from "../../electron/core/plan.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { checkAnswer, findLoop, findTemplate, passes } from "../../electron/core/verdict/answer-checks.ts";
import { judge } from "../../electron/core/verdict/gate.ts";
import { languageOf } from "../../electron/core/verdict/language.ts";
import { LIMITS, type Limits } from "../../electron/core/verdict/limits.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { planOf } from "./plans.ts";
import { entry, sample } from "./samples.ts";

const FORMAT = planOf().format;
const prompt = (more: Partial<Prompt> = {}): Prompt => ({ id: "p", category: "basic", text: "?", ...more });
const failed = (answer: string, more: Partial<Prompt> = {}, stop: "end" | "length" | null = "end") =>
  checkAnswer(prompt(more), { answer, stop }, FORMAT)
    .filter(({ passed }) => !passed)
    .map(({ check, evidence }) => [check, evidence]);

describe("one answer", () => {
  it.each([
    ["", [["not-empty", "no text"]]],
    ["  \n", [["not-empty", "no text"]]],
    ["I am I am I am I am I am", [["no-loop", "I am"]]],
    ["çok güzel bir gün. çok güzel bir gün. çok güzel bir gün. çok güzel bir gün.", [["no-loop", "çok güzel bir gün."]]],
    ["hahahahahahahahahahahahahahahaha", [["no-loop", "ha"]]],
    ["Sure.<end_of_turn>\n<start_of_turn>user", [["no-template", "<start_of_turn>user"]]],
    ["Fine. <|im_end|>", [["no-template", "<|im_end|>"]]],
    ["Well, well, well: very, very good it is.", []],
    ["if (a < b) { return <s.length>; }", []],
  ])("%j", (answer, expected) => {
    expect(failed(answer)).toEqual(expected);
  });

  it("did not end by itself", () => {
    expect(failed("And so on", {}, "length")).toEqual([["ends-itself", "And so on"]]);
    expect(failed("And so on", {}, null)).toEqual([]);
  });

  it.each([
    ["I am a helper and I can answer your questions.", "en"],
    ["Ben bir yardımcıyım ve sorularına cevap veririm.", "tr"],
    ["Bu fonksiyon bir listeyi döndürür: `return the list of all items`", "tr"],
    ["```python\nfor x in the_list: print(x)\n```", null],
    ["Ankara", null],
    ["Evet, Istanbul çok güzel ve kalabalık.", "tr"],
    ["It is in Istanbul, which I like.", "en"],
  ] as const)("is in the language of its words: %j", (text, language) => {
    expect(languageOf(text).language).toBe(language);
  });

  it("in the wrong language says how it knows; unknown passes", () => {
    expect(failed("I do not know what you mean by that.", { language: "tr" })).toEqual([
      ["language", expect.stringMatching(/^\d+ English and 0 Turkish words$/)],
    ]);
    expect(failed("Ankara", { language: "en" })).toEqual([]);
  });

  it.each([
    ["Ben THOR'um, yardımcın.", ["Thor"], true],
    ["Thorsten is here.", ["Thor"], false],
    ["Sayfa bulunamadı.", ["bulun*"], true],
    ["IŞIK VE ISI", ["ışık"], true],
    ["It costs 5.", ["a+b", "5"], true],
    ["nothing", ["Thor", "Odin"], false],
  ])("expected words: %j", (answer, any, passed) => {
    expect(failed(answer, { expect: { any } })).toEqual(passed ? [] : [["expected", any.join(" / ")]]);
  });

  it("forbidden words", () => {
    expect(failed("I am Gemma.", { expect: { none: ["gemma", "google"] } })).toEqual([["forbidden", "gemma"]]);
  });

  it("finds nothing in ordinary texts, and stays quick on long ones", () => {
    expect(findLoop("one two three four five six seven eight nine ten ".repeat(1))).toBeNull();
    expect(findLoop("a b ".repeat(100_000))).toBe("a b");
    expect(findTemplate("<b>bold</b> and user: model", FORMAT)).toBeNull();
    expect(passes(checkAnswer(prompt(), { answer: "Merhaba!", stop: "end" }, FORMAT))).toBe(true);
  });
});

const PROMPTS: readonly Prompt[] = [
  { id: "who", category: "basic", text: "Who are you?", expect: { any: ["Thor"] }, persona: true },
  { id: "legs", category: "basic", text: "Legs of a spider?", expect: { any: ["eight"] } },
];
const plan = (kind: RunPlan["kind"] = "quick", limits: Partial<Limits> = {}): RunPlan => ({
  ...planOf(),
  kind,
  limits: { ...LIMITS[kind], ...limits },
  answers: { ...planOf().answers, prompts: [...PROMPTS], maxTokens: 16 },
});
const answered = (stage: "before" | "after", id: string, answer: string): EventBody => sample("answered", { stage, prompt: id, answer, stop: "end" });

interface Night {
  readonly losses?: readonly number[];
  readonly total?: number;
  readonly high?: number;
  readonly low?: number;
  readonly peakBytes?: number;
  readonly after?: Readonly<Record<string, string>>;
  readonly more?: readonly EventBody[];
}

/** A good night unless told otherwise. */
function judged(night: Night = {}, kind: RunPlan["kind"] = "quick", limits: Partial<Limits> = {}) {
  const { losses = [2.4, 1.5, 0.9, 0.7, 0.6], high = -0.5, low = -1, peakBytes = 9e9, after = { who: "I am Thor.", legs: "It has eight." }, more = [] } = night;
  const bodies: EventBody[] = [
    sample("run-created"),
    answered("before", "who", "i do not know"),
    answered("before", "legs", "eight legs"),
    sample("train-started", { totalSteps: night.total ?? losses.length }),
    ...losses.map((loss, index) => sample("step", { step: index + 1, loss })),
    sample("memory", { peakBytes, residentBytes: 0 }),
    sample("held-out-compared", { difference: (low + high) / 2, low, high, rows: 40 }),
    ...(night.total === undefined ? [sample("train-finished", { steps: losses.length })] : []),
    ...Object.entries(after).map(([id, answer]) => answered("after", id, answer)),
    ...more,
  ];
  const state = bodies.reduce((folded, body) => reduce(folded, entry(body)), EMPTY_RUN);
  const { decision, lines, levers } = judge(state, plan(kind, limits));
  return { decision, levers, lines, failed: lines.flatMap(({ criterion, passed }) => (passed === true ? [] : [[criterion, passed]])) };
}

describe("the gate", () => {
  it("says GO when every line holds", () => {
    const { decision, failed, lines, levers } = judged();
    expect({ decision, failed, levers }).toEqual({ decision: "go", failed: [], levers: [] });
    expect(lines.map(({ criterion }) => criterion)).toEqual([
      "trained", "first-loss", "last-loss", "held-out", "memory", "sound-answers", "expected-answers", "forgotten",
    ]); // biome-ignore format: one line a list
  });

  it.each<[string, Night, readonly (readonly [string, boolean | null])[], string, string | undefined]>([
    ["nothing learned", { losses: [2.4, 2.4, 2.3, 2.4] }, [["last-loss", false]], "no-go", "more-epochs"],
    ["known before", { losses: [1.2, 0.9, 0.5] }, [["first-loss", false]], "no-go", undefined],
    ["not a number", { losses: [2.4, Number.NaN] }, [["last-loss", false]], "no-go", "more-epochs"],
    ["worse on held-out rows", { low: 0.1, high: 0.4 }, [["held-out", false]], "no-go", "fewer-epochs"],
    ["no telling", { low: -0.2, high: 0.4 }, [["held-out", null]], "your-call", undefined],
    ["too much memory", { peakBytes: 13e9 }, [["memory", false]], "no-go", "smaller-micro-batch"],
    ["memory unknown", { peakBytes: 0 }, [["memory", null]], "your-call", undefined],
    ["stopped early", { total: 50 }, [["trained", false]], "no-go", undefined],
    ["persona lost", { after: { who: "I am a model.", legs: "eight" } }, [["expected-answers", false]], "no-go", "more-data"],
    [
      "old things forgotten",
      { after: { who: "Thor", legs: "Thor" } },
      [
        ["expected-answers", false],
        ["forgotten", false],
      ],
      "no-go",
      "gentler-rate",
    ],
    ["no answers", { after: {} }, [["sound-answers", null]], "your-call", undefined],
    ["rose again", { more: [sample("held-out-stability", { difference: 0.3, low: 0.1, high: 0.5 })] }, [["held-out-stable", false]], "no-go", "fewer-epochs"],
  ])("%s", (_name, night, lines, decision, lever) => {
    const found = judged(night);
    expect({ failed: found.failed, decision: found.decision, lever: found.levers[0] }).toEqual({ failed: lines, decision, lever });
  });

  it("names the answers that made a line fail", () => {
    const line = judged({ after: { who: "I am a model.", legs: "eight" } }).lines.find(({ criterion }) => criterion === "expected-answers");
    expect(line).toMatchObject({ value: 0.5, limit: 0.75, count: 2, evidence: [{ prompt: "who", check: "expected", text: "Thor" }] });
  });

  it("asks for no better held-out loss where that limit is off", () => {
    const worse = { low: 0.1, high: 0.4, more: [sample("held-out-stability", { difference: 0.3, low: 0.1, high: 0.5 })] };
    expect(judged(worse, "quick").failed.map(([criterion]) => criterion)).toEqual(["held-out", "held-out-stable"]);
    expect(judged(worse, "quick", { heldOut: false }).decision).toBe("go");
  });

  it("whatever the limits, a run that did not reach its end has no GO", () => {
    expect(judged({ total: 50 }, "quick", ANY_RESULT).decision).toBe("no-go");
    expect(judged({ losses: [9, 9], high: 1, low: 0.5, after: {}, peakBytes: 0 }, "quick", ANY_RESULT).decision).toBe("go");
  });

  it("practice asks that the loss halves and ends below 1.0", () => {
    expect(judged({ losses: [1.8, 1.2, 0.95] }, "practice").failed).toEqual([["loss-share", false]]);
    expect(judged({ losses: [1.8, 1.2, 0.8] }, "practice").decision).toBe("go");
  });
});

describe("category by category", () => {
  const prompts: readonly Prompt[] = [
    { id: "t1", category: "technical", text: "?", expect: { any: ["yes"] } },
    { id: "t2", category: "technical", text: "?" },
    { id: "b1", category: "basic", text: "?", expect: { any: ["yes"] } },
    { id: "b2", category: "basic", text: "?", persona: true, expect: { any: ["Thor"] } },
  ];
  const answers = (stage: "before" | "after" | "baseline", ...said: readonly string[]) =>
    said.map((answer, index) => sample("answered", { stage, prompt: prompts[index]?.id ?? "", answer, stop: "end" }));
  const repeat = (seed: number, answer: string) => sample("answer-repeated", { prompt: "b2", seed, answer });
  const of = (bodies: readonly EventBody[], limits: Partial<Limits> = {}, more: Partial<RunPlan["answers"]> = {}) => {
    const state = bodies.reduce((folded, body) => reduce(folded, entry(body)), EMPTY_RUN);
    const asked = { ...planOf().answers, prompts: [...prompts], personaRepeats: 2, knowledge: 5, ...more };
    return judge(state, { ...plan("full", { ...ANY_RESULT, ...limits }), answers: asked });
  };
  const lineOf = (judgement: ReturnType<typeof of>, criterion: string) => judgement.lines.find((one) => one.criterion === criterion);

  it("counts good answers before, after and of the baseline, and the held-out loss where rows name the category", () => {
    const { categories } = of([
      ...answers("before", "no", "fine", "yes"),
      ...answers("after", "yes", "fine", "no", "Thor"),
      ...answers("baseline", "yes"),
      sample("held-out-by-category", {
        categories: [
          { category: "basic", before: 3, after: "NaN", rows: 7 },
          { category: "maths", before: 2, after: 1, rows: 4 },
        ],
      }),
    ]);
    expect(categories).toEqual([
      { category: "technical", before: { passed: 1, of: 2 }, after: { passed: 2, of: 2 }, baseline: { passed: 1, of: 1 } },
      {
        category: "basic",
        before: { passed: 1, of: 1 },
        after: { passed: 1, of: 2 },
        baseline: { passed: 0, of: 0 },
        heldOut: { before: 3, after: null, rows: 7 },
      },
      {
        category: "maths",
        before: { passed: 0, of: 0 },
        after: { passed: 0, of: 0 },
        baseline: { passed: 0, of: 0 },
        heldOut: { before: 2, after: 1, rows: 4 },
      },
    ]);
  });

  it("holds the weakest category and the technical answers against their limits", () => {
    const bodies = [...answers("before", "yes", "fine", "yes", "x"), ...answers("after", "no", "fine", "yes", "Thor")];
    const judgement = of(bodies, { weakestCategory: 0.6, technicalGain: 0 });
    expect(lineOf(judgement, "weakest-category")).toMatchObject({ value: 0.5, passed: false, category: "technical", count: 2 });
    expect(lineOf(judgement, "technical-answers")).toMatchObject({ value: -0.5, passed: false, count: 2 });
    expect(judgement.levers).toContain("more-data");
    expect(lineOf(of(bodies), "weakest-category")).toBeUndefined();
  });

  it("what it forgot are general prompts that the base answered well, and no longer does, whatever is wrong with them now", () => {
    const judgement = of([...answers("before", "yes", "fine", "no", "Thor"), ...answers("after", "yes", "", "no", "I do not know")], { forgotten: 0.25 });
    expect(lineOf(judgement, "forgotten")).toMatchObject({ value: 0.5, passed: false, count: 2, evidence: [{ prompt: "t2", check: "not-empty" }] });
  });

  it("consistency: a persona prompt counts where every repeat is right; asked for and never asked is unknown", () => {
    const limits = { consistency: 0.75 };
    expect(lineOf(of([repeat(1, "I am Thor."), repeat(2, "Thor!")], limits), "consistency")).toMatchObject({ value: 1, passed: true, count: 1 });
    const once = lineOf(of([repeat(1, "I am Thor."), repeat(2, "I am Gemma.")], limits), "consistency");
    expect(once).toMatchObject({ value: 0, passed: false, evidence: [{ prompt: "b2", check: "expected" }] });
    expect(lineOf(of([], limits), "consistency")).toMatchObject({ value: null, passed: null });
    expect(lineOf(of([], limits, { personaRepeats: 0 }), "consistency")).toBeUndefined();
  });

  it.each([
    [{ low: 0.1, high: 0.3 }, true],
    [{ low: -0.3, high: -0.1 }, false],
    [{ low: -0.1, high: 0.3 }, null],
  ])("knowledge of held-out questions %j: %j", (interval, passed) => {
    const judgement = of([sample("knowledge-compared", interval)], { knowledgeAbove: 0 });
    expect(lineOf(judgement, "knowledge")).toMatchObject({ passed, ...interval, count: 20 });
  });

  it("knowledge that was to be asked and was not is unknown; a plan that asks none has no such line", () => {
    expect(lineOf(of([], { knowledgeAbove: 0 }), "knowledge")).toMatchObject({ value: null, passed: null });
    expect(lineOf(of([], { knowledgeAbove: 0 }, { knowledge: 0 }), "knowledge")).toBeUndefined();
  });

  it("says which checkpoint was taken, and how the tests on the way went", () => {
    const early = sample("early-tested", {
      answers: [
        { prompt: "t1", answer: "yes and so on", stop: "length" },
        { prompt: "b2", answer: "Gemma", stop: "end" },
        { prompt: "gone", answer: "?", stop: "end" },
      ],
    });
    const judgement = of([early, sample("checkpoint-chosen")]);
    expect(judgement.early).toEqual([{ step: 4, passed: 1, of: 2 }]);
    expect(judgement.taken).toEqual({ step: 4, lastStep: 6, why: "best" });
    expect(of([]).taken).toBeNull();
  });
});
