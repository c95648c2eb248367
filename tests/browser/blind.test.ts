/** Answers without names: nothing tells which is which until the end, a key picks, what was picked survives, and the result comes with its interval. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { QUESTIONS } from "../fixtures/journal.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();
/** Those whose two answers differ. */
const ASKED = QUESTIONS.filter(({ before, after }) => before !== after);

const finished = () => practice({ moment: "finished" });

async function begin(page: Page): Promise<void> {
  await page.click("[data-do=blind]");
  await page.waitForSelector(".picking");
}

interface Shown {
  readonly prompt: string;
  /** Where the trained model's answer stands. */
  readonly newIs: 1 | 2;
}

async function pairOn(page: Page): Promise<Shown> {
  const prompt = (await page.getAttribute(".picking", "data-pair")) ?? "";
  const [first] = await page.locator(".picking blockquote").allTextContents();
  const question = QUESTIONS.find(({ id }) => id === prompt);
  return { prompt, newIs: first === question?.after ? 1 : 2 };
}

/** Presses one key and waits for the next pair, or the end. */
async function pick(page: Page, key: string): Promise<void> {
  const { prompt } = await pairOn(page);
  await page.keyboard.press(key);
  await expect.poll(() => page.locator(`[data-pair="${prompt}"]`).count()).toBe(0);
}

test("no name stands on a pair, and those that are word for word the same are left out", async () => {
  const { page, complaints } = await stage.show([finished()]);
  await begin(page);
  expect(await page.textContent(".blind .card-head p")).toBe(`0 of ${ASKED.length}`);
  expect(await page.locator(".picking h3").allTextContents()).toEqual(["1", "2"]);
  const markup = await page.locator(".blind").innerHTML();
  expect(markup).not.toMatch(/before|after|baseline|thortime-practice|newIs|\bold\b/i);
  expect(complaints).toEqual([]);
});

test("keys 1 to 4 pick at once, the engine is told what was chosen and not whose it is, and the end says the result", async () => {
  const { page, replay, complaints } = await stage.show([finished()]);
  await begin(page);
  const chosen: object[] = [];
  const choose = async (key: string, choice: string) => {
    chosen.push({ command: "blind-pick", input: { run: RUN, prompt: (await pairOn(page)).prompt, against: "before", choice } });
    await pick(page, key);
  };
  for (let wins = 0; wins < 3; wins += 1) {
    const { newIs } = await pairOn(page);
    await choose(String(newIs), newIs === 1 ? "first" : "second");
  }
  await page.keyboard.press("5");
  await page.keyboard.press("Control+3");
  expect(replay.calls).toHaveLength(3);
  await choose("3", "same");
  await choose("4", "neither");
  expect(replay.calls).toEqual(chosen);
  await page.waitForSelector("[data-blind-result]");
  // Three of three: Wilson's interval begins at 43.9 %, and a share is never rounded up.
  const result = "You preferred the new one in 3 of 3 (43% to 100%, 95 %).";
  expect(await page.textContent("[data-blind-result]")).toBe(result);
  expect(await page.textContent(".blind")).toContain("The same: 1, both bad: 1.");
  expect(await page.textContent(".verdict-card [data-blind]")).toBe(result);
  await page.click(".blind summary");
  const told = await page.locator(".revealed li").allTextContents();
  expect(told).toHaveLength(ASKED.length);
  expect(told.filter((line) => line.includes("You took it."))).toHaveLength(3);
  expect(told.filter((line) => line.includes("Both bad to you."))).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test("it goes on after a reload where it was left, with the same sides", async () => {
  const { page } = await stage.show([finished()]);
  await begin(page);
  await pick(page, "1");
  await pick(page, "4");
  const left = await pairOn(page);
  await page.reload();
  await page.waitForSelector(".blind");
  expect(await page.textContent(".blind .card-head p")).toBe(`2 of ${ASKED.length}`);
  expect(await page.textContent("[data-do=blind]")).toBe("Go on");
  await begin(page);
  expect(await pairOn(page)).toEqual(left);
  await page.click("[data-do=later]");
  await page.waitForSelector("[data-do=blind]");
});

test("every choice is a button too; a pick that is refused says so, and the pair stays", async () => {
  const { page, replay } = await stage.show([finished()]);
  await begin(page);
  const before = await pairOn(page);
  expect(await page.locator("[data-choice]").allTextContents()).toEqual(["1 the first is better", "2 the second is better", "3 the same", "4 both bad"]);
  replay.refusing = { kind: "run.busy", message: "There are too many questions at once.", next: "Wait for an answer." };
  await page.click("[data-choice=neither]");
  await expect.poll(() => page.textContent(".blind .refused")).toContain("There are too many questions at once.");
  expect(await pairOn(page)).toEqual(before);
  replay.refusing = null;
  await page.click("[data-choice=neither]");
  await expect.poll(async () => (await pairOn(page)).prompt).not.toBe(before.prompt);
});

test("without the engine nothing is picked, by key or button", async () => {
  const { page, replay } = await stage.show([finished()]);
  await begin(page);
  replay.drop(true);
  await expect.poll(() => page.isDisabled("[data-choice=same]")).toBe(true);
  await page.keyboard.press("3");
  replay.takeBack();
  await expect.poll(() => page.isDisabled("[data-choice=same]"), { timeout: 30_000 }).toBe(false);
  expect(replay.calls).toEqual([]);
});

test("all answers the same, or none yet: there is nothing to compare", async () => {
  const same = QUESTIONS.map((one) => ({ ...one, before: one.after }));
  for (const run of [practice({ moment: "finished", answers: same }), practice({ moment: "training" })]) {
    const { page } = await stage.show([run]);
    await page.waitForSelector("h1");
    await page.waitForSelector("[data-prompt]");
    expect(await page.locator(".blind").count()).toBe(0);
  }
});

test("row 43: an answer with script, and an empty one, are shown as text", async () => {
  const script = '<script>window.stolen = 1</script><img src="x" onerror="window.stolen = 2">';
  const answers = [{ id: "evil", category: "basic", text: `${script}?`, before: "", after: script }];
  const { page, complaints } = await stage.show([practice({ moment: "finished", answers })]);
  await begin(page);
  expect((await page.locator(".picking blockquote").allTextContents()).sort()).toEqual([script, "said nothing"].sort());
  expect(await page.locator(".blind script, .blind img").count()).toBe(0);
  expect(await page.evaluate(() => (window as { stolen?: number }).stolen)).toBeUndefined();
  expect(complaints).toEqual([]);
});

test("nothing scrolls sideways or is cut, and axe finds nothing, in either language, light or dark, in the pairs and at the end", async () => {
  const { page, complaints } = await stage.show([finished()]);
  const look = async () => {
    for (const language of ["en", "tr"]) {
      await page.click(`.switch [lang=${language}]`);
      await expect.poll(() => page.getAttribute("html", "lang")).toBe(language);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => overflow(page), { message: `${language} ${width} px` }).toBeLessThanOrEqual(0);
        expect(await cutTexts(page), `${language} ${width} px`).toEqual([]);
      }
      expect(await faultsOf(page)).toEqual([]);
    }
    await inMedia(page, { colorScheme: "dark" });
    expect(await faultsOf(page, ["color-contrast"])).toEqual([]);
    await inMedia(page, { colorScheme: "light" });
  };
  await begin(page);
  await look();
  await page.focus(".picking");
  for (const _pair of ASKED) await pick(page, "1");
  await page.click(".blind summary");
  await look();
  expect(await page.textContent("[data-blind-result]")).toMatch(/^5 sorudan \d tanesinde yenisini seçtin \(%95 olasılıkla %\d+ ile %\d+ arası\)\.$/);
  expect(complaints).toEqual([]);
});
