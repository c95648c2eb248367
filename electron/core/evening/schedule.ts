/**
 * When a run may work: its nights. The schedule stands in the home's journal, so it survives restarts, and every answer here is level-triggered:
 * asked at each tick, it says the one thing that the journal does not yet hold.
 */
import type { Event, Phase } from "../events.ts";
import { isOpen, nightAt, nightBefore, type Window, type ZoneOffset } from "./window.ts";

export interface Schedule {
  readonly run: string;
  readonly window: Window;
  readonly setAt: number;
  /** The night under way or last worked in; its end as an instant, so that a clock set back does not close it early. */
  readonly started: { readonly night: string; readonly closesAt: number } | null;
  /** The started night is over and the run is not done: it waits for its person's word. */
  readonly ended: boolean;
  readonly skipped: string | null;
  readonly missed: string | null;
  /** The newest night whose check was rehearsed. */
  readonly checked: string | null;
}

export type NightStep =
  | { readonly do: "nothing" }
  /** The rehearsal of the night check. */
  | { readonly do: "check"; readonly night: string; readonly opensAt: number }
  | { readonly do: "start"; readonly night: string; readonly closesAt: number; readonly lateSeconds: number }
  | { readonly do: "end"; readonly night: string }
  /** The whole window passed without us. */
  | { readonly do: "miss"; readonly night: string };

/** The rehearsal comes so long before the window opens: 21:30 for 22:00. */
export const REHEARSAL_MS = 30 * 60_000;
/** Later than this is said: the machine slept, or no engine ran. */
export const LATE_S = 5 * 60;
/** Done before the window opens: they are short, and the forecast needs them. */
const EARLY_PHASES: ReadonlySet<Phase> = new Set<Phase>(["fetch", "prepare"]);
/** Minutes, with training done: cutting them off at the window's end would only make a second evening. */
const LATE_PHASES: ReadonlySet<Phase> = new Set<Phase>(["after", "merge", "export", "deploy"]);

export function nightStep(schedule: Schedule, nowMs: number, offset: ZoneOffset): NightStep {
  const { window, started, ended, skipped, missed, checked, setAt } = schedule;
  if (ended) return { do: "nothing" };
  if (started && nowMs >= started.closesAt) return { do: "end", night: started.night };
  if (started) return { do: "nothing" };
  const night = nightAt(nowMs, window, offset);
  if (isOpen(night, nowMs)) {
    if (skipped === night.night) return { do: "nothing" };
    const lateSeconds = Math.max(0, (nowMs - Math.max(night.opensAt, setAt)) / 1000);
    return { do: "start", night: night.night, closesAt: night.closesAt, lateSeconds };
  }
  const last = nightBefore(nowMs, window, offset);
  if (last.opensAt >= setAt && skipped !== last.night && (missed === null || missed < last.night)) return { do: "miss", night: last.night };
  const due = nowMs >= night.opensAt - REHEARSAL_MS && skipped !== night.night && checked !== night.night;
  return due ? { do: "check", night: night.night, opensAt: night.opensAt } : { do: "nothing" };
}

export function isEarly(phase: Phase | null): boolean {
  return phase !== null && EARLY_PHASES.has(phase);
}

/** Nothing of this phase may begin now. */
export function isHeld(schedule: Schedule | undefined, phase: Phase | null): boolean {
  if (!schedule || phase === null || EARLY_PHASES.has(phase) || LATE_PHASES.has(phase)) return false;
  return schedule.started === null || schedule.ended;
}

/** A living process of this phase is to seal and end. */
export function isClosing(schedule: Schedule | undefined, phase: Phase | null): boolean {
  return schedule?.ended === true && phase !== null && !LATE_PHASES.has(phase);
}

export function foldSchedules(schedules: readonly Schedule[], event: Event): readonly Schedule[] {
  switch (event.type) {
    case "schedule-set":
      return [...schedules.filter((one) => one.run !== event.run), newSchedule(event.run, { from: event.from, to: event.to }, event.at)];
    case "schedule-cleared":
    case "run-closed":
      return schedules.some((one) => one.run === event.run) ? schedules.filter((one) => one.run !== event.run) : schedules;
    case "night-skipped":
      return change(schedules, event.run, { skipped: event.night });
    case "night-checked":
      return change(schedules, event.run, { checked: event.night });
    case "night-started":
      return change(schedules, event.run, { started: { night: event.night, closesAt: event.closesAt }, ended: false });
    case "night-ended":
      return change(schedules, event.run, { ended: true });
    case "night-missed":
      return change(schedules, event.run, { missed: event.night });
    default:
      return schedules;
  }
}

function newSchedule(run: string, window: Window, setAt: number): Schedule {
  return { run, window, setAt, started: null, ended: false, skipped: null, missed: null, checked: null };
}

function change(schedules: readonly Schedule[], run: string, part: Partial<Schedule>): readonly Schedule[] {
  return schedules.map((one) => (one.run === run ? { ...one, ...part } : one));
}
