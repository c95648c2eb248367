/** When a process ended without success: start it again, wait, or give up. A crash window, not a crash count. */
import type { Fault, Phase } from "./events.ts";
import type { RunState } from "./state.ts";

export type RestartDecision = { readonly do: "start" } | { readonly do: "wait"; readonly untilMs: number } | { readonly do: "give-up"; readonly fault: Fault };

export const CRASH_WINDOW_MS = 5 * 60_000;
export const CRASHES_ALLOWED = 3;
const BACK_OFF_MS: readonly number[] = [0, 2_000, 10_000];

export function decideRestart(state: RunState, phase: Phase, nowMs: number): RestartDecision {
  // A verb that names its failure has looked at it: the same input would fail the same way.
  if (state.pendingFault) return { do: "give-up", fault: state.pendingFault };
  const crashes = state.exits.filter((exit) => Math.abs(nowMs - exit.at) < CRASH_WINDOW_MS);
  const last = crashes.at(-1);
  if (!last) return { do: "start" };
  if (crashes.length >= CRASHES_ALLOWED) {
    const how = last.signal ? `signal ${last.signal}` : last.code === null ? "an unknown cause" : `exit code ${last.code}`;
    return {
      do: "give-up",
      fault: {
        kind: "run.crashed",
        message: `The ${phase} process ended ${crashes.length} times in 5 minutes (last: ${how}).`,
        next: "Look at trainer.log in the run's folder, then continue with: thortime resume.",
      },
    };
  }
  const untilMs = last.at + (BACK_OFF_MS[crashes.length] ?? 10_000);
  // An exit in the future means that the clock was set back: waiting for it could take minutes.
  return untilMs > nowMs && last.at <= nowMs ? { do: "wait", untilMs } : { do: "start" };
}
