/**
 * The menu-bar app on a night of its own: a real practice run, owned by an engine in Node, seen in the popover and steered from the menu.
 * With THORTIME_PICTURES set, pictures of it are kept there.
 */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import type {} from "../../renderer/link.ts";
import { endHome, ensureBuilt, isAlive, makeHome, root, thortime } from "../hosts/homes.ts";
import { answerDialogs, askedDialogs, chooseInTray, clickTray, isShown, launch, onVirtualScreen, pageAt, readTray } from "./launch.ts";

const home = makeHome();
const SLOW_MS = 240_000;
const patient = { timeout: 120_000 };
let app: ElectronApplication;
let popover: Page;
let run = "";

beforeAll(async () => {
  await ensureBuilt();
  // As long as it takes: the last test stops it.
  const { code, stdout, stderr } = await thortime(home, ["practice", "--steps", "3000", "--no-deploy", "--detach", "--json"]);
  expect(code, stderr).toBe(0);
  run = (JSON.parse(stdout) as { run: string }).run;
}, SLOW_MS);

afterAll(async () => {
  await endHome(home);
});

const journal = () => readFileSync(join(home, "runs", run, "events.jsonl"), "utf8");
const count = (type: string) => journal().split(`"type": "${type}"`).length + journal().split(`"type":"${type}"`).length - 2;
const stepShown = async () => Number.parseInt((await popover.textContent('[data-figure="step"] dd'))?.replaceAll(/[,.]/g, "") ?? "", 10) || 0;
const pill = () => popover.textContent(".pill");
const item = async (id: string) => (await readTray(app)).items.find((one) => one.id === id);

async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env["THORTIME_PICTURES"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

describe("a run that an engine in Node owns", () => {
  test("the app boots to a shown popover", { timeout: SLOW_MS }, async () => {
    const startMs = performance.now();
    app = await launch(home);
    popover = await pageAt(app, "#popover");
    await popover.waitForSelector(".popover");
    await expect.poll(() => isShown(app, "#popover"), patient).toBe(true);
    console.log(`boots to a shown popover in ${((performance.now() - startMs) / 1000).toFixed(2)} s`);
    expect(readRecord(home)?.pid).not.toBe(await app.evaluate(() => process.pid));
  });

  test("the popover shows it live", { timeout: SLOW_MS }, async () => {
    await expect.poll(stepShown, patient).toBeGreaterThan(5);
    const before = await stepShown();
    await expect.poll(stepShown, patient).toBeGreaterThan(before);
    await popover.waitForSelector(".sparkline path");
    await expect.poll(() => popover.textContent('[data-figure="end"] dd'), patient).toMatch(/^\d\d:\d\d–\d\d:\d\d$/);
    await takePicture(popover, "popover-training");
    const fits = await popover.evaluate(() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth);
    expect(fits).toBe(true);
  });

  test("the tray is there and tells it too; the click hides the popover and brings it back", { timeout: SLOW_MS }, async () => {
    await expect.poll(async () => (await readTray(app)).toolTip, patient).toMatch(/^Thortime: .*Training · Step [\d,]+ of 3,000, \d+%/);
    const { items } = await readTray(app);
    expect(items.filter((one) => one.id && one.enabled).map((one) => one.id)).toEqual(["pause", "checkpoint", "stop", "open", "login", "quit"]);
    await clickTray(app);
    await expect.poll(() => isShown(app, "#popover")).toBe(false);
    await popover.waitForTimeout(400);
    await clickTray(app);
    await expect.poll(() => isShown(app, "#popover")).toBe(true);
  });

  test("its button opens the window; Escape hides it", { timeout: SLOW_MS }, async () => {
    await popover.click("button.open");
    const window = await pageAt(app, "");
    await window.waitForSelector("#root > *");
    await expect.poll(() => isShown(app, "")).toBe(true);
    await expect.poll(() => isShown(app, "#popover")).toBe(false);
    await takePicture(window, "window-training");
    await popover.waitForTimeout(400);
    await clickTray(app);
    await expect.poll(() => isShown(app, "#popover")).toBe(true);
    // Playwright's keys come in behind Electron's `before-input-event`; these come in where a keyboard's do.
    await app.evaluate(({ BrowserWindow }) => {
      const shown = BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().endsWith("#popover"));
      shown?.webContents.sendInputEvent({ type: "keyDown", keyCode: "Escape" });
    });
    await expect.poll(() => isShown(app, "#popover")).toBe(false);
  });

  test("pause and go on from the menu reach the trainer", { timeout: SLOW_MS }, async () => {
    await chooseInTray(app, "pause");
    await expect.poll(pill, patient).toContain("Paused");
    expect(count("stopped")).toBe(1);
    await takePicture(popover, "popover-paused");
    await expect.poll(async () => (await item("resume"))?.enabled, patient).toBe(true);
    expect((await item("pause"))?.enabled).toBe(false);
    const before = await stepShown();
    await chooseInTray(app, "resume");
    await expect.poll(() => count("resumed"), patient).toBe(1);
    await expect.poll(stepShown, patient).toBeGreaterThan(before);
  });

  test("a checkpoint from the menu is sealed", { timeout: SLOW_MS }, async () => {
    await expect.poll(async () => (await item("checkpoint"))?.enabled, patient).toBe(true);
    const before = count("checkpoint-sealed");
    await chooseInTray(app, "checkpoint");
    await expect.poll(() => count("checkpoint-sealed"), patient).toBeGreaterThan(before);
  });

  test("what powerMonitor hears reaches the engine and stands in the run's journal", { timeout: SLOW_MS }, async () => {
    await expect.poll(pill, patient).toContain("Training");
    const events = ["suspend", "resume", "on-battery", "on-ac"];
    const listeners = await app.evaluate(({ powerMonitor }, all) => all.map((event) => powerMonitor.listenerCount(event as "suspend")), events);
    expect(listeners.every((count) => count > 0)).toBe(true);
    for (const event of events) {
      const before = count("power");
      await app.evaluate(({ powerMonitor }, one) => void powerMonitor.emit(one), event);
      await expect.poll(() => count("power"), patient).toBe(before + 1);
    }
    expect([...journal().matchAll(/"type": ?"power", ?"event": ?"([a-z-]+)"/g)].map((match) => match[1])).toEqual(events);
  });

  test("the menu speaks Turkish as soon as it is set", { timeout: SLOW_MS }, async () => {
    const set = (language: string) => popover.evaluate((one) => window.thortime?.call("settings-set", { change: { language: one } }), language);
    await set("tr");
    await expect.poll(async () => (await item("stop"))?.label, patient).toBe("Durdur ve sakla");
    await set("en");
    await expect.poll(async () => (await item("stop"))?.label, patient).toBe("Stop and keep");
  });

  test("a second start shows the first one's window and ends itself", { timeout: SLOW_MS }, async () => {
    await app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.hide();
    });
    const script = onVirtualScreen(mkdtempSync(join(home, "second-")));
    const second = spawn(script, [root, "--no-sandbox", "--disable-gpu"], { env: { ...process.env, THORTIME_HOME: home }, stdio: "ignore" });
    const code = await new Promise((resolve) => second.once("exit", resolve));
    expect(code).toBe(0);
    await expect.poll(() => isShown(app, ""), patient).toBe(true);
  });

  test("kill -9 of the app leaves the run alive, and the next start shows it", { timeout: SLOW_MS }, async () => {
    const before = await stepShown();
    const trainer = JSON.parse(readFileSync(join(home, "runs", run, "process.json"), "utf8")) as { pid: number };
    const gone = new Promise((resolve) => app.process().once("exit", resolve));
    process.kill(await app.evaluate(() => process.pid), "SIGKILL");
    await gone;
    expect(isAlive(trainer.pid)).toBe(true);
    app = await launch(home);
    popover = await pageAt(app, "#popover");
    await expect.poll(stepShown, patient).toBeGreaterThan(before);
    expect(isAlive(trainer.pid)).toBe(true);
  });
});

describe("quitting while it runs", () => {
  test("asks; the default keeps the app in the menu bar, out of the way", { timeout: SLOW_MS }, async () => {
    await answerDialogs(app, 0);
    await expect.poll(() => isShown(app, "#popover"), patient).toBe(true);
    await chooseInTray(app, "quit");
    await expect.poll(() => isShown(app, "#popover"), patient).toBe(false);
    const [asked] = await askedDialogs(app);
    expect(asked).toMatchObject({ buttons: ["Keep in the menu bar", "Stop and keep, then quit", "Cancel"], defaultId: 0, cancelId: 2 });
    expect(count("asked")).toBeLessThan(4);
  });

  test("stops and keeps, then quits: the run has its checkpoint and is over", { timeout: SLOW_MS }, async () => {
    await answerDialogs(app, 1);
    const gone = new Promise((resolve) => app.process().once("exit", resolve));
    await chooseInTray(app, "quit");
    await gone;
    expect(journal()).toMatch(/"type": ?"run-ended"/);
    expect(existsSync(join(home, "runs", run, "checkpoints"))).toBe(true);
    const shown = await thortime(home, ["status", "--json", run]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ status: "stopped" });
  });
});

describe("without a run", () => {
  test("quitting asks nothing", { timeout: SLOW_MS }, async () => {
    app = await launch(home);
    await pageAt(app, "#popover");
    await expect.poll(async () => (await item("quit"))?.enabled, patient).toBe(true);
    const gone = new Promise((resolve) => app.process().once("exit", resolve));
    await answerDialogs(app, 2);
    await chooseInTray(app, "quit");
    await gone;
  });
});
