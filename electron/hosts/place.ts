/** Where this Thortime stands: its files, its version, and how it starts an engine. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { fault } from "../core/faults.ts";

export interface Place {
  /** Holds `python` and `resources`, which other programs read. */
  readonly root: string;
  /** Holds what was built: `renderer`, `desktop` and, in a clone, `engine.js`. */
  readonly out: string;
  /** The package's version and, in a clone, the build's stamp: two builds are two versions. */
  readonly version: string;
  /** Program and first arguments of an engine. */
  readonly engine: readonly string[];
  /** File of the history's thread. */
  readonly historyWorker: string;
  /** The uv that came along; null: one is looked for, or fetched. */
  readonly uv: string | null;
}

const packageSchema = z.object({ name: z.literal("thortime"), version: z.string() });
const MOST_LEVELS = 5;

/** A clone. `from` is the folder of a built file (`out`) or of a source file (`electron/hosts`). */
export function findPlace(from: string, node: string = process.execPath): Place {
  let folder = from;
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const version = packageVersion(folder);
    if (version) return clone(folder, withStamp(folder, version), node);
    folder = dirname(folder);
  }
  throw fault("environment.project", "Thortime's own files are not complete.", "Get a complete copy of Thortime.");
}

function clone(root: string, version: string, node: string): Place {
  const out = join(root, "out");
  return { root, out, version, engine: [node, join(out, "engine.js")], historyWorker: join(out, "history-worker.js"), uv: null };
}

/**
 * A packaged app: `archive` is app.asar, and beside it lie the files that other programs read. It has no Node, so it is its own engine.
 * The history's thread is loaded from beside the archive, where its native library is.
 */
export function packagedPlace(archive: string, program: string): Place {
  const version = packageVersion(archive);
  if (!version) throw fault("environment.project", "Thortime's own files are not complete.", "Get a complete copy of Thortime.");
  const root = dirname(archive);
  return {
    root,
    out: join(archive, "out"),
    version: withStamp(archive, version),
    engine: [program, "--engine"],
    historyWorker: join(`${archive}.unpacked`, "out", "desktop", "history-worker.cjs"),
    uv: join(root, "uv", "uv"),
  };
}

export function engineCommand(place: Place, home: string): readonly string[] {
  return [...place.engine, "--home", home];
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
