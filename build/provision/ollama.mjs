import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensurePackages } from "./apt.mjs";
import { cacheFolder, logPath, provideFromCache } from "./cache.mjs";
import { chosenByEnvironment, findOnPath, isReadable } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

/** The last version known to build from its Go module alone; 0.30 and later need a source checkout. */
export const OLLAMA_VERSION = "0.24.0";
const MODULE = "github.com/ollama/ollama";
const PACKAGES = ["g++", "nlohmann-json3-dev", "libstb-dev"];
const HEADERS = ["/usr/include/nlohmann/json.hpp", "/usr/include/stb/stb_image.h"];
const USE_YOUR_OWN = "set THORTIME_TEST_OLLAMA to the path of an installed ollama";

/**
 * A real Ollama for tests, with the CPU only. THORTIME_TEST_OLLAMA wins; else the one in the cache; else
 * it is built (minutes). An `ollama` on PATH is not used: its version is whatever the person last installed.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} path of the executable
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideOllama({ onLine, signal } = {}) {
  const chosen = await chosenByEnvironment("THORTIME_TEST_OLLAMA");
  if (chosen) return chosen;
  const name = `ollama-${OLLAMA_VERSION}-${process.platform}-${process.arch}`;
  const make = (work) => build(work, { onLine, signal });
  return provideFromCache({ name, entry: "ollama", onLine, signal, make });
}

async function build(work, { onLine, signal }) {
  await ensureTools(onLine);
  const bin = join(work, "bin");
  await mkdir(bin);
  const includes = await includeFolder();
  const logFile = await logPath(`ollama-${OLLAMA_VERSION}-build`);
  onLine?.(`Building Ollama ${OLLAMA_VERSION} from its Go module; this takes a few minutes.`);
  const args = ["install", "-v", "-ldflags", `-X ${MODULE}/version.Version=${OLLAMA_VERSION}`, `${MODULE}@v${OLLAMA_VERSION}`];
  // GOTMPDIR: what a stopped compiler leaves then goes with our work folder. The quotes are Go's own
  // way to keep a path with spaces together. Niceness: people work on this machine meanwhile.
  const env = { GOBIN: bin, GOTMPDIR: work, CGO_ENABLED: "1", CGO_CXXFLAGS: `-O2 '-I${includes}'` };
  const { code } = await run("go", args, { onLine, logFile, signal, env, niceness: 5 });
  if (code !== 0 || !(await saysItsVersion(join(bin, "ollama")))) {
    throw problem("build-failed", `Ollama ${OLLAMA_VERSION} could not be built.`, `Read ${logFile}, or ${USE_YOUR_OWN}.`);
  }
  return bin;
}

async function ensureTools(onLine) {
  if (process.platform !== "linux") {
    throw problem("unsupported-platform", "Thortime builds its test Ollama on Linux only.", `Install Ollama and ${USE_YOUR_OWN}.`);
  }
  if (!(await findOnPath(["go"]))) {
    throw problem("missing-tool", "Building Ollama needs Go, and there is none here.", `Install Go 1.26 or newer, or ${USE_YOUR_OWN}.`);
  }
  const otherwiseReady = async () => (await Promise.all(HEADERS.map(isReadable))).every(Boolean);
  await ensurePackages({ packages: PACKAGES, purpose: "to build Ollama", otherwiseReady, onLine });
}

/**
 * A folder holding miniaudio/miniaudio.h. Go's build cache knows a header by its path and not by its
 * content, so the path carries the content's hash; being the same each time, it lets a stopped build go on.
 */
async function includeFolder() {
  const header = await readFile(join(dirname(fileURLToPath(import.meta.url)), "miniaudio.h"));
  const hash = createHash("sha256").update(header).digest("hex").slice(0, 12);
  const includes = join(cacheFolder(), `ollama-include-${hash}`);
  const file = join(includes, "miniaudio", "miniaudio.h");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, header);
  await rename(`${file}.${process.pid}`, file);
  return includes;
}

/** OLLAMA_HOST: the answer must come from this binary, not from a server the person happens to run. */
async function saysItsVersion(path) {
  const { code, tail } = await run(path, ["--version"], { env: { OLLAMA_HOST: "127.0.0.1:1" }, limitMs: 30_000 });
  return code === 0 && tail.some((line) => line.endsWith(`version is ${OLLAMA_VERSION}`));
}
