/** Electron's main process: a tray and a window on the home's engine, which lives on its own and is started here if need be; or no window at all. */
import "./old-electron.ts";
import { join } from "node:path";
import { app, type BrowserWindow, dialog, powerMonitor, type Tray } from "electron";
import { homePath } from "../../adapters/home.ts";
import { readCatalogue } from "../../adapters/person.ts";
import { listenToMonitor } from "../../adapters/power-bus.ts";
import type { Api } from "../../core/api.ts";
import { toFault } from "../../core/faults.ts";
import { attach } from "../attach.ts";
import { engineCommand, type Place } from "../place.ts";
import { steadyApi } from "../steady.ts";
import { desktopPlace } from "./desktop-place.ts";
import { type Mode, readMode } from "./mode.ts";
import { showNotices } from "./notices.ts";
import { showNotification } from "./notification.ts";
import { registerScheme, servePage } from "./page.ts";
import { serveWindow } from "./serve-window.ts";
import { createTray } from "./tray.ts";
import { createWindow, denyEverythingElse, grantNothing } from "./window.ts";
import { runWindowless } from "./windowless.ts";

function main(): void {
  const mode = readMode(process.argv);
  if (mode.kind === "app") openApp(mode);
  else runWindowless(mode);
}

function openApp(mode: Mode): void {
  const place = desktopPlace(mode);
  const home = homePath(process.env);
  // One window for one home: its data folder is part of what Electron locks.
  app.setPath("userData", join(home, "electron"));
  if (app.requestSingleInstanceLock()) live(place, home);
  else app.quit();
}

function live(place: Place, home: string): void {
  registerScheme();
  denyEverythingElse(app);
  const api = steadyApi({ connect: () => attach({ home, version: place.version, engineCommand: engineCommand(place, home), env: process.env }) });
  let window: BrowserWindow | null = null;
  let tray: Tray | null = null;
  let leave = () => {};

  const open = (): void => {
    window ??= makeWindow(place, api, () => {
      window = null;
    });
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  app.on("second-instance", open);
  app.on("activate", open);
  // The tray stays: closing the window is not the end.
  app.on("window-all-closed", () => {});
  app.on("before-quit", () => {
    leave();
    tray?.destroy();
    api.close();
  });
  void app.whenReady().then(() => {
    grantNothing();
    servePage(join(place.out, "renderer"));
    open();
    tray = createTray(join(place.root, "resources"), api, { open, quit: () => app.quit() });
    leave = reportToEngine(place, api, open);
    api.ready().catch(tell);
  });
}

/** What only Electron knows goes to the engine, and what the engine sends is shown here first. */
function reportToEngine(place: Place, api: Api, open: () => void): () => void {
  const messages = join(place.root, "resources", "messages");
  const hush = showNotices({ api, words: (language) => readCatalogue(messages, language), show: showNotification(open) });
  const deafen = listenToMonitor(powerMonitor, (event) => void api.call("shell-note", { note: { kind: "power", event } }).catch(() => {}));
  return () => {
    hush();
    deafen();
  };
}

function makeWindow(place: Place, api: Api, onClosed: () => void): BrowserWindow {
  const window = createWindow(join(place.out, "desktop"));
  serveWindow(api, window);
  window.on("closed", onClosed);
  return window;
}

function tell(error: unknown): void {
  const { message, next } = toFault(error);
  void dialog.showMessageBox({ type: "error", message, detail: next });
}

main();
