/** The one sentence that stands largest, and the few facts beneath it. */
import { trainingEnd } from "../electron/core/eta.ts";
import { heatCost } from "../electron/core/governor/cost.ts";
import { currentPhase, needsYou, newestCheckpoint, type RunStatus, saysHowMuch, statusOf, verdictOf } from "../electron/core/selectors.ts";
import { toFreeBytes } from "../electron/core/space.ts";
import type { RunState } from "../electron/core/state.ts";
import { faultIn } from "../electron/core/words/words.ts";
import type { Words } from "./use-session.ts";

/** The last step may reach a hair into an epoch that is not meant. */
const ALMOST = 0.05;
const LEAST_LOSS = 0.005;
const SOON_MS = 20 * 60_000;

export function headline(run: RunState, words: Words, nowMs: number): string {
  const { say } = words;
  const status = statusOf(run);
  switch (status) {
    case "training":
      return trainingHeadline(run, words, nowMs);
    case "preparing":
    case "finishing": {
      const phase = currentPhase(run);
      return phase === null || phase === "train" ? say("headline.finishing") : say(`headline.${phase}`);
    }
    case "needs-you": {
      if (run.space?.waiting && !saysHowMuch(run.pendingFault)) return say("headline.space", { free: words.format.bytes(toFreeBytes(run.space)) });
      if (run.stalled && run.process) return say("headline.stalled", { duration: words.format.seconds(run.stalled.seconds) });
      const fault = needsYou(run);
      return fault ? faultIn(words, fault).message : say("status.needs-you");
    }
    case "finished":
      return say(`headline.${finishedAs(run)}`);
    case "stopped":
      return say(run.checkpoints.length > 0 ? "headline.stopped" : "headline.stopped-early");
    default:
      return say(`headline.${status}`);
  }
}

/** What the gate held back is not called better, whatever one of its lines says. */
function finishedAs(run: RunState) {
  const { held } = run.phases.deploy;
  return held === "no-go" || held === "your-call" ? held : (verdictOf(run) ?? "finished");
}

function trainingHeadline(run: RunState, words: Words, nowMs: number): string {
  const { say, format } = words;
  const { progress } = run;
  if (progress?.task === "calibrate") return say("headline.measuring", { done: format.integer(progress.done), total: format.integer(progress.total) });
  if (!run.step) return say("headline.loading");
  const end = trainingEnd(run, nowMs);
  if (!end) return say("headline.training");
  const [from, to] = [Math.ceil((end.fromMs - nowMs) / 60_000), Math.ceil((end.toMs - nowMs) / 60_000)];
  if (to <= 1) return say("headline.ends-minute");
  if (end.toMs - nowMs < SOON_MS) return say("headline.ends-soon", { from: format.integer(Math.max(1, from)), to: format.integer(to) });
  const [first, last] = [format.clock(end.fromMs), format.clock(end.toMs)];
  return first === last ? say("headline.ends-about", { at: first }) : say("headline.ends", { from: first, to: last });
}

/** Short facts, joined by a dot on screen. */
export function facts(run: RunState, status: RunStatus, words: Words, nowMs: number): readonly string[] {
  const { say, format } = words;
  const step = run.step && run.totalSteps > 0 ? say("sub.step", { step: format.integer(run.step.step), total: format.integer(run.totalSteps) }) : null;
  const rows = run.prepared ? say("sub.rows", { rows: format.integer(run.prepared.rows) }) : null;
  const newest = newestCheckpoint(run);
  const kept = newest ? say("sub.checkpoint-at", { step: format.integer(newest.step) }) : say("sub.no-checkpoint");
  const end = status === "training" && run.step && !trainingEnd(run, nowMs) ? say("sub.finish-unknown") : null;
  const lines = {
    waiting: [rows],
    preparing: [rows],
    training: [step, epochs(run, words), end, heat(run, words)],
    resting: [step, epochs(run, words), heat(run, words)],
    finishing: [step, kept],
    pausing: [step, kept],
    paused: [step, kept],
    stopping: [step, kept],
    "needs-you": [step, kept],
    finished: [heldOut(run, words), inOllama(run, words), took(run, words), heat(run, words)],
    stopped: [step, kept, took(run, words)],
  } satisfies Record<RunStatus, readonly (string | null)[]>;
  return lines[status].filter((line) => line !== null);
}

function epochs(run: RunState, { say, format }: Words): string | null {
  if (!run.step || !run.prepared) return null;
  const epochs = Math.max(1, Math.ceil(run.prepared.epochs - ALMOST));
  return epochs > 1 ? say("sub.epoch", { epoch: format.integer(Math.min(epochs, Math.floor(run.step.epoch) + 1)), epochs: format.integer(epochs) }) : null;
}

function heldOut(run: RunState, { say, format }: Words): string | null {
  return run.comparison && say("sub.held-out", { before: format.loss(run.comparison.before), after: format.loss(run.comparison.after) });
}

function inOllama(run: RunState, { say }: Words): string | null {
  return run.deployed && say("sub.in-ollama", { name: run.deployed.name });
}

/** What holding the temperature has cost; nothing to tell where it never had to. */
function heat(run: RunState, { say, format }: Words): string | null {
  const cost = run.governed && heatCost(run);
  if (!cost || cost.speedLoss < LEAST_LOSS) return null;
  const loss = format.percent(cost.speedLoss);
  return cost.heldCelsius === null ? say("sub.heat-unknown", { loss }) : say("sub.heat", { celsius: format.integer(Math.round(cost.heldCelsius)), loss });
}

function took(run: RunState, { say, format }: Words): string | null {
  return run.ended && say("sub.took", { duration: format.seconds(run.ended.seconds) });
}
