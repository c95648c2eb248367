/** The prompts that ship: enough of each category in both languages, told apart, and which of them a run asks. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Prompt, promptSchema } from "../../electron/core/plan.ts";
import { choosePrompts, earlyPrompts, PROMPTS_A_CATEGORY, personaOf, personaPrompts } from "../../electron/core/prompts.ts";
import { checkAnswer } from "../../electron/core/verdict/answer-checks.ts";
import { planOf } from "./plans.ts";

const LANGUAGES = ["en", "tr"] as const;
const CATEGORIES = ["basic", "technical", "turkish", "consciousness", "code"];
const load = (language: string): Prompt[] =>
  promptSchema.array().parse(JSON.parse(readFileSync(new URL(`../../resources/prompts/${language}.json`, import.meta.url), "utf8")));

describe("the prompts that ship", () => {
  const files = LANGUAGES.map(load);

  it("are at least twelve a category in each language, no two alike", () => {
    for (const prompts of files)
      for (const category of CATEGORIES) expect(prompts.filter((one) => one.category === category).length).toBeGreaterThanOrEqual(12);
    const all = files.flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ text }) => text.toLowerCase())).size).toBe(all.length);
    expect([...new Set(all.map(({ category }) => category))]).toEqual(CATEGORIES);
  });

  it("ask for an answer in their own language, and in Turkish wherever that is the category", () => {
    for (const [place, prompts] of files.entries())
      for (const { category, language } of prompts) expect(language).toBe(category === "turkish" ? "tr" : LANGUAGES[place]);
  });

  it("are not answered by their own question where an answer has to say something: repeating it fails", () => {
    const echoed = files.flat().filter(({ text, expect: wanted, ...prompt }) => {
      if (!wanted) return false;
      const results = checkAnswer({ ...prompt, text, expect: wanted }, { answer: text, stop: "end" }, planOf().format);
      return results.every(({ check, passed }) => check !== "expected" || passed);
    });
    expect(echoed.map(({ id }) => id)).toEqual([]);
  });

  it("are asked in equal parts of category and language", () => {
    const chosen = choosePrompts(files);
    expect(chosen).toHaveLength(2 * CATEGORIES.length * PROMPTS_A_CATEGORY);
    for (const category of CATEGORIES) expect(chosen.filter((one) => one.category === category)).toHaveLength(12);
  });
});

describe("who the model is to be", () => {
  it.each([
    ["jessy-maximum-v1", "", "Jessy"],
    ["jessy-maximum-v1", "You are Ada, a helper.", "Ada"],
    ["x", "Senin adın Deniz.", "Deniz"],
    ["x", "Sen Deniz'sin, yardımcı birisin.", "Deniz"],
    ["test-v1", "", null],
    ["my-model", "", null],
    ["test-v1", "You are a helpful assistant.", null],
  ])("%j with the system text %j: %j", (model, system, name) => {
    expect(personaOf(model, system)).toBe(name);
  });

  it("is asked in both languages, and an answer may bend the name", () => {
    const prompts = personaPrompts("Jessy");
    expect(prompts.map(({ language }) => language)).toEqual(["en", "en", "tr", "tr"]);
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(4);
    const said = (answer: string) => prompts.map((prompt) => checkAnswer(prompt, { answer, stop: "end" }, planOf().format).at(-1)?.passed);
    expect(said("Ben Jessy'yim.")).toEqual([true, true, true, true]);
    expect(said("I am Gemma.")).toEqual([false, false, false, false]);
  });
});

it("early tests ask a persona prompt and one of each category, those that can be judged first", () => {
  const prompts: Prompt[] = [
    { id: "a", category: "basic", text: "?" },
    { id: "b", category: "basic", text: "?", expect: { any: ["x"] } },
    { id: "c", category: "code", text: "?" },
    { id: "p", category: "basic", text: "?", persona: true },
  ];
  expect(earlyPrompts(prompts)).toEqual(["p", "b", "c"]);
  expect(earlyPrompts([])).toEqual([]);
});
