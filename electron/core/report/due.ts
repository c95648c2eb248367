/** When a morning report has to be written: level-triggered from the fold, so a kill between file and line only writes it once more. */
import type { Event } from "../events.ts";
import { type RunStatus, statusOf } from "../selectors.ts";
import type { RunState } from "../state.ts";

/** Nothing more happens until a person wakes up: what a report is read about. */
const SETTLED: ReadonlySet<string> = new Set<RunStatus>(["finished", "stopped", "paused", "needs-you"]);

/** These come again and again while a process lives; a report that lacks the newest one is not wrong for it. */
const FREQUENT: ReadonlySet<string> = new Set<Event["type"]>(["reported", "conditions", "memory", "obeyed", "governed", "evaluated", "step"]);

export function isNews(event: Event): boolean {
  return !FREQUENT.has(event.type);
}

export function isReportDue(state: RunState): boolean {
  const { reported } = state;
  const status = statusOf(state);
  if (SETTLED.has(status)) return reported === null || reported.stale || reported.event.status !== status;
  // It went on: a page that says "needs you" would be wrong from here.
  return reported !== null && SETTLED.has(reported.event.status);
}
