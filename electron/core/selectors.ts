/** What a run's state means to a person; one reading for the window, the tray and the command line. */
import { type Fault, type Figure, PHASES, type Phase, toNumber } from "./events.ts";
import type { HomeState, RunEntry } from "./home.ts";
import { toFreeBytes } from "./space.ts";
import type { Checkpoint, PhaseStatus, RunState } from "./state.ts";

/** `finishing` is everything after training: answers, merge, export, deploy. */
export type RunStatus =
  | "waiting"
  | "preparing"
  | "training"
  | "resting"
  | "finishing"
  | "pausing"
  | "paused"
  | "stopping"
  | "needs-you"
  | "finished"
  | "stopped";

export function statusOf(state: RunState): RunStatus {
  if (state.ended) return state.ended.outcome;
  if (state.asked.stop) return "stopping";
  if (state.asked.pause) return state.process ? "pausing" : "paused";
  const phase = currentPhase(state);
  if (phase === null) return "finishing";
  if (goesOnByItself(state) || (!state.process && state.phases[phase].status === "failed")) return "needs-you";
  if (PHASES.every((name) => state.phases[name].status === "waiting")) return "waiting";
  if (phase === "train") return state.process?.verb === "train" && state.obeyed?.desired === "rest" ? "resting" : "training";
  return PHASES.indexOf(phase) < PHASES.indexOf("train") ? "preparing" : "finishing";
}

/** The first phase that is neither done nor skipped; null once all are. */
export function currentPhase(state: RunState): Phase | null {
  return PHASES.find((name) => state.phases[name].status !== "done" && state.phases[name].status !== "skipped") ?? null;
}

/** Silent for so long that a person is asked, while the process still lives. */
function isStuck({ process, stalled }: RunState): boolean {
  return process !== null && stalled !== null && stalled.stage >= 2;
}

export function needsYou(state: RunState): Fault | null {
  const phase = currentPhase(state);
  if (statusOf(state) !== "needs-you" || !phase) return null;
  if (state.space?.waiting) return saysHowMuch(state.pendingFault) ? state.pendingFault : spaceFault(state.space);
  if (state.stalled && isStuck(state)) return stallFault(state.stalled.seconds);
  return state.phases[phase].fault;
}

/** It needs its person, and yet goes on by itself as soon as it can. */
export function goesOnByItself(state: RunState): boolean {
  return state.space?.waiting === true || isStuck(state);
}

/** A verb that looked at the disk before it wrote knows better than we what it takes. */
export function saysHowMuch(fault: Fault | null): boolean {
  return fault?.kind === "disk.space";
}

function spaceFault(space: { readonly neededBytes: number; readonly freeBytes: number }): Fault {
  const gigabytes = (Math.ceil(toFreeBytes(space) / 1e8) / 10).toFixed(1);
  return { kind: "disk.needed", message: `The disk is full: free ${gigabytes} GB.`, next: "The run then goes on by itself." };
}

function stallFault(seconds: number): Fault {
  return {
    kind: "run.stalled",
    message: `Nothing has moved for ${Math.max(1, Math.round(seconds / 60))} minutes, though the process still lives.`,
    next: "Wait, or begin again from the newest checkpoint with: thortime pause, then thortime resume.",
  };
}

/** Share of the run's optimizer steps that are done, 0..1: a run's progress is its training. Null while the number of steps is unknown. */
export function progressOf(state: RunState): number | null {
  if (state.phases.train.status === "done") return 1;
  return state.totalSteps > 0 ? Math.min(1, (state.step?.step ?? 0) / state.totalSteps) : null;
}

/** How far the running phase itself is, 0..1, where its events say so. */
export function phaseProgress(state: RunState, phase: Phase): number | null {
  if (phase === "train") return state.phases.train.status === "running" ? progressOf(state) : null;
  const { progress } = state;
  return progress?.phase === phase && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}

export type Group = "prepare" | "train" | "compare" | "deploy";
export const GROUPS: Readonly<Record<Group, readonly Phase[]>> = {
  prepare: ["fetch", "prepare", "before"],
  train: ["train"],
  compare: ["after"],
  deploy: ["merge", "export", "deploy"],
};

/** What a group is there for: once all its phases are over, this one says whether it was done or left out. */
const MAIN_PHASE: Readonly<Record<Group, Phase>> = { prepare: "prepare", train: "train", compare: "after", deploy: "export" };

/** One word for several phases: a failure shows, then what runs, then what is still to come. */
export function groupStatus(state: RunState, group: Group): PhaseStatus {
  const all = GROUPS[group].map((phase) => state.phases[phase].status);
  if (all.includes("failed")) return "failed";
  if (all.includes("running")) return "running";
  if (all.every((status) => status === "done" || status === "skipped")) return state.phases[MAIN_PHASE[group]].status;
  return all.includes("done") ? "running" : "waiting";
}

/** Tokens with padding left out, per second of work and rest, over the newest steps; null before the first one. */
export function tokensPerSecond(state: RunState): number | null {
  const seconds = state.recent.reduce((sum, step) => sum + step.seconds + step.restSeconds, 0);
  return seconds > 0 ? state.recent.reduce((sum, step) => sum + step.tokens, 0) / seconds : null;
}

export function newestCheckpoint(state: RunState): Checkpoint | null {
  return state.checkpoints.reduce<Checkpoint | null>((newest, one) => (newest && newest.step >= one.step ? newest : one), null);
}

export type Verdict = "better" | "worse" | "unclear";

/** Held-out loss before against after: a verdict only where the 95 % interval leaves zero out. */
export function verdictOf(state: RunState): Verdict | null {
  if (!state.comparison) return null;
  const [low, high] = [toNumber(state.comparison.low), toNumber(state.comparison.high)];
  if (high < 0) return "better";
  return low > 0 ? "worse" : "unclear";
}

/** What answers in Ollama was put there by a person although the gate had not said GO. */
export function againstVerdict({ deployed }: RunState): boolean {
  return deployed?.verdict !== undefined && deployed.verdict !== "go";
}

/** The newest held-out loss measured: the pair's `after` when there is one. */
export function heldOutNow(state: RunState): Figure | null {
  return state.comparison?.after ?? state.heldOut.at(-1)?.loss ?? null;
}

export type Offer = "pause" | "resume" | "checkpoint" | "stop" | "deploy";

/** What a person may ask of a run in its present state, in the order to show it. */
export function offersOf(state: RunState): readonly Offer[] {
  switch (statusOf(state)) {
    case "waiting":
    case "preparing":
    case "finishing":
      return ["pause", "stop"];
    case "training":
    case "resting":
      return state.process?.verb === "train" ? ["pause", "checkpoint", "stop"] : ["pause", "stop"];
    case "needs-you":
      return isStuck(state) ? ["pause", "stop"] : ["resume", "stop"];
    case "paused":
      return ["resume", "stop"];
    case "stopped":
      return state.checkpoints.length > 0 && !state.deployed ? ["resume", "deploy"] : ["resume"];
    case "finished":
      return state.checkpoints.length > 0 && !state.deployed ? ["deploy"] : [];
    case "pausing":
    case "stopping":
      return [];
  }
}

/** The run a screen shows first: the newest that has not ended, else the newest. */
export function focusedRun(home: HomeState): RunEntry | null {
  return home.runs.findLast((run) => run.outcome === null) ?? home.runs.at(-1) ?? null;
}
