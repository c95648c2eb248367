/** "Use my own Python": the interpreter that a person names in settings.json is the only one the environment is made from. */
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { fault } from "../core/faults.ts";
import { writeWhole } from "./files.ts";
import { askInterpreter, type Interpreter, isSupported } from "./python-interpreter.ts";

const NEXT = "Name a Python from 3.10 to 3.13 of this Mac's own kind: thortime setup --python PATH; --python auto finds one.";

/** Null: none is named. */
export function readOwnPython(home: string): string | null {
  const python = readSettings(home)["python"];
  return typeof python === "string" && python !== "" ? python : null;
}

/** Null takes the setting away. Other settings stay as they are. */
export function writeOwnPython(home: string, path: string | null): void {
  const { python: _old, ...others } = readSettings(home);
  writeWhole(join(home, "settings.json"), `${JSON.stringify(path === null ? others : { ...others, python: path }, null, 2)}\n`);
}

/** A choice that cannot be used is said, never passed over for another Python. */
export async function checkOwnPython(path: string, platform: NodeJS.Platform, env: Readonly<Record<string, string>>): Promise<Interpreter> {
  const found = isAbsolute(path) ? await askInterpreter(path, env) : null;
  if (found && isSupported(found, platform)) return found;
  const why = found ? `it is Python ${found.version} (${found.machine})` : "it is no Python 3 that runs";
  throw fault("environment.python", `Your own Python, ${path}, cannot be used: ${why}.`, NEXT);
}

function readSettings(home: string): Record<string, unknown> {
  const path = join(home, "settings.json");
  if (!existsSync(path)) return {};
  try {
    const settings: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof settings === "object" && settings !== null && !Array.isArray(settings)) return settings as Record<string, unknown>;
  } catch {
    // Said below, like every other text that is no object.
  }
  throw fault("environment.settings", `The settings in ${path} cannot be read.`, "Mend the file, or move it away: everything in it has a default.");
}
