/** Starts the built app in a real Electron: the one of `THORTIME_TEST_ELECTRON` on a virtual screen. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { _electron, type ElectronApplication } from "playwright-core";

const root = join(import.meta.dirname, "..", "..");

export function electronPath(): string {
  const path = process.env["THORTIME_TEST_ELECTRON"];
  if (!path) throw new Error("THORTIME_TEST_ELECTRON names no Electron; npm test provides one");
  return path;
}

/** Playwright puts its own switches first, which xvfb-run would take for its own: a script between them keeps the order. */
function onVirtualScreen(): string {
  const script = join(mkdtempSync(join(tmpdir(), "thortime-xvfb-")), "electron.sh");
  const xvfbRun = process.env["THORTIME_XVFB_RUN"];
  const quoted = [xvfbRun, "-a", electronPath()].map((part) => `'${part}'`).join(" ");
  writeFileSync(script, `#!/bin/sh\nexec ${xvfbRun ? quoted : `'${electronPath()}'`} "$@"\n`, { mode: 0o755 });
  return script;
}

export async function launch(home: string, env: Record<string, string> = {}): Promise<ElectronApplication> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined && !/^(VITEST|NODE_)/.test(pair[0])),
  );
  return await _electron.launch({
    executablePath: onVirtualScreen(),
    args: [root, "--no-sandbox", "--disable-gpu"],
    env: { ...inherited, THORTIME_HOME: home, THORTIME_NODE: process.execPath, ...env },
    timeout: 60_000,
  });
}

/**
 * Ends the app as its menu does and waits until its process is gone. Playwright's own `close` waits for its pipes too, and on Linux
 * Chromium leaves those open to every program it starts: an engine started by the app would keep them.
 */
export async function quit(app: ElectronApplication): Promise<void> {
  const gone = new Promise((resolve) => app.process().once("exit", resolve));
  await app.evaluate(({ app: electron }) => void setTimeout(() => electron.quit(), 50));
  await gone;
}
