/** Which run a person means: a run's id, the beginning of one, or, when nothing is said, the active one. */
import type { Api, SnapshotOf, Topic } from "../../core/api.ts";
import { fault } from "../../core/faults.ts";
import type { HomeState, RunEntry } from "../../core/home.ts";
import { oneLine } from "./format.ts";

const SNAPSHOT_MS = 10_000;
const SHOWN = 5;

/** The present state of one topic. */
export function readSnapshot<T extends Topic>(api: Api, topic: T): Promise<SnapshotOf<T>> {
  return new Promise((resolve, reject) => {
    let cancel: () => void = () => {};
    const timer = setTimeout(() => {
      cancel();
      reject(fault("engine.silent", "The engine gave no answer in 10 s.", "Try again; if it comes back, run: thortime doctor."));
    }, SNAPSHOT_MS);
    cancel = api.subscribe(topic, (update) => {
      if (!("snapshot" in update)) return;
      clearTimeout(timer);
      queueMicrotask(() => cancel());
      resolve(update.snapshot);
    });
  });
}

/** `active`: nothing is said, so a run that has not ended is meant. `newest`: the same, or else the last one. */
export async function findRun(api: Api, said: string | undefined, otherwise: "active" | "newest"): Promise<RunEntry> {
  const home = await readSnapshot(api, "home");
  return said === undefined ? unsaid(home, otherwise) : named(home, said);
}

function unsaid(home: HomeState, otherwise: "active" | "newest"): RunEntry {
  const active = home.runs.filter((run) => run.outcome === null);
  if (active.length > 1) throw ambiguous(active);
  const run = active[0] ?? (otherwise === "newest" ? home.runs.at(-1) : undefined);
  if (run) return run;
  if (home.runs.length === 0) throw fault("run.none", "There is no run yet.", "Start one with: thortime practice, or: thortime run.");
  throw fault("run.none", "No run is under way.", "See the runs with: thortime history, and name one.");
}

function named(home: HomeState, said: string): RunEntry {
  const exact = home.runs.find((run) => run.id === said);
  const found = exact ? [exact] : home.runs.filter((run) => run.id.startsWith(said));
  if (found.length > 1) throw ambiguous(found);
  if (found[0]) return found[0];
  throw fault("run.unknown", `There is no run whose id begins with ${JSON.stringify(oneLine(said, 60))}.`, "See the runs with: thortime history.");
}

function ambiguous(runs: readonly RunEntry[]): Error {
  const ids = runs
    .slice(-SHOWN)
    .map((run) => run.id)
    .join(", ");
  return fault("run.ambiguous", `More than one run is meant (${ids}${runs.length > SHOWN ? ", …" : ""}).`, "Say more of its id.");
}
