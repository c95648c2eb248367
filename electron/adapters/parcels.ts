/** Runs as one file each: packed and unpacked by a Python verb, looked at here before anything of one is taken for a run. */
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { INITIAL_CONTROL } from "../core/control.ts";
import { fault } from "../core/faults.ts";
import { read, START } from "../core/journal.ts";
import { isRunId } from "../core/names.ts";
import { type RunPlan, runPlanSchema } from "../core/plan.ts";
import type { Parcel, Parcels } from "../core/ports.ts";
import { reduceAll } from "../core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../core/state.ts";
import { syncFolder, writeWhole } from "./files.ts";
import { askPython, type PythonOptions } from "./inspector.ts";
import { FileJournal } from "./journal.ts";
import { expandHome } from "./paths.ts";

export interface ParcelOptions extends PythonOptions {
  readonly home: string;
  readonly now?: () => number;
}

const doneSchema = z.object({ files: z.number().int(), bytes: z.number().int() });
const CHUNK_BYTES = 1024 * 1024;
/** Gigabytes take minutes on a slow disk. */
const LIMIT_MS = 2 * 3600_000;

export function createParcels(options: ParcelOptions): Parcels {
  const runs = join(options.home, "runs");
  let count = 0;
  return {
    async pack(run, path) {
      return doneSchema.parse(await askPython(options, ["parcel", "pack", "--run", join(runs, run), "--out", expandHome(path)], LIMIT_MS));
    },
    async unpack(path) {
      count += 1;
      // The home's next start sweeps what a kill leaves of it.
      const folder = join(runs, `import-${process.pid}-${count}.partial`);
      rmSync(folder, { recursive: true, force: true });
      doneSchema.parse(await askPython(options, ["parcel", "unpack", expandHome(path), "--into", folder], LIMIT_MS));
      try {
        return makeParcel(folder, runs, options.now ?? (() => Date.now()));
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

function makeParcel(folder: string, runs: string, now: () => number): Parcel {
  const plan = readPlan(join(folder, "run.json"));
  const journal = join(folder, "events.jsonl");
  const state = fold(journal);
  if (!isRunId(plan.id) || state.id !== plan.id) throw notWhole();
  return {
    plan,
    state,
    settle(id) {
      const final = join(runs, id);
      writeWhole(join(folder, "run.json"), `${JSON.stringify({ ...plan, id }, null, 2)}\n`);
      writeWhole(join(folder, "control.json"), JSON.stringify(INITIAL_CONTROL));
      const writer = new FileJournal(journal, "engine", now);
      writer.append({ type: "imported", run: id, from: plan.id }, state.attempt);
      writer.close();
      renameSync(folder, final);
      syncFolder(final);
    },
    discard: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readPlan(path: string): RunPlan {
  try {
    return runPlanSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw notWhole();
  }
}

/** In pieces: a night's journal may be hundreds of megabytes long, and only what it amounts to is kept. */
function fold(path: string): RunState {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let [cursor, state] = [START, EMPTY_RUN];
    for (;;) {
      const bytes = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (bytes === 0) return state;
      const next = read(cursor, chunk.subarray(0, bytes));
      cursor = next.cursor;
      state = reduceAll(state, next.entries);
    }
  } finally {
    closeSync(file);
  }
}

function notWhole(): Error {
  return fault("data.parcel", "The plan or the journal in this file is not a run's.", "Export it again where it came from.");
}
