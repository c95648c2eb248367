/**
 * The locked Python environment: `home/python/<hash of uv.lock>/`, made by uv from python/uv.lock.
 * It is made under another name and renamed when it works; the pointer `home/python/current` is switched last.
 */
import { createHash, randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type FaultError, fault } from "../core/faults.ts";
import { withFileLock } from "./file-lock.ts";
import { writeWhole } from "./files.ts";
import { type ProgramOptions, runProgram } from "./program.ts";
import { checkDisk, checkPlatform } from "./python-checks.ts";
import { findInterpreters, type Interpreter, isSupported } from "./python-interpreter.ts";
import { removeOld } from "./python-old.ts";
import { checkOwnPython, readOwnPython } from "./python-own.ts";
import { ensureUv, installEnvironment, requiredUv } from "./python-uv.ts";

export interface PythonInput {
  readonly home: string;
  /** The folder with pyproject.toml, uv.lock and the package `trainer`. */
  readonly project: string;
  /** A folder shared by many homes; null keeps everything inside the home. */
  readonly cache: string | null;
  /** With the development group: pytest, ruff, pyright. */
  readonly dev?: boolean;
  /** The uv that came with a packaged app; null: one on PATH, or our own from PyPI. */
  readonly uv?: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const SYNC_MS = 60 * 60_000;
const CHECK_MS = 60_000;
const UV_CACHE = "uv-cache";
const SETUP = "Run: thortime setup.";
const INSTALL_PYTHON = "Install Python 3.13 (macOS: brew install python@3.13; Debian: apt-get install python3 python3-venv), then run: thortime setup.";

/** The interpreter the home's pointer names. Throws `environment.python` when there is none that can be run. */
export function findPython(home: string): string {
  const pointer = join(home, "python", "current");
  if (!existsSync(pointer)) throw fault("environment.python", "The Python environment is not installed yet.", SETUP);
  const python = join(readFileSync(pointer, "utf8").trim(), "bin", "python");
  if (!isExecutable(python)) throw fault("environment.python", "The Python environment is no longer complete.", SETUP);
  return python;
}

/** Makes the environment where it is missing; does nothing but look where it is there. Safe to call from many processes at once. */
export async function ensurePython(asked: PythonInput): Promise<{ python: string }> {
  const input = { ...asked, project: resolve(asked.project) };
  const root = join(resolve(input.cache ?? input.home), "python");
  const hash = createHash("sha256")
    .update(readFileSync(join(input.project, "uv.lock")))
    .digest("hex")
    .slice(0, 16);
  const withDev = join(root, `${hash}-dev`);
  const final = input.dev ? withDev : join(root, hash);
  // What has more than is needed will do.
  const ready = () => [final, withDev].find(isComplete);
  if (!ready()) {
    makeFolder(root);
    await withFileLock(join(root, "lock.sqlite"), waiting(input), async () => {
      // The one we waited for may have made it.
      if (!ready()) await make(input, root, final);
    });
  }
  const chosen = ready() ?? final;
  // Not at once after a switch: who read the old pointer a moment ago may not have started its Python yet.
  if (input.cache === null && pointsAt(input.home, chosen)) await removeOld({ root, home: resolve(input.home), keep: [final, withDev] });
  point(input.home, chosen);
  return { python: findPython(input.home) };
}

/** The rename at the end is the seal: a folder under its final name was complete, so only its interpreter can have gone since. */
function isComplete(folder: string): boolean {
  return isExecutable(join(folder, "bin", "python"));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function make(input: PythonInput, root: string, final: string): Promise<void> {
  sweep(root);
  checkDisk(root);
  const platform = input.platform ?? process.platform;
  checkPlatform(platform);
  const env = { ...installEnvironment(input.env), ...ownCache(input, root) };
  const options = { env, cwd: input.project, ...(input.onLine ? { onLine: input.onLine } : {}), ...(input.signal ? { signal: input.signal } : {}) };
  const own = readOwnPython(input.home);
  const interpreters = own === null ? await findInterpreters({ path: env["PATH"] ?? "", platform, env }) : [await checkOwnPython(own, platform, env)];
  const uv = await ensureUv({ version: requiredUv(input.project), root, bundled: input.uv ?? null, interpreters, options });
  const python = interpreters.find((found) => isSupported(found, platform))?.path ?? (await installInterpreter(uv, root, interpreters, options));
  const partial = `${final}.partial.${randomBytes(4).toString("hex")}`;
  try {
    await sync({ uv, python, partial, input, options });
    rmSync(final, { recursive: true, force: true });
    renameSync(partial, final);
    if (input.uv) rmSync(join(root, UV_CACHE), { recursive: true, force: true });
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

type Quiet = Omit<ProgramOptions, "limitMs">;

async function installInterpreter(uv: string, root: string, interpreters: readonly Interpreter[], options: Quiet): Promise<string> {
  const env = { ...options.env, UV_PYTHON_INSTALL_DIR: join(root, "interpreters") };
  options.onLine?.("No Python from 3.10 to 3.13 was found; asking uv for one.");
  const installed = await runProgram(uv, ["python", "install", "--no-bin", "3.13"], { ...options, env, limitMs: SYNC_MS });
  const found = installed.code === 0 ? await runProgram(uv, ["python", "find", "--managed-python", "3.13"], { env, limitMs: CHECK_MS }) : null;
  const path = found?.code === 0 ? found.stdout.at(-1) : undefined;
  if (path) return path;
  const there = interpreters.map((one) => `${one.version} (${one.machine})`).join(", ");
  const found_ = there ? `only Python ${there} was found` : "no Python 3 was found";
  throw fault("environment.python", `Unsloth needs a Python from 3.10 to 3.13, and ${found_}; uv could not download one.`, INSTALL_PYTHON);
}

interface Sync {
  readonly uv: string;
  readonly python: string;
  readonly partial: string;
  readonly input: PythonInput;
  readonly options: Quiet;
}

async function sync({ uv, python, partial, input, options }: Sync): Promise<void> {
  // Relocatable: its scripts must go on working after the rename.
  const venv = await runProgram(uv, ["venv", "--relocatable", "--no-project", "--python", python, partial], { ...options, limitMs: CHECK_MS });
  if (venv.code !== 0) throw failed(input, "The Python environment could not be made", venv.stderr);
  const env = { ...options.env, UV_PROJECT_ENVIRONMENT: partial, UV_PYTHON_DOWNLOADS: "never", UV_NO_PROGRESS: "1" };
  const args = ["sync", "--frozen", "--no-dev", "--project", input.project, "--python", join(partial, "bin", "python")];
  if (input.dev) args.splice(args.indexOf("--no-dev"), 1, "--group", "dev");
  const synced = await runProgram(uv, args, { ...options, cwd: input.project, env, limitMs: SYNC_MS });
  if (synced.code !== 0) throw failed(input, "The Python packages could not be installed", synced.stderr);
  const checked = await runProgram(join(partial, "bin", "python"), ["-I", "-c", "import mlx.core, mlx_lm"], { ...options, limitMs: CHECK_MS });
  if (checked.code !== 0) throw failed(input, "The Python packages were installed but do not start", checked.stderr);
}

function failed(input: PythonInput, what: string, lines: readonly string[]): FaultError {
  if (input.signal?.aborted) return fault("environment.stopped", "The installation was stopped.", SETUP);
  const reason = lines.findLast((line) => line.trim() !== "")?.trim() ?? "no reason given";
  return fault("environment.python", `${what} (${reason}).`, "Check the network and the free disk space, then run: thortime setup.");
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fault(
      "environment.home",
      `The folder ${folder} cannot be made (${(error as Error).message}).`,
      "Check its owner, or set THORTIME_HOME to a folder of yours.",
    );
  }
}

/** Only under the lock: whoever made these is gone. */
function sweep(root: string): void {
  for (const name of readdirSync(root)) if (name.includes(".partial.")) rmSync(join(root, name), { recursive: true, force: true });
}

/**
 * A packaged app keeps uv's downloads in the home until the environment stands: a set-up that was cut goes on from them, and removing
 * the home removes everything. In a clone uv's usual cache serves all of this person's projects.
 */
function ownCache({ uv }: PythonInput, root: string): Record<string, string> {
  return uv ? { UV_CACHE_DIR: join(root, UV_CACHE) } : {};
}

function pointsAt(home: string, folder: string): boolean {
  const pointer = join(home, "python", "current");
  return existsSync(pointer) && readFileSync(pointer, "utf8").trim() === folder;
}

function point(home: string, folder: string): void {
  const pointer = join(home, "python", "current");
  if (pointsAt(home, folder)) return;
  makeFolder(join(home, "python"));
  writeWhole(pointer, `${folder}\n`);
}

function waiting({ onLine, signal }: PythonInput): { onWait: () => void; signal?: AbortSignal } {
  return { onWait: () => onLine?.("Another process is making the Python environment; waiting for it."), ...(signal ? { signal } : {}) };
}
