/** Shows a run until it is over, or until ^C, which only stops the showing. */
import { fault } from "../../core/faults.ts";
import { needsYou } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { followRun } from "./follow.ts";
import { barDisplay, type Display, plainDisplay, silentDisplay } from "./progress.ts";
import { isOver, resultJson, resultLines } from "./result.ts";

/** 128 + SIGINT, as shells have it: the run was not waited for. */
export const DETACHED_EXIT = 130;

export interface WatchOptions {
  readonly run: string;
  readonly json: boolean;
  /** How many happenings of before are told; by default all. */
  readonly earlier?: number;
}

/** Null: detached by ^C. */
export async function watchRun(api: SteadyApi, context: Context, options: WatchOptions): Promise<RunState | null> {
  const display = options.json ? silentDisplay() : chooseDisplay();
  let cancel: () => void = () => {};
  let interrupt: () => void = () => {};
  const last = await new Promise<RunState | null>((resolve) => {
    interrupt = () => resolve(null);
    process.once("SIGINT", interrupt);
    const watcher = {
      words: context.words(),
      onState: (state: RunState) => {
        display.state(state);
        if (isOver(state)) resolve(state);
      },
      onHappening: (line: string, atMs: number) => display.happening(line, atMs),
    };
    cancel = followRun(api, options.run, watcher, options.earlier);
  });
  cancel();
  process.removeListener("SIGINT", interrupt);
  display.end();
  if (last === null) context.note(`Detached: the run goes on. Come back with: thortime status --follow ${options.run}`);
  return last;
}

/** Watches to the end and says what came of it. Returns the exit code; throws the fault a run needs somebody for. */
export async function watchToEnd(api: SteadyApi, context: Context, options: WatchOptions): Promise<number> {
  let state = await watchRun(api, context, options);
  // A run that diverged has one child at most, and no grandchild.
  if (state?.ended?.child) state = await watchRun(api, context, { ...options, run: state.ended.child });
  if (state === null) return DETACHED_EXIT;
  if (options.json) context.printJson(resultJson(state));
  else for (const line of resultLines(state)) context.print(line);
  const needed = needsYou(state);
  if (needed) throw fault(needed.kind, needed.message, needed.next);
  return 0;
}

function chooseDisplay(): Display {
  const { stdout } = process;
  const screen = { isTTY: stdout.isTTY, columns: stdout.columns ?? 80, write: (text: string) => void stdout.write(text) };
  return screen.isTTY ? barDisplay(screen, Date.now) : plainDisplay(screen, Date.now);
}
