import { ensurePackages } from "./apt.mjs";
import { chosenByEnvironment, findOnPath, isExecutable } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC_PATHS = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];
const USE_YOUR_OWN = "Install Chrome or Chromium, or set THORTIME_CHROMIUM to the path of its program.";

/**
 * A Chromium or Chrome for UI tests. THORTIME_CHROMIUM wins; else one that is installed; else, as root on
 * Debian, it is installed now.
 *
 * @param {{onLine?: (line: string) => void}} [options]
 * @returns {Promise<string>} path of the executable
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideChromium({ onLine } = {}) {
  const chosen = await chosenByEnvironment("THORTIME_CHROMIUM");
  if (chosen) return chosen;
  const installed = await findInstalled();
  if (installed) return installed;
  if (process.platform !== "linux") throw problem("missing-tool", "No Chrome or Chromium was found.", USE_YOUR_OWN);
  await ensurePackages({ packages: ["chromium"], purpose: "for tests in a browser", onLine });
  return checkRuns(await findInstalled());
}

async function findInstalled() {
  const onPath = await findOnPath(NAMES);
  if (onPath || process.platform !== "darwin") return onPath;
  for (const path of MAC_PATHS) if (await isExecutable(path)) return path;
  return undefined;
}

/** Some relatives of Debian install a stub under this name, which only points to another package manager. */
async function checkRuns(path) {
  if (path && (await run(path, ["--version"], { limitMs: 30_000 })).code === 0) return path;
  throw problem("install-failed", "Chromium was installed but does not start.", USE_YOUR_OWN);
}
