/** Starts the built app in a real Electron: the one of `THORTIME_TEST_ELECTRON` on a virtual screen. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { _electron, type ElectronApplication } from "playwright-core";

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
    `require("electron").app.setAppPath(${JSON.stringify(root)});`,
    `require(${JSON.stringify(join(root, "out", "desktop", "main.cjs"))});`,
  ];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "thortime", main: "main.cjs" }));
  writeFileSync(join(folder, "main.cjs"), lines.join("\n"));
  return folder;
}

/** Playwright puts its own switches first, which xvfb-run would take for its own: a script between them keeps the order. */
function onVirtualScreen(folder: string): string {
  const electron = process.env["THORTIME_TEST_ELECTRON"];
  if (!electron) throw new Error("THORTIME_TEST_ELECTRON names no Electron; npm test provides one");
  const xvfbRun = process.env["THORTIME_XVFB_RUN"];
  const command = [...(xvfbRun ? [xvfbRun, "-a"] : []), electron].map((part) => `'${part}'`).join(" ");
  const script = join(folder, "electron.sh");
  writeFileSync(script, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return script;
}
