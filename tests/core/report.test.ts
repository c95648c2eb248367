/** The morning report: every night has one, in both languages, whole, honest about what is unknown, and harmless whatever the texts hold. */
import { describe, expect, it, test } from "vitest";
import { reduce } from "../../electron/core/reduce.ts";
import { markChanged } from "../../electron/core/report/answers.ts";
import { ticks } from "../../electron/core/report/charts.ts";
import { type ReportData, reportData } from "../../electron/core/report/data.ts";
import { isReportDue } from "../../electron/core/report/due.ts";
import { attribute, foreign, html } from "../../electron/core/report/markup.ts";
import { NEXT_STEPS } from "../../electron/core/report/next-step.ts";
import { reportHtml } from "../../electron/core/report/page.ts";
import { DEFAULT_SETTINGS } from "../../electron/core/settings.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { type Language, wordsIn } from "../../electron/core/words/words.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";
import { BEGAN, NIGHTS, type NightShape, nightOf, nightPlan } from "./nights.ts";
import { entry, sample } from "./samples.ts";

const ISTANBUL = () => 180;
const CATALOGUES = { en, tr };
const dataOf = (shape: NightShape): ReportData =>
  reportData({
    state: nightOf(shape),
    plan: nightPlan(shape),
    settings: DEFAULT_SETTINGS,
    folder: "/home/ada/thortime/runs/jessy",
    nowMs: BEGAN + 9 * 3_600_000,
    version: "0.1.0",
  });
const pageOf = (data: ReportData, language: Language = "en") => reportHtml(data, wordsIn(language, CATALOGUES[language], ISTANBUL));
/** What a person reads: text without tags. */
const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*?<\/style>/, " ")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
const night = (name: string): NightShape => NIGHTS[name] ?? {};

describe.each(Object.keys(NIGHTS))("a night that is %s", (name) => {
  const data = dataOf(night(name));
  test.each(["en", "tr"] as const)("has a whole page in %s", (language) => {
    const page = pageOf(data, language);
    const text = textOf(page);
    expect(text).not.toMatch(/undefined|NaN|\[object|Infinity|\{\w+\}/);
    // A key without its sentence would stand there as it is.
    expect(text.replaceAll("report.json", "")).not.toMatch(/(?:report|verdict|event|heat|chart|tile|result|status|kind)\.[a-z]/);
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).not.toMatch(/<script|javascript:|https?:\/\/|src=|@import|url\(/i);
    for (const [, content = ""] of page.matchAll(/<section[^>]*>([\s\S]*?)<\/section>/g)) expect(textOf(content).trim()).not.toBe("");
    expect(page).not.toMatch(/<(dd|b|p|h[1-4])[^>]*>\s*<\/\1>/);
    expect(page.indexOf('class="next"')).toBeLessThan(page.indexOf('id="happened"'));
    expect(page.length).toBeLessThan(150_000);
  });

  test("report.json says the same again", () => {
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    expect([data.v, data.run.id]).toEqual([1, nightPlan().id]);
  });
});

test.each([
  ["go", "go", "use", "GO"],
  ["no-go", "no-go", "improve", "NO-GO"],
  ["your-call", "your-call", "decide", "Your call"],
  ["mended", "go", "start-ollama", "No Ollama answers on 127.0.0.1:11434"],
  ["stopped", undefined, "continue", "kept at step 120"],
  ["early", undefined, "begin-again", "before its first checkpoint"],
  ["failed", undefined, "fault", "Free 2 GB, then try again."],
  ["diverged", undefined, "child", "jessy-20261123-230000-00ff"],
])("%s: the verdict and the next step", (name, decision, next, said) => {
  const data = dataOf(night(name));
  expect([data.verdict?.decision, data.next.name]).toEqual([decision, next]);
  expect(textOf(pageOf(data))).toContain(said);
});

test("every next step has its sentence", () => {
  expect(NEXT_STEPS.filter((name) => !(`report.next.${name}` in en))).toEqual([]);
});

describe("what it says", () => {
  it("what happened and what Thortime did about it, counted", () => {
    const text = textOf(pageOf(dataOf(night("mended"))));
    expect(text).toContain("Ended unasked: 1 × out of memory, 1 × crash.");
    expect(text).toContain("micro-batches of at most 4,096 tokens");
    expect(text).toContain("Went on from a checkpoint: 2 ×.");
    expect(textOf(pageOf(dataOf(night("go"))))).toContain("Kept cool by resting for 6% of the training time.");
    expect(textOf(pageOf(dataOf(night("early"))))).toContain("nothing had to be mended");
  });

  it("measured and estimated energy apart, times the tariff, beside the cloud", () => {
    const measured = dataOf(night("go"));
    expect(measured.energy?.bill).toMatchObject({ how: "measured", kwh: 1_150_000 / 3.6e6 });
    expect(textOf(pageOf(measured))).toMatch(/0\.319 kWh × .*0\.17 = .*0\.05.* Measured by/);
    expect(textOf(pageOf(measured))).toMatch(/RunPod A100 .* \$/);
    expect(textOf(pageOf(dataOf(night("blind"))))).toContain("Estimated, not measured: 60 W while training");
  });

  it("unknown as unknown, with the reason, and no zero in its place", () => {
    const data = dataOf(night("blind"));
    expect([data.heat?.highestCelsius, data.memory.swapPeakBytes]).toEqual([null, null]);
    const text = textOf(pageOf(data));
    expect(text).toContain("unknown (no such sensor here)");
    expect(text).not.toMatch(/Held at 0/);
  });

  it("failed answers first, with what made them fail, and the changed words marked", () => {
    const basic = dataOf(night("no-go")).answers.find(({ category }) => category === "basic");
    expect(basic?.answers[0]).toMatchObject({ prompt: "who", failedAfter: [{ check: "expected" }] });
    expect(basic).toMatchObject({ before: { passed: 2, of: 3 }, after: { passed: 2, of: 3 }, more: 1 });
    expect(pageOf(dataOf(night("go")))).toContain("<ins>memory</ins>");
  });

  it("in Turkish with Turkish figures and its person's clock", () => {
    const text = textOf(pageOf(dataOf(night("go")), "tr"));
    expect(text).toContain("DEVAM");
    expect(text).toContain("Sabah raporu");
    expect(text).toMatch(/%\d/);
    expect(text).toContain("22:00");
  });

  it("an empty run, too, without a single step", () => {
    const data = reportData({ state: EMPTY_RUN, plan: nightPlan(), settings: { ...DEFAULT_SETTINGS, clouds: [] }, folder: "/x", nowMs: BEGAN, version: "0" });
    expect(textOf(pageOf(data))).not.toMatch(/undefined|NaN/);
    expect(data.energy).toBeNull();
  });
});

const HOSTILE = [
  "</bdi></p><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "\"><svg onload='alert(1)'>",
  "\u202egnp.exe \u0007 \u001b[31m",
  "&lt;b&gt; {name} $& $1",
  "\u0000\ud800 kötü",
];

describe("texts from data, models and files", () => {
  it.each(HOSTILE)("stay text: %j", (text) => {
    const after = Object.fromEntries(["who", "well", "ram", "adin", "mind", "len"].map((id) => [id, text]));
    const fault = { kind: text, message: text, next: text };
    const shape: NightShape = { after, data: text, end: [sample("warned", { message: text }), { type: "phase-failed", phase: "merge", fault }] };
    const page = pageOf(dataOf(shape));
    const clean = pageOf(
      dataOf({
        ...shape,
        after: Object.fromEntries(Object.keys(after).map((id) => [id, "x"])),
        data: "x",
        end: [sample("warned", { message: "x" }), { type: "phase-failed", phase: "merge", fault: { kind: "x", message: "x", next: "x" } }],
      }),
    );
    const tags = (of: string) => new Set([...of.matchAll(/<(\w+)/g)].map((match) => match[1]));
    // No tag that a harmless page has not, but for the marks of what would act unseen.
    expect([...tags(page)].filter((tag) => !tags(clean).has(tag) && tag !== "span" && tag !== "ul" && tag !== "li")).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
    expect(page).not.toMatch(/ on\w+=['"]?alert\(/.test(text) ? /<[^>]* on\w+=/ : /<script/);
  });

  it("a talkative model does not fill the page", () => {
    const after = Object.fromEntries(["who", "well", "ram", "adin", "mind", "len"].map((id) => [id, `${"word ".repeat(40_000)}`]));
    expect(pageOf(dataOf({ after })).length).toBeLessThan(150_000);
  });

  it("the template escapes by itself", () => {
    expect(html`<p title="${attribute('a"b\u202e')}">${"<b>"}${foreign("&")}${null}</p>`.markup).toBe(
      '<p title="a&quot;bU+202E">&lt;b&gt;<bdi>&amp;</bdi></p>',
    );
  });
});

test("changed words are those the other text has not in this order; little in common marks nothing", () => {
  const own = (before: string, after: string) => markChanged(before, after)?.flatMap((word) => (word.own ? [word.text.trim()] : [])) ?? null;
  expect(own("it saves time on each step", "it saves memory on each step")).toEqual(["memory"]);
  expect(own("a b c", "x y z")).toBeNull();
  expect(own("the same", "the same")).toBeNull();
  expect(own("", "text")).toBeNull();
});

test("axis ticks are round and inside", () => {
  expect(ticks({ from: 0, to: 2.4 })).toEqual([0, 1, 2]);
  expect(ticks({ from: 60, to: 90 })).toEqual([60, 70, 80, 90]);
  expect(ticks({ from: 5, to: 5 })).toEqual([5]);
});

describe("when it is due", () => {
  const reported = (status: string) => sample("reported", { status });
  const fold = (state: ReturnType<typeof nightOf>, ...bodies: Parameters<typeof entry>[0][]) =>
    bodies.reduce((folded, body) => reduce(folded, entry(body)), state);

  it("at the end, once; again after what it does not tell of", () => {
    const ended = nightOf(night("go"));
    expect(isReportDue(ended)).toBe(true);
    const written = fold(ended, reported("finished"));
    expect(isReportDue(written)).toBe(false);
    expect(isReportDue(fold(written, sample("conditions"), sample("memory")))).toBe(false);
    expect(isReportDue(fold(written, sample("energy")))).toBe(true);
  });

  it("when it needs its person, and once more when it goes on", () => {
    const failed = fold(nightOf(night("failed")), reported("needs-you"));
    expect(isReportDue(failed)).toBe(false);
    const going = fold(failed, { type: "asked", command: "resume" }, sample("phase-started"), sample("spawned"));
    expect(isReportDue(going)).toBe(true);
    const told = fold(going, reported("training"));
    expect(isReportDue(fold(told, sample("step"), sample("checkpoint-sealed")))).toBe(false);
  });

  it("not while it works and nothing was reported", () => {
    expect(isReportDue(nightOf({ done: 20 }))).toBe(false);
  });
});

describe("the model in daily use and the categories", () => {
  const COMPARED = sample("judged", {
    decision: "go",
    lines: [],
    categories: [
      {
        category: "basic",
        before: { passed: 1, of: 3 },
        after: { passed: 3, of: 3 },
        baseline: { passed: 2, of: 3 },
        heldOut: { before: 2.5, after: 1.25, rows: 40 },
      },
    ],
    early: [{ step: 40, passed: 2, of: 5 }],
    taken: { step: 80, lastStep: 120, why: "best" },
  });
  const asked = (why: string | null) => [
    sample("run-created", { baseline: "jessy-<i>daily</i>" }),
    sample("answered", { stage: "baseline", prompt: "who", category: "basic", text: "Who are you?", answer: "I am the old <b>one</b>.", stop: "end" }),
    sample("baseline-asked", { name: "jessy-<i>daily</i>", answers: 1, why }),
    COMPARED,
  ];

  it.each([
    ["en", ["jessy-<i>daily</i> 2/3", "held-out loss 2.50 → 1.25 (40 rows)", "The checkpoint of step 80 is used", "step 40: 2/5"]],
    ["tr", ["jessy-<i>daily</i> 2/3", "sınama kaybı 2,50 → 1,25 (40 satır)", "80. adımın kaydı kullanılıyor", "40. adım: 2/5"]],
  ] as const)("stand in the page in %s, as text", (language, sentences) => {
    const data = dataOf({ end: asked(null) });
    const page = pageOf(data, language);
    const read = textOf(page).replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    for (const sentence of [...sentences, "I am the old <b>one</b>."]) expect(read).toContain(sentence);
    expect(page).not.toMatch(/<i>daily|<b>one/);
    expect(data.baseline).toEqual({ name: "jessy-<i>daily</i>", answers: 1, why: null });
    expect(data.answers.find(({ category }) => category === "basic")?.baseline.of).toBe(1);
  });

  it.each([
    ["en", "is unknown: Ollama is not running on this computer."],
    ["tr", "bilinmiyor: Ollama is not running on this computer."],
  ] as const)("unknown in %s with its reason", (language, sentence) => {
    expect(textOf(pageOf(dataOf({ end: asked("Ollama is not running on this computer.") }), language))).toContain(sentence);
  });
});
