/**
 * Silence, judged by progress and not by output. Two stages tell and ask; only a long limit, stated here, ends the process. Waiting counts
 * while the machine is awake: the engine's looks come twice a second, so a long gap between two of them means that everything slept.
 */
import type { Phase } from "./events.ts";
import type { RunState } from "./state.ts";

/** A gap between two looks that only sleep, or a stopped engine, explains. */
export const SLEPT_S = 30;
/** Training: this long, or so many times the slowest recent step. */
export const LEAST_LIMIT_S = 120;
export const SLOW_STEPS = 8;
/** The trainer goes no slower than this, whatever it is told. */
const LEAST_PACE = 0.01;
/** Loading a model and compiling the first step say nothing for minutes. */
export const START_LIMIT_S = 600;
/** Nothing is ended by force before so long without progress, with the machine awake all the while. */
export const FORCE_LIMIT_S = 30 * 60;

const PHASE_LIMIT_S: Readonly<Record<Phase, number>> = {
  // A stalled download tries again by itself several times.
  fetch: 900,
  // Says nothing until all rows are read.
  prepare: 900,
  before: START_LIMIT_S,
  train: LEAST_LIMIT_S,
  after: START_LIMIT_S,
  merge: START_LIMIT_S,
  export: START_LIMIT_S,
  deploy: START_LIMIT_S,
};

/** Between looks; kept by whoever looks. */
export interface Watch {
  readonly mono: number;
  readonly mark: string;
  readonly waitedSeconds: number;
}

export type Finding = "quiet" | "moves-again" | 1 | 2 | 3;

/** What stands still when nothing happens: another process, step, checkpoint, evaluation, answer or piece of a file is progress. */
export function progressMark(state: RunState): string {
  const { process, step, sealed, heldOut, comparison, loaded, answers, progress } = state;
  const answered = answers.reduce((sum, one) => sum + (one.before === null ? 0 : 1) + (one.after === null ? 0 : 1), 0);
  const piece = progress ? `${progress.phase} ${progress.task} ${progress.done}` : "";
  return [process?.token, step?.step, step?.at, sealed, heldOut.at(-1)?.step, comparison?.at, loaded?.at, answered, state.succeeded.length, piece].join("|");
}

/** How long `phase` may stand still before it is told. */
export function stallLimitSeconds(state: RunState, phase: Phase): number {
  if (phase !== "train") return PHASE_LIMIT_S[phase];
  if (state.recent.length === 0) return START_LIMIT_S;
  const pace = Math.max(LEAST_PACE, state.obeyed?.pace ?? 1);
  const slowest = state.recent.reduce((most, one) => Math.max(most, one.seconds + one.restSeconds, one.seconds / pace), 0);
  return Math.max(PHASE_LIMIT_S.train, SLOW_STEPS * slowest, 2 * state.longestPauseSeconds + slowest);
}

/** Never before 30 minutes, and never before three times what is already long for this run. */
export function forceLimitSeconds(state: RunState, phase: Phase): number {
  return Math.max(FORCE_LIMIT_S, 3 * stallLimitSeconds(state, phase));
}

export function lookForStall(watch: Watch | null, state: RunState, phase: Phase, mono: number): { readonly watch: Watch; readonly finding: Finding } {
  const mark = progressMark(state);
  const gap = watch ? mono - watch.mono : 0;
  const afresh = watch === null || watch.mark !== mark || gap > SLEPT_S || gap < 0 || state.obeyed?.desired === "rest";
  const waitedSeconds = afresh ? 0 : watch.waitedSeconds + gap;
  return { watch: { mono, mark, waitedSeconds }, finding: judge(state, phase, mark, waitedSeconds) };
}

function judge(state: RunState, phase: Phase, mark: string, waitedSeconds: number): Finding {
  if (state.stalled && state.stalled.mark !== mark) return "moves-again";
  const limit = stallLimitSeconds(state, phase);
  const told = state.stalled?.stage ?? 0;
  if (waitedSeconds >= forceLimitSeconds(state, phase)) return told < 3 ? 3 : "quiet";
  if (waitedSeconds >= 2 * limit && told < 2) return 2;
  return waitedSeconds >= limit && told < 1 ? 1 : "quiet";
}
