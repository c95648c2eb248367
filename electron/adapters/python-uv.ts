/** The uv that python/pyproject.toml asks for: the one that came with the app, one on PATH of that very version, or our own from PyPI. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fault } from "../core/faults.ts";
import { type ProgramOptions, runProgram } from "./program.ts";
import type { Interpreter } from "./python-interpreter.ts";

const CHECK_MS = 15_000;
const INSTALL_MS = 10 * 60_000;
/** What an installer needs of our environment; nothing else of it reaches one. */
const PASSED =
  /^(PATH|HOME|USER|LANG|LC_\w+|TMPDIR|TZ|XDG_CACHE_HOME|XDG_CONFIG_HOME|PIP_\w+|UV_\w+|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(HTTPS?|NO|ALL)_PROXY)$/i;

export function installEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => PASSED.test(pair[0]) && pair[1] !== undefined));
}

export function requiredUv(project: string): string {
  const version = /^required-version\s*=\s*"==([0-9.]+)"/m.exec(readFileSync(join(project, "pyproject.toml"), "utf8"))?.[1];
  if (!version) throw fault("environment.project", "python/pyproject.toml names no uv version.", "Get a complete copy of Thortime.");
  return version;
}

export interface UvInput {
  readonly version: string;
  /** Folder where our own uv lives. */
  readonly root: string;
  /** Came with a packaged app. */
  readonly bundled: string | null;
  readonly interpreters: readonly Interpreter[];
  readonly options: Omit<ProgramOptions, "limitMs">;
}

/** Path of a uv of exactly this version; made in a folder of its own and renamed into place when it answers. */
export async function ensureUv({ version, root, bundled, interpreters, options }: UvInput): Promise<string> {
  if (bundled !== null && (await saysVersion(bundled, version, options))) return bundled;
  if (await saysVersion("uv", version, options)) return "uv";
  const own = join(root, `uv-${version}`);
  if (await saysVersion(join(own, "bin", "uv"), version, options)) return join(own, "bin", "uv");
  if (interpreters.length === 0) {
    throw fault(
      "environment.python",
      "No Python 3 was found.",
      "Install Python 3.13 (macOS: brew install python@3.13; Debian: apt-get install python3 python3-venv), then run: thortime setup.",
    );
  }
  mkdirSync(root, { recursive: true });
  let reason = "";
  for (const interpreter of interpreters) {
    const partial = join(root, `uv-${version}.partial.${randomBytes(4).toString("hex")}`);
    reason = await install(interpreter, version, partial, options);
    if (await saysVersion(join(partial, "bin", "uv"), version, options)) {
      rmSync(own, { recursive: true, force: true });
      renameSync(partial, own);
      return join(own, "bin", "uv");
    }
    rmSync(partial, { recursive: true, force: true });
  }
  throw fault(
    "environment.uv",
    `The Python installer uv ${version} could not be had (${reason}).`,
    "Check the network; on Debian also: apt-get install python3-venv. Then run: thortime setup.",
  );
}

/** A virtual environment first; a Python without ensurepip (Debian without python3-venv) may still have pip. Returns why it failed. */
async function install(interpreter: Interpreter, version: string, folder: string, options: UvInput["options"]): Promise<string> {
  const wanted = ["install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", `uv==${version}`];
  const venv = await runProgram(interpreter.path, ["-m", "venv", folder], { ...options, limitMs: INSTALL_MS });
  const inVenv = venv.code === 0;
  if (!inVenv) rmSync(folder, { recursive: true, force: true });
  const python = inVenv ? join(folder, "bin", "python") : interpreter.path;
  const where = inVenv ? [] : ["--target", folder];
  const pip = await runProgram(python, ["-m", "pip", ...wanted.slice(0, 1), ...where, ...wanted.slice(1)], { ...options, limitMs: INSTALL_MS });
  return pip.code === 0 ? "it does not start" : (pip.stderr.findLast((line) => line.trim() !== "") ?? "no answer").trim();
}

async function saysVersion(path: string, version: string, options: UvInput["options"]): Promise<boolean> {
  const { onLine: _quiet, ...rest } = options;
  const { code, stdout } = await runProgram(path, ["--version"], { ...rest, limitMs: CHECK_MS });
  return code === 0 && (stdout[0] === `uv ${version}` || (stdout[0] ?? "").startsWith(`uv ${version} `));
}
