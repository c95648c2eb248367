/** Finds the Pythons of this machine by running them: a name on PATH says nothing (shims, stubs, Rosetta). */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runProgram } from "./program.ts";

export interface Interpreter {
  readonly path: string;
  readonly version: string;
  readonly minor: number;
  readonly machine: string;
}

export interface Search {
  readonly path: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string>>;
}

/** Unsloth's wheels exist for these (python/pyproject.toml, requires-python); newest first, after the plain name. */
const NAMES = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python3.14"];
/** A program started from Finder has a PATH without these. */
const MAC_FOLDERS = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];
const APPLE_STUB = "/usr/bin/python3";
const LIMIT_MS = 15_000;
/** The base interpreter's own path: an activated virtual environment or a shim may be gone tomorrow. */
const QUESTION =
  "import json,platform,sys;print(json.dumps([getattr(sys,'_base_executable',None) or sys.executable,list(sys.version_info[:3]),platform.machine()]))";

/** Every Python 3 that runs, or the first `most`, in order of preference: the plain name first, then newer before older. */
export async function findInterpreters(search: Search, most = Number.POSITIVE_INFINITY): Promise<Interpreter[]> {
  const found: Interpreter[] = [];
  for (const path of await candidates(search)) {
    if (found.length >= most) break;
    const interpreter = await askInterpreter(path, search.env);
    if (interpreter && !found.some((other) => other.path === interpreter.path)) found.push(interpreter);
  }
  return found;
}

export function isSupported(interpreter: Interpreter, platform: NodeJS.Platform): boolean {
  const machine = platform === "darwin" ? "arm64" : "x86_64";
  return interpreter.minor >= 10 && interpreter.minor <= 13 && interpreter.machine === machine;
}

async function candidates({ path, platform, env }: Search): Promise<string[]> {
  const folders = [...path.split(delimiter).filter((folder) => folder.startsWith("/")), ...(platform === "darwin" ? MAC_FOLDERS : [])];
  const paths = NAMES.flatMap((name) => [...new Set(folders)].map((folder) => join(folder, name))).filter(isExecutable);
  if (platform !== "darwin" || !paths.includes(APPLE_STUB)) return paths;
  // Without Apple's command line tools this stub is no Python: running it opens an installer window.
  const tools = await runProgram("/usr/bin/xcode-select", ["-p"], { env, limitMs: LIMIT_MS });
  return tools.code === 0 ? paths : paths.filter((other) => other !== APPLE_STUB);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What this program says of itself; null where it is no Python 3. */
export async function askInterpreter(path: string, env: Readonly<Record<string, string>>): Promise<Interpreter | null> {
  const { code, stdout } = await runProgram(path, ["-I", "-c", QUESTION], { env, limitMs: LIMIT_MS });
  if (code !== 0) return null;
  try {
    const [executable, version, machine] = JSON.parse(stdout.at(-1) ?? "") as [string, [number, number, number], string];
    return version[0] === 3 ? { path: executable, version: version.join("."), minor: version[1], machine } : null;
  } catch {
    return null;
  }
}
