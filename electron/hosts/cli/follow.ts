/** Follows one run with the engine's own fold, and tells each notable happening once. */
import type { Api, Update } from "../../core/api.ts";
import { reduceAll } from "../../core/reduce.ts";
import type { HappeningEvent, RunState } from "../../core/state.ts";
import { isSaidBefore } from "../../core/words/happenings.ts";
import type { Reasons } from "../../core/words/why.ts";
import { describe } from "./happening.ts";

export interface Watcher {
  readonly words: Reasons;
  onState(state: RunState): void;
  onHappening(line: string, atMs: number): void;
}

/** `earlier`: how many happenings of before are told, newest last. */
export function followRun(api: Api, run: string, watcher: Watcher, earlier = Number.POSITIVE_INFINITY): () => void {
  let state: RunState | null = null;
  let told: string | null = null;
  return api.subscribe(`run:${run}`, (update: Update<`run:${string}`>) => {
    if ("snapshot" in update) state = update.snapshot;
    else if (state) state = reduceAll(state, update.entries);
    if (!state) return;
    for (const { at, line } of untold(state, told, earlier, watcher.words)) watcher.onHappening(line, at);
    const newest = state.happenings.at(-1);
    if (newest) told = key(newest.event);
    watcher.onState(state);
  });
}

function untold({ happenings }: RunState, told: string | null, earlier: number, words: Reasons): readonly { readonly at: number; readonly line: string }[] {
  const known = told === null ? happenings.length - 1 - earlier : happenings.findLastIndex((one) => key(one.event) === told);
  return happenings.flatMap(({ at, event }, index) => {
    const isOld = index <= known || isSaidBefore(event, happenings.slice(0, index), words);
    const line = isOld ? null : describe(event, words);
    return line === null ? [] : [{ at, line }];
  });
}

/** `n` counts one writer's process; with its time it names an event of one journal. */
function key(event: HappeningEvent): string {
  return `${event.by} ${event.n} ${event.at}`;
}
