/** How a run is shown while it goes: one moving line in a terminal, else plain lines at most every 10 s. */
import { trainingEnd } from "../../core/eta.ts";
import { currentPhase, phaseProgress, statusOf, tokensPerSecond } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import { clock, finish, loss } from "./format.ts";
import { PHASE_NAMES } from "./happening.ts";

const BAR_CELLS = 24;
const PLAIN_EVERY_MS = 10_000;
const DRAW_EVERY_MS = 100;

export interface Display {
  state(state: RunState): void;
  happening(line: string, atMs: number): void;
  /** Leaves the terminal as a next line finds it. */
  end(): void;
}

export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

export function silentDisplay(): Display {
  return { state() {}, happening() {}, end() {} };
}

export function plainDisplay(screen: Screen, nowMs: () => number): Display {
  let last = { at: Number.NEGATIVE_INFINITY, line: "" };
  return {
    state(state) {
      const line = progressLine(state, nowMs());
      if (line === last.line || nowMs() - last.at < PLAIN_EVERY_MS) return;
      last = { at: nowMs(), line };
      screen.write(`${line}\n`);
    },
    happening: (line, atMs) => screen.write(`${clock(atMs)} ${line}\n`),
    end() {},
  };
}

export function barDisplay(screen: Screen, nowMs: () => number): Display {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let newest: RunState | null = null;
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    timer = null;
    if (!newest) return;
    drawnAt = nowMs();
    const line = `${bar(newest)} ${progressLine(newest, nowMs())}`;
    screen.write(`\r\u001b[2K${[...line].slice(0, Math.max(10, screen.columns - 1)).join("")}`);
  };
  return {
    state(state) {
      newest = state;
      timer ??= setTimeout(draw, Math.max(0, drawnAt + DRAW_EVERY_MS - nowMs()));
    },
    happening(line, atMs) {
      screen.write(`\r\u001b[2K${clock(atMs)} ${line}\n`);
      if (newest) draw();
    },
    end() {
      if (timer) clearTimeout(timer);
      if (newest) draw();
      newest = null;
      screen.write("\n");
    },
  };
}

export function progressLine(state: RunState, nowMs: number): string {
  const phase = currentPhase(state);
  const status = statusOf(state);
  if (phase === null || state.ended) return status;
  const parts = [status === "resting" || status === "pausing" || status === "stopping" ? status : PHASE_NAMES[phase]];
  if (state.progress?.task === "calibrate") parts.push(`measuring what is fastest here: ${state.progress.done} of ${state.progress.total}`);
  else if (phase === "train" && state.totalSteps > 0) parts.push(...trainingParts(state, nowMs));
  else if (state.progress && state.progress.total > 0) parts.push(`${Math.floor((100 * state.progress.done) / state.progress.total)}%`);
  return parts.join(" · ");
}

function trainingParts(state: RunState, nowMs: number): string[] {
  const speed = tokensPerSecond(state);
  const done = finish(trainingEnd(state, nowMs));
  const parts = [`step ${state.step?.step ?? 0}/${state.totalSteps}`];
  if (state.step) parts.push(`loss ${loss(state.step.loss)}`);
  if (speed !== null) parts.push(`${Math.round(speed)} tokens/s`);
  if (done !== null) parts.push(done);
  return parts;
}

function bar(state: RunState): string {
  const phase = currentPhase(state);
  const share = phase === null ? 1 : (phaseProgress(state, phase) ?? 0);
  const full = Math.floor(share * BAR_CELLS);
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${String(Math.floor(share * 100)).padStart(3)}%`;
}
