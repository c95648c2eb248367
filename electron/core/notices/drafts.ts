/** What there is to tell, from what the journals say: level-triggered, so a kill loses nothing and asking twice changes nothing. */

import { isHeldAtGate } from "../campaign-gate.ts";
import type { PowerWarning } from "../evening/power.ts";
import { LATE_S } from "../evening/schedule.ts";
import type { Window } from "../evening/window.ts";
import type { Event, EventOf } from "../events.ts";
import type { HomeState, NightEvent } from "../home.ts";
import type { NoticeLevel } from "../notice.ts";
import { currentPhase, needsYou, verdictOf } from "../selectors.ts";
import type { Happening, RunState } from "../state.ts";

/** `key` names its sentences in resources/messages (`notice.KEY.title`, `notice.KEY.body`); `values` go into them. */
export interface Draft {
  /** One event, one id, whoever asks and however often. */
  readonly id: string;
  readonly at: number;
  readonly run: string;
  readonly level: NoticeLevel;
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

export function draftsOfRun(state: RunState): readonly Draft[] {
  const drafts = state.happenings.flatMap((happening, index) => fromHappening(state, happening, state.happenings.slice(0, index)));
  const asking = askingDraft(state);
  return asking ? [...drafts, asking] : drafts;
}

/** Checkpoints told together, once a stretch of `hours` is over. */
export function checkpointDigest(state: RunState, hours: number | null, nowMs: number): readonly Draft[] {
  if (hours === null) return [];
  const stretch = hours * 3600_000;
  const byStretch = new Map<number, { at: number; steps: number[] }>();
  for (const { at, event } of state.happenings) {
    if (event.type !== "checkpoint-sealed") continue;
    const place = Math.floor((at - state.createdAt) / stretch);
    const known = byStretch.get(place)?.steps ?? [];
    byStretch.set(place, { at: state.createdAt + (place + 1) * stretch, steps: [...known, event.step] });
  }
  return [...byStretch]
    .filter(([, { at }]) => at <= nowMs)
    .map(([place, { at, steps }]) => {
      const values = { run: state.name, count: String(steps.length), step: String(Math.max(...steps)) };
      return { id: `${state.id}:checkpoints:${hours}:${place}`, at, run: state.id, level: "normal", key: "checkpoints", values };
    });
}

/** What waits for its person now. Its id holds when it began to wait: asked about again after it was answered, it is another one. */
function askingDraft(state: RunState): Draft | null {
  const fault = needsYou(state);
  const phase = currentPhase(state);
  if (!fault || !phase) return null;
  const since = state.happenings.findLast(({ event }) => ASKING.has(event.type));
  const mark = since ? markOf(since.event) : `${state.attempt}`;
  const values = { run: state.name, kind: fault.kind, message: fault.message, next: fault.next };
  return { id: `${state.id}:needs-you:${fault.kind}:${mark}`, at: since?.at ?? state.lastAt, run: state.id, level: "urgent", key: "needs-you", values };
}

const ASKING: ReadonlySet<string> = new Set<Event["type"]>(["phase-failed", "stalled", "space-needed", "failed"]);

function markOf(event: Event): string {
  return `${event.by}-${event.n}-${event.at}`;
}

type Said = Pick<Draft, "level" | "key" | "values">;

function fromHappening(state: RunState, { at, event }: Happening, before: readonly Happening[]): Draft[] {
  const said = saidOf(state, event, before);
  return said ? [{ id: `${state.id}:${said.key}:${markOf(event)}`, at, run: state.id, ...said }] : [];
}

function saidOf(state: RunState, event: Happening["event"], before: readonly Happening[]): Said | null {
  const run = state.name;
  switch (event.type) {
    case "checkpoint-sealed":
      return { level: "quiet", key: "checkpoint", values: { run, step: String(event.step) } };
    case "stalled":
      return event.stage === 1 ? { level: "normal", key: "stalled", values: { run, minutes: minutes(event.seconds) } } : null;
    case "held-out-worsened":
      return { level: "normal", key: event.stops ? "worsened-stops" : "worsened", values: { run, step: String(event.bestStep) } };
    case "unstalled":
      return { level: "quiet", key: "unstalled", values: { run } };
    case "space-returned":
      return { level: "normal", key: "space-returned", values: { run } };
    case "resumed":
      return endedBadly(before) ? { level: "normal", key: "recovered", values: { run, step: String(event.fromStep) } } : null;
    case "obeyed":
      return event.desired === "rest" ? { level: "quiet", key: "resting", values: { run, why: event.why } } : null;
    case "asked":
      return event.command === "pause" || event.command === "resume" ? { level: "quiet", key: event.command, values: { run } } : null;
    case "deployed":
      return { level: "normal", key: "deployed", values: { run, name: event.name } };
    case "judged":
      return heldAtGate(state, event);
    case "run-ended":
      return ended(state, event.child ?? null, event.outcome);
    default:
      return null;
  }
}

const BAD_ENDS: ReadonlySet<string> = new Set(["crash", "memory-kill", "display-watchdog", "stalled", "reboot", "unknown"]);

/** Since the last step backwards, the process ended in a way nobody asked for. */
function endedBadly(before: readonly Happening[]): boolean {
  const last = before.findLast(({ event }) => event.type === "exited")?.event;
  return last?.type === "exited" && BAD_ENDS.has(last.cause ?? "crash");
}

/** It goes on only with its person's word. Of several verdicts the newest is the one that holds. */
function heldAtGate(state: RunState, event: EventOf<"judged">): Said | null {
  if (!isHeldAtGate(state) || state.judged?.n !== event.n || state.judged.at !== event.at) return null;
  const { decision, levers, lines } = event;
  const failed = lines.filter(({ passed }) => passed === (decision === "no-go" ? false : null)).map(({ criterion }) => criterion);
  const values = { run: state.name, follows: state.next?.name ?? "", criteria: failed.join(","), levers: levers.join(",") };
  return { level: "urgent", key: levers.length > 0 ? `gate-${decision}` : `gate-${decision}-open`, values };
}

function ended(state: RunState, child: string | null, outcome: "finished" | "stopped"): Said | null {
  const run = state.name;
  if (child !== null) return { level: "normal", key: "gentler", values: { run } };
  if (outcome === "stopped") return { level: "quiet", key: "stopped", values: { run } };
  if (state.next !== null && state.nextRun !== null) return { level: "normal", key: "gate-go", values: { run, follows: state.next.name } };
  // Its gate called already.
  if (isHeldAtGate(state)) return null;
  const { held } = state.phases.deploy;
  if (held !== null && held !== "go") return { level: "normal", key: `finished-${held}`, values: { run } };
  const verdict = verdictOf(state);
  return { level: "normal", key: verdict ? `finished-${verdict}` : "finished", values: { run } };
}

function minutes(seconds: number): string {
  return String(Math.max(1, Math.round(seconds / 60)));
}

/** Once for each training, while it stands: what works against it and only its person can change. */
export function draftsOfPower(state: RunState, warnings: readonly PowerWarning[], nowMs: number): readonly Draft[] {
  const { status, startedAt } = state.phases.train;
  if (status !== "running" || state.process === null) return [];
  return warnings.map((key) => ({ id: `${state.id}:${key}:${startedAt}`, at: nowMs, run: state.id, level: "normal", key, values: { run: state.name } }));
}

/** Told of the nights of runs. `wake`: the command that would have woken the machine, null where the system has no such thing. */
export function draftsOfNights(home: HomeState, wake: (window: Window) => string | null): readonly Draft[] {
  return home.nights.flatMap((event) => {
    const name = home.runs.find((run) => run.id === event.run)?.name;
    if (name === undefined) return [];
    const window = home.schedules.find((one) => one.run === event.run)?.window;
    const { level, key, values } = saidOfNight(event, window ? wake(window) : null);
    const mark = event.type === "battery-paused" ? event.at : event.night;
    return [{ id: `${event.run}:${key}:${mark}`, at: event.at, run: event.run, level, key, values: { run: name, ...values } }];
  });
}

function saidOfNight(event: NightEvent, command: string | null): Said {
  switch (event.type) {
    case "night-checked": {
      const values = { fixes: String(event.fixes), warnings: String(event.warnings) };
      return event.fixes > 0 ? { level: "urgent", key: "night-fix", values } : { level: "quiet", key: "night-ready", values };
    }
    case "night-started":
      return event.lateSeconds > LATE_S
        ? { level: "normal", key: "night-late", values: { minutes: minutes(event.lateSeconds) } }
        : { level: "quiet", key: "night-started", values: {} };
    case "night-missed":
      return command === null ? { level: "normal", key: "night-missed", values: {} } : { level: "normal", key: "night-missed-wake", values: { command } };
    case "night-ended":
      return { level: "normal", key: "night-ended", values: {} };
    case "battery-paused":
      return { level: "urgent", key: "battery", values: { percent: String(Math.round(event.percent)) } };
  }
}
