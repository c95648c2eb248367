/** What a person asks reaches the engine once, refusals are said, and a lost link is shown while the last state stays. */
import { expect, test } from "vitest";
import { runJournal } from "../fixtures/journal.ts";
import { practice, RUN, setStage } from "./stage.ts";

const stage = setStage();

test("Pause sends one call for the run on screen", async () => {
  const { page, replay } = await stage.show([practice()]);
  await page.click("button[data-do=pause]");
  await expect.poll(() => replay.calls).toEqual([{ command: "run-pause", input: { run: RUN } }]);
});

test("Stop asks in place first; Escape and No send nothing", async () => {
  const { page, replay } = await stage.show([practice()]);
  await page.click("button[data-do=stop]");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-do"))).toBe("stop-no");
  await page.keyboard.press("Escape");
  await page.click("button[data-do=stop]");
  await page.click("button[data-do=stop-no]");
  await page.click("button[data-do=stop]");
  await page.click("button[data-do=stop-yes]");
  await expect.poll(() => replay.calls).toEqual([{ command: "run-stop", input: { run: RUN } }]);
});

test("a refused call is said with its next step", async () => {
  const { page, replay } = await stage.show([practice()]);
  replay.refusing = { kind: "run.not-training", message: "It is not training now.", next: "A checkpoint can be asked for while it trains." };
  await page.click("button[data-do=checkpoint]");
  const alert = page.locator(".refused");
  await expect.poll(() => alert.textContent()).toContain("It is not training now.");
  expect(await alert.textContent()).toContain("A checkpoint can be asked for while it trains.");
});

test("a run that needs you says what and offers to try again", async () => {
  const { page, replay } = await stage.show([practice({ moment: "failed" })]);
  await expect.poll(() => page.textContent("h1")).toContain("The disk is full");
  expect(await page.textContent(".pill")).toContain("Needs you");
  await page.click("button[data-do=resume]");
  await expect.poll(() => replay.calls).toEqual([{ command: "run-resume", input: { run: RUN } }]);
});

test("offline is said, buttons rest, the last figures stay; back online everything goes on", async () => {
  const run = practice();
  const { page, replay } = await stage.show([run]);
  await page.waitForSelector("button[data-do=pause]:enabled");
  const before = await page.textContent("[data-tile=loss] b");
  replay.drop(true);
  await expect.poll(() => page.textContent(".bar")).toContain("No connection to Thortime.");
  expect(await page.isDisabled("button[data-do=pause]")).toBe(true);
  expect(await page.textContent("[data-tile=loss] b")).toBe(before);
  const last = JSON.parse(runJournal(run).findLast((line) => line.includes('"type":"step"')) ?? "");
  replay.publish(`run:${RUN}`, [JSON.stringify({ ...last, n: last.n + 1, step: last.step + 1, loss: 0.123 })]);
  replay.takeBack();
  await expect.poll(() => page.textContent("[data-tile=loss] b"), { timeout: 15_000 }).toBe("0.12");
  expect(await page.isVisible(".bar")).toBe(false);
});

test("a wrong key is refused once, with what to do, and never retried", async () => {
  const { page } = await stage.show([practice()]);
  await page.evaluate(() => sessionStorage.clear());
  let sockets = 0;
  page.on("websocket", () => {
    sockets += 1;
  });
  await page.goto(`${new URL(page.url()).origin}/?again#token=wrong`);
  await expect.poll(() => page.textContent("h1")).toBe("This address does not open Thortime.");
  await page.waitForTimeout(700);
  expect(sockets).toBe(1);
});

test("the key leaves the address bar and a reload still opens", async () => {
  const { page } = await stage.show([practice()]);
  await page.waitForSelector("[data-tile=loss] b");
  expect(page.url()).not.toContain("token");
  await page.reload();
  await page.waitForSelector("[data-tile=loss] b");
});

test("an empty home says how to begin; a run that is added then appears by itself", async () => {
  const { page, replay } = await stage.show([]);
  await expect.poll(() => page.textContent("h1")).toBe("A better model by morning");
  expect(await page.isEnabled("[data-do=practise]")).toBe(true);
  const run = practice();
  replay.publish(`run:${RUN}`, runJournal(run));
  replay.publish("home", [
    JSON.stringify({
      v: 1,
      at: Date.now(),
      mono: 1,
      boot: "b",
      by: "engine",
      n: 1,
      attempt: 0,
      type: "run-added",
      run: RUN,
      name: run.name,
      campaign: run.name,
      kind: "practice",
    }),
  ]);
  await page.waitForSelector("[data-tile=loss] b");
});

test("another run can be chosen and its own state is shown", async () => {
  const older = practice({ run: "jessy-test-v1-20261122-150000-0002", name: "jessy-test-v1", moment: "stopped", startedAt: Date.now() - 86_400_000 });
  const { page } = await stage.show([older, practice()]);
  await expect.poll(() => page.textContent("#run-name")).toBe("thortime-practice");
  await page.click(`[data-run="${older.run}"]`);
  await expect.poll(() => page.textContent("#run-name")).toBe("jessy-test-v1");
  expect(await page.textContent(".pill")).toContain("Stopped");
});
