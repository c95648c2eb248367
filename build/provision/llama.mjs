import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { logPath, provideFromCache } from "./cache.mjs";
import { isReadable } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

/** Stock llama.cpp as an npm package. Not in package.json: with all its optional parts it is 669 MB, here it is 85. */
export const LLAMA_VERSION = "3.22.1";
const BINARIES = { "linux-x64": "linux-x64", "linux-arm64": "linux-arm64", "darwin-arm64": "mac-arm64-metal", "darwin-x64": "mac-x64" };

/**
 * node-llama-cpp for tests, CPU (on a Mac, Metal). THORTIME_TEST_LLAMA wins; else the one in the cache; else it is
 * installed there, without install scripts.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} path of the module to import
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideLlama({ onLine, signal } = {}) {
  const chosen = process.env.THORTIME_TEST_LLAMA;
  if (chosen) {
    if (await isReadable(chosen)) return chosen;
    throw problem("bad-setting", `THORTIME_TEST_LLAMA names ${chosen}, which cannot be read.`, "Correct THORTIME_TEST_LLAMA or unset it.");
  }
  const name = `node-llama-cpp-${LLAMA_VERSION}-${process.platform}-${process.arch}`;
  const make = (work) => install(work, { onLine, signal });
  const program = await provideFromCache({ name, entry: join("node_modules", ".bin", "node-llama-cpp"), onLine, signal, make });
  return join(program, "..", "..", "node-llama-cpp", "dist", "index.js");
}

async function install(work, { onLine, signal }) {
  const binary = BINARIES[`${process.platform}-${process.arch}`];
  if (!binary) {
    throw problem("unsupported-platform", "There is no ready-made llama.cpp for this computer.", "Set THORTIME_TEST_LLAMA to node-llama-cpp's index.js.");
  }
  const folder = join(work, "llama");
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "thortime-test-llama", private: true }));
  onLine?.(`Installing node-llama-cpp ${LLAMA_VERSION}`);
  const logFile = await logPath(`node-llama-cpp-${LLAMA_VERSION}`);
  const packages = [`node-llama-cpp@${LLAMA_VERSION}`, `@node-llama-cpp/${binary}@${LLAMA_VERSION}`];
  const options = ["--omit=optional", "--ignore-scripts", "--save-exact", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code } = await run("npm", ["install", ...options, ...packages], { cwd: folder, onLine, logFile, signal, niceness: 5 });
  if (code === 0 && (await isReadable(join(folder, "node_modules", "node-llama-cpp", "dist", "index.js")))) return folder;
  throw problem("download-failed", `node-llama-cpp ${LLAMA_VERSION} could not be installed.`, `Read ${logFile} and try again.`);
}
