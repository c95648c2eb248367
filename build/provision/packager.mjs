import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { logPath, provideFromCache } from "./cache.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

const LOCKED = join(dirname(fileURLToPath(import.meta.url)), "..", "package");

/**
 * electron-builder and what reads its results back, as build/package/package-lock.json pins them. They are not among the project's own
 * packages: 245 more of them would make every `npm start` wait for what only packaging needs.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} a folder whose `node_modules` holds them
 * @throws {import('./problem.mjs').Problem}
 */
export async function providePackager({ onLine, signal } = {}) {
  const hash = createHash("sha256")
    .update(await readFile(join(LOCKED, "package-lock.json")))
    .digest("hex");
  const name = `packager-${hash.slice(0, 16)}`;
  const make = (work) => install(work, { onLine, signal });
  const program = await provideFromCache({ name, entry: join("node_modules", "electron-builder", "cli.js"), onLine, signal, make });
  return join(dirname(program), "..", "..");
}

async function install(work, { onLine, signal }) {
  const folder = join(work, "packager");
  await mkdir(folder);
  for (const name of ["package.json", "package-lock.json"]) await copyFile(join(LOCKED, name), join(folder, name));
  onLine?.("Installing electron-builder");
  const logFile = await logPath("packager");
  // Peers are the Windows installers; install scripts have nothing to do on the systems we package on.
  const options = ["--omit=peer", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code } = await run("npm", ["ci", ...options], { cwd: folder, onLine, logFile, signal, niceness: 5 });
  if (code === 0) return folder;
  throw problem("download-failed", "electron-builder could not be installed.", `Read ${logFile} and try again.`);
}
