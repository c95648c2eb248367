/** Follows the home, and in it the run a person would look at first, whichever that is at the time. */
import type { Api } from "../../core/api.ts";
import { EMPTY_HOME, type HomeState, reduceHomeAll } from "../../core/home.ts";
import { isLiving } from "../../core/menu-bar.ts";
import { reduceAll } from "../../core/reduce.ts";
import { focusedRun } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";

export interface Focus {
  readonly home: HomeState;
  readonly run: RunState | null;
}

export function followFocus(api: Api, onChange: (focus: Focus) => void): void {
  let focus: Focus = { home: EMPTY_HOME, run: null };
  let id: string | null = null;
  let cancel: () => void = () => {};
  const tell = (change: Partial<Focus>): void => {
    focus = { ...focus, ...change };
    onChange(focus);
  };
  api.subscribe("home", (update) => {
    tell({ home: "snapshot" in update ? update.snapshot : reduceHomeAll(focus.home, update.entries) });
    const wanted = focusedRun(focus.home)?.id ?? null;
    if (wanted === id) return;
    cancel();
    id = wanted;
    tell({ run: null });
    cancel = id === null ? () => {} : followRun(api, id, (run) => tell({ run }));
  });
}

export function followRun(api: Api, id: string, onState: (run: RunState) => void): () => void {
  let state: RunState | null = null;
  return api.subscribe(`run:${id}`, (update) => {
    if ("snapshot" in update) state = update.snapshot;
    else if (state) state = reduceAll(state, update.entries);
    if (state) onState(state);
  });
}

const LOOK_MS = 2_000;

/** Open runs that work or will by themselves. One that cannot be looked at in time counts: better asked once too often. */
export async function livingRuns(api: Api, home: HomeState): Promise<readonly string[]> {
  const open = home.runs.filter((run) => run.outcome === null).map((run) => run.id);
  const living = await Promise.all(open.map(async (id) => (await firstState(api, id, isLiving)) ?? true));
  return open.filter((_id, index) => living[index]);
}

async function firstState<T>(api: Api, id: string, read: (run: RunState) => T): Promise<T | null> {
  return await seen(api, id, LOOK_MS, (run) => ({ value: read(run) }));
}

/** Resolves with the first thing that `read` finds; null when the time is over. */
export async function seen<T>(api: Api, id: string, limitMs: number, read: (run: RunState) => { readonly value: T } | null): Promise<T | null> {
  return await new Promise((resolve) => {
    let cancel: () => void = () => {};
    const end = (value: T | null) => {
      clearTimeout(timer);
      // The first update may come before `cancel` is there.
      setImmediate(() => cancel());
      resolve(value);
    };
    const timer = setTimeout(() => end(null), limitMs);
    cancel = followRun(api, id, (run) => {
      const found = read(run);
      if (found) end(found.value);
    });
  });
}
