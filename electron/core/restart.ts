/**
 * When a process ended without success: start it again, wait, do it another way, or give up. A crash window, not a crash count, and
 * crashes count from the newest checkpoint on.
 */
import type { Cause, Fault, Phase } from "./events.ts";
import { isSpaceFault } from "./space.ts";
import type { Exit, RunState } from "./state.ts";

export type RestartDecision =
  | { readonly do: "start" }
  | { readonly do: "wait"; readonly untilMs: number }
  /** The disk is full: goes on by itself when there is room. */
  | { readonly do: "await-space" }
  /** Training diverged: once more, as a run of its own with a gentler plan. */
  | { readonly do: "retry-gentler"; readonly fault: Fault }
  | { readonly do: "give-up"; readonly fault: Fault };

export const CRASH_WINDOW_MS = 5 * 60_000;
export const CRASHES_ALLOWED = 3;
const BACK_OFF_MS: readonly number[] = [0, 2_000, 10_000];
/** The system takes a moment to give back what a killed process held. */
const MEMORY_BACK_OFF_MS = 2_000;
/** Within this, a second kill by the display watchdog means that the display stays on; a third restart, that training brings the machine down. */
export const LONG_WINDOW_MS = 60 * 60_000;
const WATCHDOGS_ALLOWED = 2;
const REBOOTS_ALLOWED = 3;

const CRASHES: ReadonlySet<Cause | null> = new Set<Cause | null>(["crash", "stalled", "unknown", "memory-kill", "display-watchdog", null]);

/** `rungs`: how many the memory ladder has for this run's plan. */
export function decideRestart(state: RunState, phase: Phase, nowMs: number, rungs: number): RestartDecision {
  if (state.pendingFault) return afterNamedFault(state, phase, state.pendingFault);
  const last = state.exits.at(-1);
  if (!last) return { do: "start" };
  if (phase === "train" && last.cause === "memory-kill") {
    // Past the ladder it goes on only as long as each start gets a checkpoint further.
    const spent = state.memoryKills + state.memoryEased > rungs && state.sealed === state.sealedBefore;
    return spent ? { do: "give-up", fault: OUT_OF_MEMORY } : startAfter(last, MEMORY_BACK_OFF_MS, nowMs);
  }
  const alike = state.exits.filter((exit) => exit.cause === last.cause && Math.abs(nowMs - exit.at) < LONG_WINDOW_MS).length;
  if (last.cause === "display-watchdog" && alike >= WATCHDOGS_ALLOWED) return { do: "give-up", fault: WATCHDOG };
  if (last.cause === "reboot" && alike >= REBOOTS_ALLOWED) return { do: "give-up", fault: REBOOTS };
  return CRASHES.has(last.cause) ? afterCrash(state, phase, nowMs) : { do: "start" };
}

/** A verb that names its failure has looked at it: the same input would fail the same way. */
function afterNamedFault(state: RunState, phase: Phase, fault: Fault): RestartDecision {
  if (isSpaceFault(fault.kind)) return { do: "await-space" };
  return phase === "train" && mayRetryGentler(state, fault) ? { do: "retry-gentler", fault } : { do: "give-up", fault };
}

/** Once: a child that diverges asks, and so does a run that already has a child. */
export function mayRetryGentler(state: RunState, fault: Fault | null): boolean {
  return fault?.kind === "run.diverged" && state.parent === null && state.child === null;
}

function afterCrash(state: RunState, phase: Phase, nowMs: number): RestartDecision {
  const climbs = (exit: Exit) => exit.cause === "memory-kill" && exit.verb === "train";
  const recent = state.exits.filter((exit) => CRASHES.has(exit.cause) && !climbs(exit) && Math.abs(nowMs - exit.at) < CRASH_WINDOW_MS);
  const last = recent.at(-1);
  if (!last) return { do: "start" };
  // A start that sealed a checkpoint got further: asking a person at night would cost more than the steps that each crash costs.
  const crashes = recent.filter((exit) => exit.sealed === last.sealed);
  if (crashes.length >= CRASHES_ALLOWED) return { do: "give-up", fault: crashLoop(phase, crashes.length, last) };
  return startAfter(last, BACK_OFF_MS[crashes.length] ?? 10_000, nowMs);
}

function startAfter(last: Exit, backOffMs: number, nowMs: number): RestartDecision {
  const untilMs = last.at + backOffMs;
  // An exit in the future means that the clock was set back: waiting for it could take minutes.
  return untilMs > nowMs && last.at <= nowMs ? { do: "wait", untilMs } : { do: "start" };
}

function crashLoop(phase: Phase, times: number, last: Exit): Fault {
  const how = last.signal ? `signal ${last.signal}` : last.code === null ? "an unknown cause" : `exit code ${last.code}`;
  return {
    kind: "run.crashed",
    message: `The ${phase} process ended ${times} times in 5 minutes (last: ${how}).`,
    next: "Look at trainer.log in the run's folder, then continue with: thortime resume.",
  };
}

const OUT_OF_MEMORY: Fault = {
  kind: "run.memory",
  message: "The system ended training for want of memory, even with the smallest micro-batch and the shortest rows.",
  next: "Close other apps, then continue with: thortime resume.",
};

const REBOOTS: Fault = {
  kind: "run.reboots",
  message: "The machine was restarted 3 times within an hour while this run worked.",
  next: "See why it restarts, then continue with: thortime resume.",
};

const WATCHDOG: Fault = {
  kind: "run.display-watchdog",
  message: "macOS ended training twice within an hour, because the display had to wait for it.",
  next: "Let the display sleep while it trains, then continue with: thortime resume.",
};
