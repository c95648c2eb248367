/** Past runs: found, set side by side, tried again with what the verdict proposes, carried away, deleted only after what goes was named. */
import { expect, test } from "vitest";
import { homeEvent } from "../fixtures/journal.ts";
import { HELD_RUN, PAST_RUNS, removalOf, TEST_RUN, trainedAs } from "../fixtures/past-runs.ts";
import { cutTexts, faultsOf, inMedia, overflow } from "./looks.ts";
import { setStage } from "./stage.ts";

const stage = setStage();
const MACHINE = { removal: removalOf, trained: trainedAs };
const open = async (...[runs, options, machine]: Parameters<typeof stage.show>) => {
  const shown = await stage.show(runs, options, { ...MACHINE, ...machine });
  await shown.page.click("[data-view=history]");
  await shown.page.waitForSelector(".history h1");
  return shown;
};
const row = (run: string) => `[data-past="${run}"]`;

test("each run says what it came to, newest first, and a search finds it by its name", async () => {
  const { page, complaints } = await open(PAST_RUNS);
  await page.waitForSelector(row(TEST_RUN));
  expect(await page.locator(".past").evaluateAll((all) => all.map((one) => one.getAttribute("data-past")))).toEqual([HELD_RUN, TEST_RUN]);
  expect(await page.textContent(row(TEST_RUN))).toMatch(
    /jessy-test-v1.*finished.*GO.*quick test.*63 of 63 steps.*loss \d.*→.*held-out \d.*→.*trained for.*in Ollama as/,
  );
  await page.fill("input[type=search]", "maximum");
  await expect.poll(() => page.locator(".past").count()).toBe(1);
  await page.fill("input[type=search]", "nowhere");
  await expect.poll(() => page.textContent("[data-no-match]")).toBe("No run fits “nowhere”.");
  expect(complaints).toEqual([]);
});

test("two that are chosen stand side by side: settings that differ, both curves on one axis by keyboard, both verdicts", async () => {
  const { page, complaints } = await open(PAST_RUNS);
  await page.check(`${row(TEST_RUN)} input`);
  expect(await page.isDisabled("[data-do=pair]")).toBe(true);
  await page.check(`${row(HELD_RUN)} input`);
  await page.click("[data-do=pair]");
  await page.waitForSelector(".pair-table");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("pair-title");
  const settings = await page.locator("[data-row=setting]").allTextContents();
  expect(settings).toContain("training.learning_rate0.000050.0002");
  expect(settings.find((text) => text.startsWith("training.lora_r"))).toBeDefined();
  expect(await page.textContent("[data-row=verdict]")).toMatch(/GO.*(NO-GO|Your call)/);
  expect(await page.locator("[data-row=line]").count()).toBeGreaterThan(3);
  await page.focus(".plot-pair");
  await page.keyboard.press("End");
  await expect.poll(() => page.getAttribute(".plot-pair", "aria-valuetext")).toMatch(/^step 608 · B \d/);
  await page.keyboard.press("Home");
  await expect.poll(() => page.getAttribute(".plot-pair", "aria-valuetext")).toMatch(/A held-out \d.*B held-out \d/);
  await page.click("[data-do=pair-close]");
  await expect.poll(() => page.locator(".pair-card").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("a third cannot be chosen, and choosing none frees them all", async () => {
  const third = { ...(PAST_RUNS[0] as (typeof PAST_RUNS)[number]), run: "third-20261119-190000-00c3", name: "third" };
  const { page } = await open([third, ...PAST_RUNS]);
  await page.check(`${row(TEST_RUN)} input`);
  await page.check(`${row(HELD_RUN)} input`);
  expect(await page.isDisabled(`${row(third.run)} input`)).toBe(true);
  await page.click("[data-do=choose-none]");
  await expect.poll(() => page.isEnabled(`${row(third.run)} input`)).toBe(true);
});

test("try again: what its verdict proposes first is chosen already, and the new run is shown", async () => {
  const { page, replay } = await open(PAST_RUNS);
  await page.click(`${row(HELD_RUN)} [data-do=what]`);
  await page.click("[data-do=again]");
  const first = page.locator(".lever input:checked");
  await first.waitFor();
  const lever = await first.evaluate((one) => one.closest("[data-lever]")?.getAttribute("data-lever"));
  expect(lever).not.toBe("none");
  expect(await page.textContent(`[data-lever="${lever}"]`)).toContain("what its verdict proposes first");
  await page.check("[data-do=tonight]");
  await page.click("[data-do=again-start]");
  await page.waitForSelector("#run-name");
  expect(replay.calls).toMatchObject([{ command: "run-again", input: { run: HELD_RUN, lever, value: null, tonight: true } }]);
});

test("a run without a verdict is tried again as it was", async () => {
  const { page, replay } = await open([{ ...(PAST_RUNS[0] as (typeof PAST_RUNS)[number]), moment: "stopped" }]);
  await page.click(`${row(TEST_RUN)} [data-do=what]`);
  await page.click("[data-do=again]");
  await page.getByText("It has no verdict, so nothing is proposed.").waitFor();
  await page.click("[data-do=again-start]");
  await expect.poll(() => replay.calls).toMatchObject([{ command: "run-again", input: { run: TEST_RUN, lever: "none", value: null, tonight: false } }]);
});

test("deleting names what goes, how much room comes back and what stays, and asks; Escape leaves it all", async () => {
  const { page, replay } = await open(PAST_RUNS);
  await page.click(`${row(TEST_RUN)} [data-do=what]`);
  await page.click("[data-do=delete]");
  await page.waitForSelector("[data-do=delete-no]");
  expect(await page.locator("[data-parts] li").allTextContents()).toEqual(["export 1.7 GB", "checkpoints 412 MB", "events.jsonl 1.2 MB"]);
  expect(await page.locator("[data-stays]").allTextContents()).toEqual([
    "Its model answers in Ollama as jessy. It stays there.",
    `${HELD_RUN} was made from it, and stays.`,
  ]);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("delete-no");
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("what");
  expect(replay.calls).toEqual([]);
  await page.click("[data-do=delete]");
  await page.click("[data-do=delete-yes]");
  await expect.poll(() => page.textContent(".history .done")).toBe("jessy-test-v1 is deleted; 2.1 GB came free.");
  expect(replay.calls).toEqual([{ command: "run-delete", input: { run: TEST_RUN, really: true } }]);
  replay.publish("home", [homeEvent({ type: "run-deleted", run: TEST_RUN, name: "jessy-test-v1", bytes: 2_121_786_912 })]);
});

test("a run that has not ended can be looked at and made anew, neither saved nor deleted", async () => {
  const { page } = await open([{ ...(PAST_RUNS[1] as (typeof PAST_RUNS)[number]), moment: "training" }]);
  await page.click(`${row(HELD_RUN)} [data-do=what]`);
  expect(await page.locator(".past-doing button").evaluateAll((all) => all.map((one) => one.getAttribute("data-do")))).toEqual(["open", "again"]);
  await page.click("[data-do=open]");
  await expect.poll(() => page.textContent("#run-name")).toBe("jessy-maximum-v1");
});

test("a run is saved to a file, and one is taken in; what is refused stands beside it in the window's language", async () => {
  const { page, replay } = await open(PAST_RUNS, { locale: "tr-TR" });
  await page.click(`${row(TEST_RUN)} [data-do=what]`);
  await page.click("[data-do=save-run]");
  await page.click("[data-do=save-yes]");
  await expect.poll(() => page.textContent("[data-panel=save] .done")).toBe("Yazıldı: ~/jessy-test-v1.tar.gz (1,2 MB).");
  replay.refusing = { kind: "run.living", message: "jessy has not ended; it is not deleted.", next: "End it first with: thortime stop jessy." };
  await page.fill("[data-pick=run] input[type=text]", "~/there.tar.gz");
  await page.click("[data-do=take-in]");
  await page.waitForSelector(".take-in [role=alert]");
  expect(await page.locator(".take-in [role=alert] [lang=en]").count()).toBe(0);
  expect(replay.calls.map(({ command }) => command)).toEqual(["run-pack", "run-import"]);
});

test("history that is off says so with its reason, and still lists what the journals know", async () => {
  const { page, complaints } = await open(PAST_RUNS, {}, { historyOff: "the system is too old for the bundled SQLite" });
  await expect.poll(() => page.textContent("[data-history-off]")).toContain("The history is off: the system is too old for the bundled SQLite");
  expect(await page.textContent(row(TEST_RUN))).toContain("finished");
  expect(await page.textContent(row(TEST_RUN))).not.toContain("no verdict");
  await page.fill("input[type=search]", "maximum");
  await expect.poll(() => page.locator(".past").count()).toBe(1);
  expect(complaints).toEqual([]);
});

test("with nothing there it says what will come; offline nothing can be asked for", async () => {
  const empty = await open([]);
  await expect.poll(() => empty.page.textContent("[data-empty]")).toContain("Nothing has run yet.");
  const { page, replay } = await open(PAST_RUNS);
  await page.click(`${row(TEST_RUN)} [data-do=what]`);
  await page.check(`${row(TEST_RUN)} input`);
  await page.check(`${row(HELD_RUN)} input`);
  replay.drop(true);
  await page.waitForSelector(".bar");
  for (const name of ["pair", "again", "save-run", "delete"]) expect(await page.isDisabled(`[data-do=${name}]`), name).toBe(true);
});

test.each(["en-GB", "tr-TR"])("in %s a comparison and every panel fit from 320 to 1440 px, and axe finds nothing", async (locale) => {
  const { page, complaints } = await open(PAST_RUNS, { locale, viewport: { width: 320, height: 800 } });
  await page.check(`${row(TEST_RUN)} input`);
  await page.check(`${row(HELD_RUN)} input`);
  await page.click("[data-do=pair]");
  await page.waitForSelector(".pair-table");
  for (const doing of ["again", "save-run", "delete"]) {
    await page.click(`${row(TEST_RUN)} [data-do=what]`);
    await page.click(`[data-do=${doing}]`);
    await page.waitForSelector({ again: "[data-do=again-start]", "save-run": "[data-do=save-yes]", delete: "[data-do=delete-no]" }[doing] ?? "");
    for (const width of [320, 768, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => overflow(page), { message: `${doing} ${width} px` }).toBeLessThanOrEqual(0);
      expect(await cutTexts(page), `${doing} ${width} px`).toEqual([]);
    }
    expect(await faultsOf(page), doing).toEqual([]);
    await inMedia(page, { colorScheme: "dark" });
    expect(await faultsOf(page, ["color-contrast"]), doing).toEqual([]);
    await inMedia(page, { colorScheme: "light" });
    await page.click(`${row(TEST_RUN)} [data-do=what]`);
  }
  expect(complaints).toEqual([]);
});
