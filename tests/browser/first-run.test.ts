/** The first evening on the real engine: computer, rows with the data doctor, model, night check, start; by mouse, keyboard, in both languages. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, openPage } from "../fixtures/browser.ts";
import { openRealHome, type RealHome } from "../fixtures/real-home.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";

const PRACTICE = join(import.meta.dirname, "..", "..", "resources", "practice");
const WAIT = { timeout: 60_000 };
let browser: Browser;
let real: RealHome;
const opened: (() => Promise<void>)[] = [];
beforeAll(async () => {
  [browser, real] = [await launchBrowser(), await openRealHome()];
}, 180_000);
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});
afterAll(async () => {
  await browser.close();
  await real.close();
});

async function open(options: BrowserContextOptions = {}) {
  const shown = await openPage(browser, real.address, options);
  opened.push(shown.close);
  await shown.page.waitForSelector("[data-step=hello]");
  return shown;
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Contradictions, repeats, a leak, an address, a broken line. */
function writeRows(name: string): { readonly data: string; readonly heldOut: string } {
  const [data, heldOut] = [join(real.home, `${name}.jsonl`), join(real.home, `${name}-held-out.jsonl`)];
  const rows = [
    ...Array.from({ length: 12 }, (_, n) => ({ input: "Acceptance Criteria", output: `answer ${n}` })),
    ...Array.from({ length: 30 }, (_, n) => ({ input: `What is ${n} + 1?`, output: `It is ${n + 1}.` })),
    { input: "What is 3 + 1?", output: "It is 4." },
    { input: "Where do I write to?", output: "To ada@example.org." },
  ];
  writeFileSync(data, `${lines(rows)}{broken\n`);
  writeFileSync(heldOut, lines([...rows.slice(12, 14), { input: "What is 100 + 1?", output: "It is 101." }]));
  return { data, heldOut };
}

const go = (page: Page, step: number) => page.click(`.steps li:nth-child(${step}) button`);

async function lookAt(page: Page, files: { data: string; heldOut: string }) {
  await page.fill("[data-pick=data] input.wide", files.data);
  await page.fill("[data-pick=held-out] input.wide", files.heldOut);
  await page.click("[data-do=inspect]");
  await page.waitForSelector("[data-found]", WAIT);
}

test("a home without a run opens with the guide; the language chosen is the window's and the notices'", async () => {
  const { page, complaints } = await open();
  await page.click("[data-language=tr]");
  await expect.poll(() => page.textContent("h1")).toBe("Sabaha daha iyi bir model");
  await expect.poll(async () => (await real.api.call("settings", {})).settings.language).toBe("tr");
  await page.click("[data-language=en]");
  await page.click("[data-do=next]");
  await page.waitForSelector("[data-tool=ollama]");
  expect(await page.getAttribute("[data-tool=python]", "data-state")).toBe("fine");
  expect(await page.textContent("[data-tool=ollama] h2")).toMatch(/^Ollama (was not found|is installed, but not running)$/);
  expect(complaints).toEqual([]);
});

test("the doctor's findings are cards with counts and lines; a corrected copy is written beside the file and used", async () => {
  const files = writeRows("doctor");
  const before = readFileSync(files.data, "utf8");
  const { page, complaints } = await open();
  await go(page, 3);
  await lookAt(page, files);
  const kinds = await page.locator("[data-find]").evaluateAll((all) => all.map((one) => one.getAttribute("data-find")));
  expect(kinds).toEqual(["bad-rows", "conflicts", "leaks", "duplicates", "personal-e-mail"]);
  expect(await page.textContent("[data-find=bad-rows] h3")).toBe("Rows that cannot be used: 1 of 45");
  expect(await page.textContent("[data-find=bad-rows] .examples")).toBe("line 45: not JSON");
  expect(await page.textContent("[data-find=conflicts] .examples")).toBe("Acceptance Criteria rows: 12, answers: 12");
  expect(await page.textContent("[data-find=duplicates] .examples")).toBe("line 43 repeats line 16");
  await page.check("[data-wish=personal]");
  await page.click("[data-do=fix]");
  await page.waitForSelector(".written", WAIT);
  const fixed = join(real.home, "doctor.fixed.jsonl");
  expect(readFileSync(fixed, "utf8").split("\n").length - 1).toBe(43);
  expect(readFileSync(fixed, "utf8")).not.toContain("ada@example.org");
  expect(existsSync(`${fixed}.changes.json`)).toBe(true);
  expect(readFileSync(files.data, "utf8")).toBe(before);
  await page.click("[data-do=use-fixed]");
  expect(await page.inputValue("[data-pick=data] input.wide")).toBe(fixed);
  await page.click("[data-do=inspect]");
  await expect.poll(() => page.locator("[data-find=bad-rows]").count(), WAIT).toBe(0);
  expect(complaints).toEqual([]);
});

test("what cannot be read is said in words, beside the file", async () => {
  const { page } = await open();
  await go(page, 3);
  expect(await page.isDisabled("[data-do=inspect]")).toBe(true);
  await page.fill("[data-pick=data] input.wide", "rows.jsonl");
  await page.click("[data-do=inspect]");
  await expect.poll(() => page.textContent(".refused")).toContain("no whole path");
  await page.fill("[data-pick=data] input.wide", join(real.home, "none.jsonl"));
  await page.click(".refused .quiet");
  await page.click("[data-do=inspect]");
  await expect.poll(() => page.textContent(".refused"), WAIT).toContain("none.jsonl");
});

test("a dropped file in a browser asks for its path, and says why", async () => {
  const { page } = await open();
  await go(page, 3);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["{}"], "my rows.jsonl"));
    document.querySelector("[data-pick=data]")?.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data }));
  });
  await expect.poll(() => page.textContent("[data-pick=data] [role=status]")).toContain("does not say where my rows.jsonl lies");
  expect(await page.evaluate(() => document.activeElement?.className)).toBe("wide");
});

test("in the app a dropped file is its path", async () => {
  const { page } = await open();
  await page.evaluate(() => {
    Object.defineProperty(window, "thortime", { value: { pathOf: () => "/Users/ada/rows.jsonl" } });
  });
  await go(page, 3);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["{}"], "rows.jsonl"));
    document.querySelector("[data-pick=data]")?.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data }));
  });
  await expect.poll(() => page.inputValue("[data-pick=data] input.wide")).toBe("/Users/ada/rows.jsonl");
  expect(await page.isVisible("[data-do=choose-data]")).toBe(true);
});

test("a word of the trade is explained by focus and hover, and Escape takes the explanation away", async () => {
  const { page } = await open({ viewport: { width: 320, height: 800 } });
  await go(page, 3);
  await page.focus(".term button");
  const tip = page.locator(".tip");
  await expect.poll(() => tip.textContent()).toContain("Rows the model never trains on");
  const box = await tip.boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= 320).toBe(true);
  await page.keyboard.press("Escape");
  await expect.poll(() => tip.count()).toBe(0);
  await page.locator(".term button").nth(1).hover();
  await expect.poll(() => tip.textContent()).toContain("differ in a word or two");
});

test("the model: known ones with size and terms; what is not on the computer is offered to download", async () => {
  const { page } = await open();
  await go(page, 4);
  await page.click("[data-model='unsloth/gemma-2-2b']");
  expect(await page.textContent(".choice-box:nth-of-type(2)")).toContain("5.3 GB to download");
  expect(await page.getAttribute(".choice-terms a", "href")).toBe("https://ai.google.dev/gemma/terms");
  expect(await page.getAttribute(".fetch", "data-held")).toBe("none");
  await page.click("[data-model=other]");
  await page.fill(".inset input", "nobody");
  expect(await page.isVisible(".fetch")).toBe(false);
});

test("where one is after a reload is where one was, and what was found is still there", async () => {
  const { page } = await open();
  await go(page, 3);
  await lookAt(page, writeRows("reload"));
  await page.reload();
  await page.waitForSelector("[data-find=conflicts]", WAIT);
  expect(await page.getAttribute(".guide", "data-step")).toBe("data");
});

test("one's own rows: the quick test that lets the night begin is proposed, and not begun without rows and model; what the engine refuses is said", async () => {
  const files = writeRows("own");
  const { page } = await open();
  await go(page, 6);
  expect(await page.isChecked("[data-kind=practice]")).toBe(true);
  await page.click("[data-kind=quick]");
  expect(await page.isDisabled("[data-do=start-run]")).toBe(true);
  await page.click("[data-do=go-data]");
  await lookAt(page, files);
  await go(page, 4);
  await page.click("[data-model=other]");
  await page.fill(".inset input", join(real.home, "no-model"));
  await go(page, 6);
  await expect.poll(() => page.textContent(".own-run")).toContain("Leave out the rows that cannot be used (1)");
  expect(await page.isChecked("[data-kind=campaign]")).toBe(true);
  expect(await page.inputValue(".own-run .field input")).toBe("own");
  expect(await page.textContent("[data-names]")).toBe("own-test-v1, then own-maximum-v1");
  expect(await page.isChecked("[data-do=tonight]")).toBe(true);
  await page.click("[data-kind=quick]");
  expect(await page.inputValue(".own-run .field input")).toBe("own-test");
  expect(await page.isChecked("[data-do=tonight]")).toBe(false);
  await page.click("[data-kind=campaign]");
  await page.click("[data-do=start-run]");
  await expect.poll(() => page.textContent(".own-run .refused"), WAIT).toContain("no-model");
  expect((await real.api.call("history", {})).rows).toEqual([]);
});

describe("every step", () => {
  test.each(["en-GB", "tr-TR"])("%s: nothing scrolls sideways or is cut, axe finds nothing, light and dark", async (locale) => {
    const { page, complaints } = await open({ locale });
    for (let step = 1; step <= 6; step += 1) {
      await go(page, step);
      if (step === 3) await lookAt(page, writeRows(`looks-${locale}`));
      await page.waitForSelector([".choices", "[data-tool]", "[data-find]", ".choice-box", ".checks", "[data-kind]"][step - 1] ?? "", WAIT);
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(() => overflow(page), { message: `step ${step}, ${width} px` }).toBeLessThanOrEqual(0);
        expect(await cutTexts(page), `step ${step}, ${width} px`).toEqual([]);
      }
      expect(await faultsOf(page), `step ${step}`).toEqual([]);
      await inMedia(page, { colorScheme: "dark" });
      expect(await faultsOf(page, ["color-contrast"]), `step ${step}, dark`).toEqual([]);
      await inMedia(page, { colorScheme: "light" });
    }
    expect(complaints).toEqual([]);
  });
});

test("by keyboard alone to the practice run, which really begins", async () => {
  const { page } = await open();
  await page.keyboard.press("Tab");
  for (let press = 0; press < 40; press += 1) {
    if (await page.evaluate(() => document.activeElement?.getAttribute("data-do") === "practise")) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".hero", WAIT);
  expect(new URL(page.url()).hash).toBe("#/run");
  await expect.poll(async () => (await real.api.call("history", {})).rows[0]?.kind, WAIT).toBe("practice");
  await page.click("[data-view=tonight]");
  await page.click("[data-do=doctor]");
  await page.waitForSelector("[data-pick=data]");
  await page.evaluate(() => {
    location.hash = "#/welcome";
  });
  await page.waitForSelector("[data-step]");
});

test("a campaign begun in the guide: its test works at once, and its card says that the night waits for its hours", { timeout: 120_000 }, async () => {
  const { page, close } = await openPage(browser, real.address);
  opened.push(close);
  await page.waitForSelector("main");
  await page.evaluate(() => {
    location.hash = "#/welcome";
  });
  await page.waitForSelector("[data-step=hello]");
  await go(page, 3);
  await page.fill("[data-pick=data] input.wide", join(PRACTICE, "train.jsonl"));
  await go(page, 4);
  await page.click("[data-model=other]");
  await page.fill(".inset input", join(PRACTICE, "model"));
  await go(page, 6);
  await page.fill(".own-run .field input", "mine");
  await page.click("[data-do=start-run]");
  await page.waitForSelector(".campaign-card", WAIT);
  expect(new URL(page.url()).hash).toBe("#/run");
  expect(await page.textContent("[data-phase=test]")).toContain("mine-test-v1");
  expect(await page.textContent("[data-phase=full]")).toMatch(/mine-maximum-v1.*waiting · only from 22:00 to 06:00/);
  // The history is written behind the journal.
  const row = async () => (await real.api.call("history", {})).rows.find(({ name }) => name === "mine-test-v1");
  await expect.poll(async () => (await row())?.kind, WAIT).toBe("quick");
  await real.api.call("run-stop", { run: (await row())?.run ?? "" });
});
