/** Electron's main process: the menu-bar app on the home's engine, which it hosts where none lives yet; or no window at all. */
import "./old-electron.ts";
import { join } from "node:path";
import { app, powerMonitor } from "electron";
import { homePath } from "../../adapters/home.ts";
import { readCatalogue } from "../../adapters/person.ts";
import { listenToMonitor } from "../../adapters/power-bus.ts";
import type { Api } from "../../core/api.ts";
import { joinOrHost } from "../join.ts";
import type { Place } from "../place.ts";
import { steadyApi } from "../steady.ts";
import { desktopPlace } from "./desktop-place.ts";
import { type Mode, readMode } from "./mode.ts";
import { showNotices } from "./notices.ts";
import { showNotification } from "./notification.ts";
import { registerScheme, servePage } from "./page.ts";
import { Shell } from "./shell.ts";
import { denyEverythingElse, grantNothing } from "./window.ts";
import { runWindowless } from "./windowless.ts";

/** What an engine of ours may take to end: what it was doing is bounded, and trainers go on in any case. */
const END_MS = 8_000;

function main(): void {
  const mode = readMode(process.argv);
  if (mode.kind === "app") openApp(mode);
  else runWindowless(mode);
}

function openApp(mode: Mode): void {
  const place = desktopPlace(mode);
  const home = homePath(process.env);
  // One app for one home: its data folder is part of what Electron locks.
  app.setPath("userData", join(home, "electron"));
  if (app.requestSingleInstanceLock()) live(place, home);
  else app.quit();
}

function live(place: Place, home: string): void {
  registerScheme();
  denyEverythingElse(app);
  // A menu-bar app has no Dock icon; packaged, Info.plist says so before anything is drawn.
  app.dock?.hide();
  let shell: Shell | null = null;
  let hush = () => {};
  const engine = joinOrHost({ place, home, log: (text) => console.error(text) });
  const api = steadyApi({ connect: engine.connect, onChange: (fault) => shell?.setOffline(fault) });

  app.on("second-instance", () => shell?.openWindow());
  app.on("activate", () => shell?.openWindow());
  // The icon stays: closing the window is not the end.
  app.on("window-all-closed", () => {});
  const end = async (): Promise<void> => {
    hush();
    shell?.end();
    api.close();
    await engine.close();
  };
  /** A person's Quit waits for what an engine of ours has begun. */
  const leave = (): void => {
    const late = new Promise((resolve) => setTimeout(resolve, END_MS));
    void Promise.race([end(), late]).finally(() => app.exit(0));
  };
  // The system's end (log-out, shutdown, a signal) is neither held up nor asked about: macOS would call that off. Cut short it is a crash,
  // which costs nothing, and a run goes on without us.
  app.on("before-quit", () => void end());
  void app.whenReady().then(() => {
    grantNothing();
    servePage(join(place.out, "renderer"));
    shell = new Shell(place, api, leave);
    hush = reportToEngine(place, api, () => shell?.openWindow());
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

main();
