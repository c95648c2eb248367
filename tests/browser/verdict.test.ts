/** The gate's word stands with every line it rests on, in both languages; an answer that made a line fail is shown as text. */
import { expect, test } from "vitest";
import { practice, setStage } from "./stage.ts";

const stage = setStage();

test("says NO-GO, why, and what to try next", async () => {
  const { page, complaints } = await stage.show([practice({ moment: "finished" })]);
  await page.waitForSelector("[data-decision=no-go]");
  const lines = await page
    .locator("[data-criterion]")
    .evaluateAll((all) => all.map((line) => [line.getAttribute("data-criterion"), line.lastElementChild?.textContent]));
  expect(lines).toEqual([
    ["trained", "100%"],
    ["last-loss", "0.42"],
    ["held-out", "−1.87"],
    ["memory", "unknown"],
    ["sound-answers", "85%"],
  ]);
  const text = (await page.textContent("[data-criterion=sound-answers]")) ?? "";
  expect(text).toContain("Goes round in circles:");
  expect(text).toContain("Thor Thor <script>");
  expect(await page.textContent(".verdict-card")).toContain("more rows in the categories that failed");
  expect(complaints).toEqual([]);
});

test("says it in Turkish", async () => {
  const { page } = await stage.show([practice({ moment: "finished" })], { locale: "tr-TR" });
  await page.waitForSelector("[data-decision=no-go]");
  expect(await page.textContent("[data-decision]")).toContain("DUR");
  expect(await page.textContent("[data-criterion=memory]")).toContain("bilinmiyor");
});

test.each([
  ["en-GB", "Not made: the verdict is NO-GO", "Put it into Ollama anyway", "not good enough to answer in Ollama"],
  ["tr-TR", "Yapılmadı: karar DUR", "Yine de Ollama'ya koy", "yanıt verecek kadar iyi değil"],
])("in %s a model held back says why, and offers to put it there anyway", async (locale, why, offer, headline) => {
  const { page, complaints } = await stage.show([practice({ moment: "held" })], { locale });
  await page.waitForSelector("[data-decision=no-go]");
  expect(await page.textContent("[data-result=ollama]")).toContain(why);
  expect(await page.textContent("[data-do=deploy]")).toBe(offer);
  expect(await page.textContent("body")).toContain(headline);
  expect(await page.locator("[data-against]").count()).toBe(0);
  expect(complaints).toEqual([]);
});
