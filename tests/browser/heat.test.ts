/** Heat, energy and notices on the run: the figures of the journal, in words where they are not known. */
import { expect, test } from "vitest";
import { BLIND_WHY } from "../fixtures/heat-journal.ts";
import { homeEvent, type RunOptions, runJournal } from "../fixtures/journal.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();
const STEP_S = 40;
const night = (change: Partial<RunOptions> = {}) =>
  practice({ kind: "full", steps: 608, stepsDone: 377, stepSeconds: STEP_S, sensors: "warm", startedAt: Date.now() - 377 * 43 * 1000, ...change });
const told = (id: string, level: "normal" | "urgent", key: string, values: Readonly<Record<string, string>> = {}) =>
  homeEvent({ type: "notice", id, run: RUN, level, key, values: { run: "thortime-practice", ...values } });

test("what holding the temperature cost stands first, rests and the highest reading with it", async () => {
  const { page, complaints } = await stage.show([night()]);
  await expect.poll(() => page.textContent("[data-cost]")).toMatch(/^Held 8[3-5] °C, −[4-9]% speed$/);
  expect(await page.textContent("#heat-summary")).toMatch(/At most \d\d °C\. Rests: 2 \(8 min in all\)\./);
  expect(await page.textContent("[data-tile=temperature]")).toMatch(/8\d °Ctarget 85 °C/);
  expect(await page.textContent("[data-tile=pace]")).toContain("94%");
  expect(await page.textContent("[data-tile=energy]")).toMatch(/Energy0\.1\d kWh\$0\.0\d+, measured/);
  // Of the run alone, not since the machine started (over 5 GB).
  expect(await page.textContent("[data-tile=swap]")).toMatch(/412 MB\d+ MB written to the SSD meanwhile \(estimated\)$/);
  expect(complaints).toEqual([]);
});

test("where nobody can tell the temperature, the reason stands instead of a figure", async () => {
  const { page } = await stage.show([night({ sensors: "blind" })]);
  await expect.poll(() => page.textContent("[data-unknown=temperature]")).toContain(BLIND_WHY);
  expect(await page.textContent("[data-tile=temperature]")).toBe(`Temperature${BLIND_WHY}`);
  expect(await page.isVisible("[data-tile=temperature] b")).toBe(false);
  expect(await page.textContent("[data-tile=energy]")).toContain("estimated");
});

test("two charts, one moment: the arrow keys of one move the other", async () => {
  const { page } = await stage.show([night()]);
  await page.focus(".plot-heat");
  await page.keyboard.press("Home");
  await expect.poll(() => page.getAttribute(".loss .plot", "aria-valuetext")).toMatch(/^steps? [0-9]\b/);
  await page.focus(".loss .plot");
  await page.keyboard.press("End");
  const last = await page.getAttribute(".plot-heat", "aria-valuemax");
  await expect.poll(() => page.getAttribute(".plot-heat", "aria-valuenow")).toBe(last);
  await page.keyboard.press("Home");
  await expect.poll(async () => Number(await page.getAttribute(".plot-heat", "aria-valuenow"))).toBeLessThan(3);
});

test("a rest is said at its place", async () => {
  const { page } = await stage.show([night()]);
  await page.focus(".plot-heat");
  await page.keyboard.press("Home");
  const last = Number(await page.getAttribute(".plot-heat", "aria-valuemax"));
  const texts: string[] = [];
  for (let at = 0; at < last; at += 1) {
    texts.push((await page.getAttribute(".plot-heat", "aria-valuetext")) ?? "");
    await page.keyboard.press("ArrowRight");
  }
  expect(texts.filter((text) => text.endsWith("resting")).length).toBeGreaterThan(0);
});

test("unseen notices stand in every view until they are seen, what is urgent first", async () => {
  const first = { first: "2.4", loss: "1.9", celsius: "78", memory: "8.7", end: "05:30" };
  const { page, replay } = await stage.show([practice()]);
  replay.publish("home", [told("a", "normal", "first-half-hour", first), told("b", "urgent", "flag-hot", { celsius: "92" })]);
  await page.waitForSelector("[data-notice=flag-hot]");
  expect(await page.locator("[data-notice]").evaluateAll((all) => all.map((one) => one.getAttribute("data-notice")))).toEqual(["flag-hot", "first-half-hour"]);
  expect(await page.textContent("[data-notice=first-half-hour]")).toContain(
    "First 30 minutes: loss 2.4 → 1.9, 78 °C, 8.7 GB, on the way to 05:30. You can sleep.",
  );
  await page.click("[data-view=settings]");
  expect(await page.isVisible("[data-notice=flag-hot]")).toBe(true);
  await page.click("[data-notice=flag-hot] [data-do=seen]");
  await expect.poll(() => page.locator("[data-notice]").count()).toBe(1);
  expect(replay.calls).toEqual([{ command: "notice-seen", input: { id: "b" } }]);
  await page.click(".switch [lang=tr]");
  expect(await page.textContent("[data-notice=first-half-hour]")).toContain("kayıp 2,4 → 1,9, 78 °C, 8,7 GB");
});

test("many are counted, and seen together", async () => {
  const { page, replay } = await stage.show([practice()]);
  const keys = ["night-ended", "flag-slow", "flag-slowing", "space-returned", "flag-memory-growing"];
  replay.publish(
    "home",
    keys.map((key) => told(key, "normal", key, { percent: "31", from: "8.1", to: "9.7" })),
  );
  await expect.poll(() => page.locator("[data-notice]").count()).toBe(3);
  await page.getByText("Show 2 more").click();
  expect(await page.locator("[data-notice]").count()).toBe(5);
  await page.click("[data-do=seen-all]");
  await expect.poll(() => page.isVisible(".standing")).toBe(false);
  expect(replay.calls).toEqual([{ command: "notice-seen", input: { id: null } }]);
});

test("a red flag that nobody was told of yet is shown by the engine's own rule", async () => {
  const { page, replay } = await stage.show([night()]);
  await page.waitForSelector("[data-cost]");
  expect(await page.isVisible(".flags")).toBe(false);
  replay.publish(`run:${RUN}`, ['{"v":1,"type":"no such thing"}', "broken"]);
  await expect.poll(() => page.textContent("[data-flag=errors]")).toContain("2 so far");
  replay.publish("home", [told("e", "normal", "flag-errors", { count: "2" })]);
  await expect.poll(() => page.isVisible("[data-flag=errors]")).toBe(false);
});

test("a stretch is seen larger by dragging or by keys, the cursor brings it along, and the whole comes back", async () => {
  const { page, complaints } = await stage.show([night()]);
  for (const name of ["loss", "heat"]) {
    const plot = page.locator(`.plot-${name}`);
    await plot.scrollIntoViewIfNeeded();
    expect(await page.isVisible(`[data-do=whole-${name}]`)).toBe(false);
    const over = await page.locator(`.plot-${name} .u-over`).boundingBox();
    if (!over) throw new Error("no plot");
    await page.mouse.move(over.x + over.width * 0.2, over.y + 40);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.4, over.y + 40, { steps: 5 });
    await page.mouse.up();
    await page.waitForSelector(`[data-do=whole-${name}]`);
    await page.click(`[data-do=whole-${name}]`);
    await page.waitForSelector(`[data-do=whole-${name}]`, { state: "detached" });
    await plot.focus();
    await page.keyboard.press("Home");
    for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
    await page.waitForSelector(`[data-do=whole-${name}]`);
    await page.keyboard.press("End");
    await expect.poll(async () => (await plot.getAttribute("aria-valuenow")) === (await plot.getAttribute("aria-valuemax"))).toBe(true);
    for (const key of ["-", "-", "-", "-"]) await page.keyboard.press(key);
    await page.waitForSelector(`[data-do=whole-${name}]`, { state: "detached" });
  }
  expect(complaints).toEqual([]);
});

test("a larger stretch stays while steps arrive", async () => {
  const { page, replay } = await stage.show([night()]);
  await page.locator(".plot-loss").focus();
  for (const key of ["Home", "+", "+"]) await page.keyboard.press(key);
  await page.waitForSelector("[data-do=whole-loss]");
  const last = runJournal(night())
    .map((line) => JSON.parse(line))
    .findLast((event) => event.type === "step");
  replay.publish(`run:${RUN}`, [JSON.stringify({ ...last, n: Number(last?.["n"]) + 1, step: Number(last?.["step"]) + 1, loss: 0.123 })]);
  await expect.poll(() => page.textContent("[data-tile=loss] b")).toBe("0.12");
  expect(await page.isVisible("[data-do=whole-loss]")).toBe(true);
});

test("smoothing is switched on and off, and changes the line and not the figures", async () => {
  const { page } = await stage.show([night()]);
  const drawn = () => page.locator(".plot-loss canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  await page.waitForSelector(".plot-loss canvas");
  const [raw, said] = [await drawn(), await page.getAttribute(".plot-loss", "aria-valuetext")];
  await page.click("[data-do=smooth]");
  expect(await page.getAttribute("[data-do=smooth]", "aria-pressed")).toBe("true");
  await expect.poll(drawn).not.toBe(raw);
  expect(await page.getAttribute(".plot-loss", "aria-valuetext")).toBe(said);
  await page.click("[data-do=smooth]");
  expect(await page.getAttribute("[data-do=smooth]", "aria-pressed")).toBe("false");
});

test("the popover says why the pace is slowed", async () => {
  const { page, replay } = await stage.show([night()], { viewport: { width: 360, height: 520 }, locale: "tr-TR" });
  const address = new URL(page.url());
  await page.goto("about:blank");
  await page.goto(`${address.origin}/#popover`);
  await page.waitForSelector("[data-figure=pace]");
  const shown = await page.textContent("[data-slowed]");
  expect(shown).toMatch(/^(Yavaşlatıldı: .+|Yeniden ısınmasın diye biraz yavaş çalışıyor)\.$/);
  expect(replay.calls).toEqual([]);
});
