/** `Thortime --engine` and `Thortime --cli`: the entry points of plain Node in an app that has no Node. No window, no Dock, no tray. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { app } from "electron";
import { homePath } from "../../adapters/home.ts";
import { runCli } from "../cli.ts";
import { runEngine } from "../engine.ts";
import { desktopPlace } from "./desktop-place.ts";
import type { Mode } from "./mode.ts";

export function runWindowless(mode: Mode): void {
  // Chromium's own folder, apart from the one that belongs to the app with windows, which it locks.
  app.setPath("userData", join(homeOf(mode), "electron-windowless"));
  app.disableHardwareAcceleration();
  if (process.platform === "darwin") app.setActivationPolicy("prohibited");
  const stop = new AbortController();
  // Electron answers signals by quitting; an engine first closes what it holds open.
  app.on("before-quit", (event) => {
    if (mode.kind !== "engine") return;
    event.preventDefault();
    stop.abort();
  });
  // Not before: Electron puts its own answers to signals over ours until then.
  void app.whenReady().then(async () => {
    const place = () => desktopPlace(mode);
    const code = mode.kind === "engine" ? runEngine(place, mode.args, stop.signal) : runCli(place, mode.args);
    // A defect must not leave a process without a window, which nobody could see.
    app.exit(await code.catch(told));
  });
}

function told(error: unknown): number {
  console.error(error);
  return 1;
}

function homeOf({ args }: Mode): string {
  const { values } = parseArgs({ args: [...args], strict: false, options: { home: { type: "string" } } });
  return typeof values["home"] === "string" ? values["home"] : homePath(process.env);
}
