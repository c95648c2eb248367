/**
 * What a forecast said at moments of a journal, and what came. Nobody can foresee a kill, a pause or a sleep: the truth is the time that what was left
 * took, without what was lost to them later (dead time, steps done again), on the trainer's own clock.
 */
import { runEnd, STEPS_FOR_ETA, trainingEnd } from "../../electron/core/eta.ts";
import type { Event } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";

export interface Moment {
  readonly kind: "under way" | "resumed" | "woke";
  /** Seconds from then on. */
  readonly low: number;
  readonly high: number;
  readonly truth: number;
}

export interface Coverage {
  readonly moments: number;
  readonly heldShare: number;
  readonly endedEarlier: number;
  readonly endedLater: number;
  /** Width of the interval over what was left: the middle one. */
  readonly medianWidth: number;
}

/** `count` moments under way, evenly over its steps, and each at which it went on after a stop or a sleep. */
export function momentsOf(events: readonly Event[], count: number): Moment[] {
  const chosen = underWay(events, count);
  const truths = new Truths(events);
  const moments: Moment[] = [];
  let state = EMPTY_RUN;
  for (const [index, event] of events.entries()) {
    state = reduce(state, { event });
    const kind = kindOf(event, chosen.has(index));
    const end = kind && trainingEnd(state, event.at);
    const truth = end && truths.at(index);
    if (kind && end && truth !== null && truth > 0) moments.push({ kind, low: (end.fromMs - event.at) / 1000, high: (end.toMs - event.at) / 1000, truth });
  }
  return moments;
}

/** What was said of the whole run's end, answers and export and all: only of a run that nobody disturbed, by the time of day. */
export function runMomentsOf(events: readonly Event[], count: number): Moment[] {
  const chosen = underWay(events, count);
  const ended = events.findLast((event) => event.type === "run-ended")?.at;
  const moments: Moment[] = [];
  let state = EMPTY_RUN;
  for (const [index, event] of events.entries()) {
    state = reduce(state, { event });
    const end = chosen.has(index) ? runEnd(state, event.at) : null;
    const since = (at: number) => (at - event.at) / 1000;
    if (end && ended !== undefined) moments.push({ kind: "under way", low: since(end.fromMs), high: since(end.toMs), truth: since(ended) });
  }
  return moments;
}

function underWay(events: readonly Event[], count: number): ReadonlySet<number | undefined> {
  const steps = events.flatMap((event, index) => (event.type === "step" && event.step >= STEPS_FOR_ETA ? [index] : []));
  return new Set(Array.from({ length: count }, (_none, turn) => steps[Math.round(((turn + 0.5) * steps.length) / count)]));
}

function kindOf(event: Event, isChosen: boolean): Moment["kind"] | null {
  if (event.type === "resumed") return event.fromStep > 0 ? "resumed" : null;
  if (event.type === "power") return event.event === "resume" ? "woke" : null;
  return isChosen ? "under way" : null;
}

export function coverageOf(moments: readonly Moment[]): Coverage {
  const widths = moments.map(({ low, high, truth }) => (high - low) / truth).sort((a, b) => a - b);
  const earlier = moments.filter(({ truth, low }) => truth < low).length;
  const later = moments.filter(({ truth, high }) => truth > high).length;
  return {
    moments: moments.length,
    heldShare: Number(((moments.length - earlier - later) / Math.max(1, moments.length)).toFixed(3)),
    endedEarlier: earlier,
    endedLater: later,
    medianWidth: Number((widths[Math.floor(widths.length / 2)] ?? 0).toFixed(3)),
  };
}

/** Each step's seconds where it stands in the end, with the evaluations and seals after the step before it. */
class Truths {
  private readonly events: readonly Event[];
  private readonly seconds = new Map<number, number>();
  private readonly tail: number;
  private readonly last: number;

  constructor(events: readonly Event[]) {
    this.events = events;
    let mark = 0;
    let step = 0;
    let tail = 0;
    for (const event of events) {
      if (event.type === "train-started" || event.type === "resumed") mark = event.mono;
      if (event.type === "train-finished") tail = event.mono - mark;
      if (event.type !== "step") continue;
      step = event.step;
      this.seconds.set(step, event.mono - mark);
      mark = event.mono;
    }
    this.tail = tail;
    this.last = step;
  }

  at(index: number): number | null {
    const before = this.events.slice(0, index + 1);
    const from = before.findLast((event) => event.type === "step" || event.type === "resumed");
    const event = this.events[index];
    if (!from || !event) return null;
    const step = from.type === "step" ? from.step : from.type === "resumed" ? from.fromStep : 0;
    let left = this.tail - (event.mono - from.mono);
    for (let next = step + 1; next <= this.last; next += 1) left += this.seconds.get(next) ?? 0;
    return left;
  }
}
