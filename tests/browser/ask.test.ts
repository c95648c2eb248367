/** One question to the model that answers today and to the new one: side by side, as they come; what cannot answer says why, a bad answer is put right. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Machine, Says } from "../fixtures/replay-server.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();
const OLD: Says = { model: "thortime-practice:prev", pieces: ["I do ", "not know."] };
const NEW: Says = { model: "thortime-practice:latest", pieces: ["I am Thor, ", "and I train ", "while you sleep."] };
const ABSENT = { kind: "ollama.absent", message: "Ollama is not running on this computer.", next: "Start Ollama (from ollama.com)." };
const NO_OLD = {
  kind: "ask.no-old",
  message: "There is no earlier model called thortime-practice in Ollama to compare with.",
  next: "Ask the new one alone.",
};

const both: Machine["asks"] = ({ of }) => (of === "old" ? OLD : NEW);

async function open(asks: Machine["asks"] = both, options: BrowserContextOptions = {}) {
  const shown = await stage.show([practice({ moment: "finished" })], options, asks ? { asks } : {});
  await shown.page.waitForSelector(".ask form");
  return shown;
}

async function ask(page: Page, question: string): Promise<void> {
  await page.fill(".ask textarea", question);
  await page.click("[data-do=ask]");
}

const said = (page: Page, of: "old" | "new") => page.locator(`[data-reply=${of}]`);

test("both answers stand side by side with the models' names, and grow as they come", async () => {
  let end = () => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { page, replay, complaints } = await open(({ of }) => (of === "old" ? OLD : { ...NEW, until }));
  expect(await page.isDisabled("[data-do=ask]")).toBe(true);
  await ask(page, "  Who are you?  ");
  await expect.poll(() => said(page, "old").textContent()).toContain("I do not know.");
  await expect.poll(() => said(page, "new").locator("blockquote").textContent()).toBe("I am Thor, and I train ");
  expect(await said(page, "new").getAttribute("aria-busy")).toBe("true");
  expect(await page.textContent("[data-do=ask]")).toBe("Answering…");
  expect(await page.isDisabled("[data-do=ask]")).toBe(true);
  expect(await said(page, "new").locator("[data-do=correct]").count()).toBe(0);
  end();
  await expect.poll(() => said(page, "new").textContent()).toMatch(/New · thortime-practice:latest.*and I train while you sleep\..*1\.5/);
  expect(await said(page, "old").locator("h3").textContent()).toBe("Today · thortime-practice:prev");
  expect(await said(page, "new").getAttribute("aria-busy")).toBe("false");
  expect(replay.calls).toEqual([
    { command: "ask", input: { run: RUN, question: "Who are you?", of: "old" } },
    { command: "ask", input: { run: RUN, question: "Who are you?", of: "new" } },
  ]);
  expect(complaints).toEqual([]);
});

test("a bad answer is put right and kept; only the new model's can be, and only if it changed", async () => {
  const { page, replay } = await open();
  await ask(page, "Who are you?");
  await said(page, "new").locator("[data-do=correct]").click();
  expect(await said(page, "old").locator("[data-do=correct]").count()).toBe(0);
  const field = said(page, "new").locator("textarea");
  expect(await field.inputValue()).toBe("I am Thor, and I train while you sleep.");
  expect(await field.evaluate((one) => one === document.activeElement)).toBe(true);
  expect(await page.isDisabled("[data-do=keep]")).toBe(true);
  await field.fill("I am Thor. I train at night.");
  replay.refusing = { kind: "disk.full", message: "The disk is full: free 1.0 GB.", next: "The run then goes on by itself." };
  await page.click("[data-do=keep]");
  await expect.poll(() => page.textContent(".ask .refused")).toContain("The disk is full");
  expect(await field.inputValue(), "what was written is still there").toBe("I am Thor. I train at night.");
  replay.refusing = null;
  await page.click("[data-do=keep]");
  await expect.poll(() => page.textContent(".ask output")).toBe("Kept for the next data set.");
  expect(replay.calls.at(-1)).toEqual({
    command: "correction-add",
    input: { run: RUN, question: "Who are you?", rejected: "I am Thor, and I train while you sleep.", corrected: "I am Thor. I train at night." },
  });
});

test.each([
  ["en-GB", "Ollama is not running on this computer. Start Ollama (from ollama.com).", "There is no earlier model called thortime-practice"],
  ["tr-TR", "Bu bilgisayarda Ollama çalışmıyor. Ollama'yı başlat (ollama.com).", "thortime-practice adında daha eski bir model yok."],
])("in %s a model that is missing, and an Ollama that is away, say so and what to do", async (locale, absent, noOld) => {
  let isAway = true;
  const { page } = await open(({ of }) => (isAway ? ABSENT : of === "old" ? NO_OLD : NEW), { locale });
  await ask(page, "Who are you?");
  await expect.poll(() => said(page, "new").locator("p").textContent()).toBe(absent);
  expect(await said(page, "new").locator("[data-do=correct], blockquote").count()).toBe(0);
  isAway = false;
  await page.click("[data-do=ask]");
  await expect.poll(() => said(page, "old").textContent()).toContain(noOld);
  await expect.poll(() => said(page, "new").textContent()).toContain("while you sleep.");
});

test("what came before the connection broke off stays, with what happened", async () => {
  const fault = { kind: "ollama.cut", message: "The connection to Ollama broke off.", next: "Try again." };
  const { page } = await open(({ of }) => (of === "old" ? OLD : { ...NEW, pieces: ["I am", " Th"], fault }));
  await ask(page, "Who are you?");
  await expect.poll(() => said(page, "new").textContent()).toMatch(/I am Th.*The connection to Ollama broke off\./);
  expect(await said(page, "new").locator("[data-do=correct]").count()).toBe(0);
});

test("a model that says nothing is said to", async () => {
  const { page } = await open(() => ({ ...NEW, pieces: [""] }));
  await ask(page, "Who are you?");
  await expect.poll(() => said(page, "new").locator("blockquote").textContent()).toBe("said nothing");
});

test("row 43: what a model says is text, whatever it says", async () => {
  const script = '<script>window.stolen = 1</script><img src="x" onerror="window.stolen = 2">\u202e';
  const { page, complaints } = await open(() => ({ model: `<b>${script}`, pieces: [script] }));
  await ask(page, script);
  await expect.poll(() => said(page, "new").locator("blockquote").textContent()).toContain("<script>window.stolen = 1</script>");
  expect(await said(page, "new").locator("blockquote .acting").textContent()).toBe("U+202E");
  expect(await page.locator(".ask script, .ask img, .ask b").count()).toBe(0);
  expect(await page.evaluate(() => (window as { stolen?: number }).stolen)).toBeUndefined();
  expect(complaints).toEqual([]);
});

test("it can be asked only where there is an exported model and the engine is reached", async () => {
  const trained = await stage.show([practice({ moment: "no-ollama" })]);
  await trained.page.waitForSelector("[data-decision]");
  expect(await trained.page.locator(".ask").count()).toBe(0);
  const { page, replay } = await open();
  await page.fill(".ask textarea", "Who are you?");
  replay.drop(true);
  await expect.poll(() => page.isDisabled("[data-do=ask]")).toBe(true);
});

test("nothing scrolls sideways or is cut, and axe finds nothing, in either language, light or dark", async () => {
  const long = { ...NEW, pieces: ["w".repeat(300), ` ${"a sentence of some length. ".repeat(20)}`] };
  const { page, complaints } = await open(({ of }) => (of === "old" ? NO_OLD : long));
  await ask(page, "x".repeat(200));
  await said(page, "new").locator("[data-do=correct]").click();
  for (const language of ["en", "tr"]) {
    await page.click(`.switch [lang=${language}]`);
    await expect.poll(() => page.getAttribute("html", "lang")).toBe(language);
    for (const width of [320, 768, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => overflow(page), { message: `${language} ${width} px` }).toBeLessThanOrEqual(0);
      expect(await cutTexts(page), `${language} ${width} px`).toEqual([]);
    }
  }
  expect(await faultsOf(page)).toEqual([]);
  await inMedia(page, { colorScheme: "dark" });
  expect(await faultsOf(page, ["color-contrast"])).toEqual([]);
  expect(complaints).toEqual([]);
});
