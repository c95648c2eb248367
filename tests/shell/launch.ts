/** Starts the built app in a real Electron: the one of `THORTIME_TEST_ELECTRON` on a virtual screen. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";

const root = join(import.meta.dirname, "..", "..");

export async function launch(home: string): Promise<ElectronApplication> {
  // In the home, so that it goes with it.
  const folder = mkdtempSync(join(home, "launch-"));
  const own = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined && !/^(VITEST|NODE_)/.test(pair[0]));
  return await _electron.launch({
    executablePath: onVirtualScreen(folder),
    args: [heldApp(folder), "--no-sandbox", "--disable-gpu"],
    env: { ...Object.fromEntries(own), THORTIME_HOME: home, THORTIME_NODE: process.execPath },
    timeout: 60_000,
  });
}

/**
 * Ends the app as its menu does and waits until its process is gone. Playwright's own `close` waits for its pipes too, and on Linux
 * Chromium leaves those open to every program it starts: an engine started by the app keeps them.
 */
export async function quit(app: ElectronApplication): Promise<void> {
  const gone = new Promise((resolve) => app.process().once("exit", resolve));
  await app.evaluate(({ app: electron }) => void setTimeout(() => electron.quit(), 50));
  await gone;
}

/**
 * Our app with Playwright's loader in front, which holds it until Playwright is attached; with a named executable Playwright leaves
 * that out, and then three of eight launches hung (Electron 22: it was attached to a page in the middle of loading).
 */
function heldApp(folder: string): string {
  const loader = join(dirname(createRequire(import.meta.url).resolve("playwright-core/package.json")), "lib", "server", "electron", "loader.js");
  const lines = [
    `require(${JSON.stringify(loader)});`,
    HELD_TRAY,
    `require("electron").app.setAppPath(${JSON.stringify(root)});`,
    `require(${JSON.stringify(join(root, "out", "desktop", "main.cjs"))});`,
  ];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "thortime", main: "main.cjs" }));
  writeFileSync(join(folder, "main.cjs"), lines.join("\n"));
  return folder;
}

/**
 * Nothing leads from the outside to a tray, and its methods are its own, not its class's: ours is remembered as it is made, with its menu.
 * A notification is a real one; only what becomes of its `show` is what a test says, because no screen here shows any.
 */
const HELD_TRAY = `
const electron = require("electron");
const Module = require("module");
globalThis.held = { tray: null, menu: null, toolTip: "", notices: "real" };
function HeldTray(image) {
  const tray = new electron.Tray(image);
  const { setToolTip, setContextMenu } = tray;
  tray.setToolTip = (text) => { held.toolTip = text; setToolTip.call(tray, text); };
  tray.setContextMenu = (menu) => { held.menu = menu; setContextMenu.call(tray, menu); };
  held.tray = tray;
  return tray;
}
function HeldNotification(options) {
  const notification = new electron.Notification(options);
  if (held.notices === "real") return notification;
  notification.show = () => {
    if (held.notices === "shown") setTimeout(() => notification.emit("show"), 0);
    if (held.notices === "failed") setTimeout(() => notification.emit("failed", {}, "this bundle is not signed"), 0);
  };
  return notification;
}
HeldNotification.isSupported = () => (held.notices === "real" ? electron.Notification.isSupported() : held.notices !== "unsupported");
const ours = Object.create(electron, { Tray: { value: HeldTray }, Notification: { value: HeldNotification } });
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "electron" ? ours : load.call(this, request, ...rest);
};`;

export interface HeldItem {
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
}

/** What becomes of a notification: Electron's own doing, its event, nothing at all, a refusal, or no notifications on this system. */
export type Notices = "real" | "shown" | "silent" | "failed" | "unsupported";

export async function holdNotices(app: ElectronApplication, notices: Notices): Promise<void> {
  await app.evaluate((_electron, wanted) => {
    (globalThis as unknown as Held).held.notices = wanted;
  }, notices);
}

interface Held {
  readonly held: {
    readonly tray: { isDestroyed(): boolean; emit(event: string): void } | null;
    readonly toolTip: string;
    notices: Notices;
    readonly menu: { readonly items: readonly HeldItem[]; getMenuItemById(id: string): { click(): void } | null } | null;
  };
}

export async function clickTray(app: ElectronApplication): Promise<void> {
  await app.evaluate(() => (globalThis as unknown as Held).held.tray?.emit("click"));
}

/** The menu as it stands, and what the icon says when pointed at. */
export async function readTray(app: ElectronApplication): Promise<{ readonly toolTip: string; readonly items: readonly HeldItem[] }> {
  return await app.evaluate(() => {
    const { toolTip, menu } = (globalThis as unknown as Held).held;
    return { toolTip, items: (menu?.items ?? []).map(({ id, label, enabled }) => ({ id, label, enabled })) };
  });
}

export async function chooseInTray(app: ElectronApplication, id: string): Promise<void> {
  await app.evaluate((_electron, wanted) => void (globalThis as unknown as Held).held.menu?.getMenuItemById(wanted)?.click(), id);
}

/** The next question is answered with that button, and kept. */
export async function answerDialogs(app: ElectronApplication, response: number): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    const asked = globalThis as unknown as { asked: unknown[] };
    asked.asked = [];
    dialog.showMessageBox = ((options: unknown) => {
      asked.asked.push(options);
      return Promise.resolve({ response: chosen, checkboxChecked: false });
    }) as never;
  }, response);
}

export async function askedDialogs(app: ElectronApplication): Promise<readonly { readonly message: string; readonly buttons: readonly string[] }[]> {
  return await app.evaluate(() => (globalThis as unknown as { asked: { message: string; buttons: string[] }[] }).asked);
}

/** The page at the end of that route: "#popover", or "" for the window. */
export async function pageAt(app: ElectronApplication, route: string): Promise<Page> {
  const isIt = (page: Page) => page.url() === `app://thortime/index.html${route}`;
  for (let look = 0; look < 300; look += 1) {
    const found = app.windows().find(isIt);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no page at ${route || "the window"}: ${app.windows().map((page) => page.url())}`);
}

export async function isShown(app: ElectronApplication, route: string): Promise<boolean> {
  return await app.evaluate(
    ({ BrowserWindow }, end) => BrowserWindow.getAllWindows().some((window) => window.webContents.getURL().endsWith(`index.html${end}`) && window.isVisible()),
    route,
  );
}

/** Playwright puts its own switches first, which xvfb-run would take for its own: a script between them keeps the order. */
export function onVirtualScreen(folder: string): string {
  const electron = process.env["THORTIME_TEST_ELECTRON"];
  if (!electron) throw new Error("THORTIME_TEST_ELECTRON names no Electron; npm test provides one");
  const xvfbRun = process.env["THORTIME_XVFB_RUN"];
  const command = [...(xvfbRun ? [xvfbRun, "-a"] : []), electron].map((part) => `'${part}'`).join(" ");
  const script = join(folder, "electron.sh");
  writeFileSync(script, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return script;
}
