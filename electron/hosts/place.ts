/** Where this Thortime stands: the folder that holds `python`, `resources` and `out`, its version, and how it starts an engine. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { fault } from "../core/faults.ts";

export interface Place {
  readonly root: string;
  /** The package's version and, in a clone, the build's stamp: two builds are two versions. */
  readonly version: string;
}

const packageSchema = z.object({ name: z.literal("thortime"), version: z.string() });
const MOST_LEVELS = 5;

/** `from` is the folder of a built file (`out`) or of a source file (`electron/hosts`). */
export function findPlace(from: string): Place {
  let folder = from;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const version = packageVersion(folder);
    if (version) return { root: folder, version: withStamp(folder, version) };
    folder = dirname(folder);
  }
  throw fault("environment.project", "Thortime's own files are not complete.", "Get a complete copy of Thortime.");
}

export function engineCommand(place: Place, home: string, node: string = process.execPath): readonly string[] {
  return [node, join(place.root, "out", "engine.js"), "--home", home];
}

function packageVersion(folder: string): string | null {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).version;
  } catch {
    return null;
  }
}

function withStamp(root: string, version: string): string {
  const stamp = join(root, "out", "stamp");
  return existsSync(stamp) ? `${version}+${readFileSync(stamp, "utf8").trim().slice(0, 12)}` : version;
}
