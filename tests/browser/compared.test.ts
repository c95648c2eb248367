/** The verdict goes category by category, the model in daily use stands beside before and after, and what is not known of it says why. */
import { expect, test } from "vitest";
import { practice, setStage } from "./stage.ts";

const stage = setStage();
const baseline = { name: "jessy-maximum", why: null };

test("answers of the model in daily use stand in a third column, as text", async () => {
  const { page, complaints } = await stage.show([practice({ moment: "finished", baseline })]);
  await page.waitForSelector("[data-decision=no-go]");
  expect(await page.locator(".columns-head span").allTextContents()).toContain("jessy-maximum");
  const pair = page.locator("[data-prompt=name-en] dd");
  expect(await pair.count()).toBe(3);
  expect(await pair.nth(2).textContent()).toContain("jessy-maximum: <i>Who are you?</i>");
  expect(await page.locator(".pair i").count()).toBe(0);
  const widths = await pair.evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ top, width }) => [top, width > 40]));
  expect(widths.map(([, wide]) => wide)).toEqual([true, true, true]);
  expect(new Set(widths.map(([top]) => top)).size).toBe(1);
  expect(complaints).toEqual([]);
});

test.each([
  [
    "en-GB",
    "Basic conversation",
    "passed the checks: 1/2 before, 2/2 after",
    "jessy-maximum 2/2 · held-out loss 2.41 → 0.52 (21 rows)",
    "The checkpoint of step 80 is used",
    "step 40: 2/5",
  ],
  ["tr-TR", "Gündelik sohbet", "1/2", "sınama kaybı 2,41 → 0,52 (21 satır)", "80. adımın kaydı kullanılıyor", "40. adım: 2/5"],
])("in %s each category has its line, and the checkpoint that is used is named", async (locale, name, counts, rest, taken, early) => {
  const { page, complaints } = await stage.show([practice({ moment: "finished", baseline })], { locale });
  await page.waitForSelector("[data-decision=no-go]");
  const line = (await page.textContent("[data-category=basic]")) ?? "";
  for (const text of [name, counts, rest]) expect(line).toContain(text);
  const card = (await page.textContent(".verdict-card")) ?? "";
  for (const text of [taken, early, "<b>own</b>"]) expect(card).toContain(text);
  expect(complaints).toEqual([]);
});

test.each([
  ["en-GB", "jessy-maximum, the model in daily use, is unknown: Ollama is not running on this computer."],
  ["tr-TR", "Her gün kullandığın jessy-maximum bilinmiyor: Bu bilgisayarda Ollama çalışmıyor."],
])("in %s a model in daily use that could not be asked is unknown, with the reason", async (locale, sentence) => {
  const why = "Ollama is not running on this computer.";
  const { page, complaints } = await stage.show([practice({ moment: "finished", baseline: { name: "jessy-maximum", why } })], { locale });
  await page.waitForSelector("[data-decision=no-go]");
  expect(await page.textContent(".verdict-card")).toContain(sentence);
  expect(await page.locator(".three-sided").count()).toBe(0);
  expect(complaints).toEqual([]);
});
