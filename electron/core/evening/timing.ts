/** What the forecast knows of a run: how long each step really took on the trainer's own clock, and what stands between steps. */
import type { Event, EventOf, Figure } from "../events.ts";

export interface StepTime {
  readonly step: number;
  /** Work, rest and everything between two steps but evaluations and seals, in seconds. */
  readonly wallSeconds: number;
  readonly paddedTokens: number;
  readonly loss: Figure;
}

export interface Timing {
  /** Newest last, at most `STEPS_TIMED`; those that were done again stand once. */
  readonly steps: readonly StepTime[];
  /** The trainer's clock at the newest step (or start) of the living process; null when none lives. */
  readonly mark: { readonly boot: string; readonly mono: number } | null;
  /** Seconds of evaluations, seals and early tests since `mark`. */
  readonly besides: number;
  /** Newest last, at most `EVALUATIONS_TIMED`. */
  readonly evaluations: readonly { readonly step: number; readonly seconds: number }[];
  /** The plan's; null where nothing is held out, and unknown in journals from before it was written. */
  readonly evalSteps: number | null;
  /** What checkpoints cost: their seals and the early tests at them, over so many steps. */
  readonly checkpoints: { readonly seconds: number; readonly steps: number };
  /** Padded tokens of the epoch under way and its steps so far; null after a resume in its middle. */
  readonly epoch: { readonly number: number; readonly paddedTokens: number; readonly steps: number } | null;
  readonly loadSeconds: number | null;
  /** Of all steps that stand, and of what stood between them. */
  readonly seconds: number;
  /** The pace last ordered, and how many times as long the steps up to `afterStep` would take at it; only where it is sure to stay: the blind one. */
  readonly pace: number;
  /** The pace that heat allowed when the newest step was made; 1 where none was ordered for heat. */
  readonly heldPace: number;
  readonly slowed: { readonly afterStep: number; readonly times: number } | null;
  /** Bytes the trainer held, newest last, at most `MEMORIES_KEPT`; anew for each process. */
  readonly memories: readonly number[];
}

export const STEPS_TIMED = 120;
export const EVALUATIONS_TIMED = 6;
export const MEMORIES_KEPT = 60;
export const NO_TIMING: Timing = {
  steps: [],
  mark: null,
  besides: 0,
  evaluations: [],
  evalSteps: null,
  checkpoints: { seconds: 0, steps: 0 },
  epoch: { number: 1, paddedTokens: 0, steps: 0 },
  loadSeconds: null,
  seconds: 0,
  pace: 1,
  heldPace: 1,
  slowed: null,
  memories: [],
};

export function foldTiming(timing: Timing, event: Event): Timing {
  switch (event.type) {
    case "loaded":
      return { ...timing, loadSeconds: event.seconds };
    case "train-started":
      return { ...timing, mark: { boot: event.boot, mono: event.mono }, besides: 0, memories: [], evalSteps: event.evalSteps ?? null };
    case "memory":
      return { ...timing, memories: [...timing.memories, Math.max(event.activeBytes, event.residentBytes)].slice(-MEMORIES_KEPT) };
    case "resumed":
      return resumed(timing, event);
    case "step":
      return addStepTo(timing, [...timing.steps], event);
    case "evaluated": {
      const known = timing.evaluations.filter((one) => one.step < event.step);
      const evaluations = [...known, { step: event.step, seconds: event.seconds }].slice(-EVALUATIONS_TIMED);
      return { ...timing, evaluations, besides: timing.besides + event.seconds };
    }
    case "checkpoint-sealed":
    case "early-tested": {
      const { seconds, steps } = timing.checkpoints;
      return { ...timing, checkpoints: { seconds: seconds + event.seconds, steps }, besides: timing.besides + event.seconds };
    }
    case "governed": {
      const afterStep = timing.steps.at(-1)?.step ?? 0;
      return { ...timing, pace: event.pace, slowed: event.reason === "blind" ? { afterStep, times: timing.pace / event.pace } : null };
    }
    case "exited":
      return { ...timing, mark: null, besides: 0 };
    default:
      return timing;
  }
}

/** What was measured before still says how fast this machine is; only the steps that are done again leave. */
function resumed(timing: Timing, event: EventOf<"resumed">): Timing {
  const epoch = event.fromStep === 0 ? NO_TIMING.epoch : null;
  const mark = { boot: event.boot, mono: event.mono };
  const lost = timing.steps.filter((one) => one.step > event.fromStep).reduce((sum, one) => sum + one.wallSeconds, 0);
  const steps = timing.steps.filter((one) => one.step <= event.fromStep);
  return { ...timing, steps, epoch, mark, besides: 0, seconds: Math.max(0, timing.seconds - lost) };
}

/** `own` is a copy of `timing.steps` that nobody else has seen: of a million steps each would copy the list. */
export function addStepTo(timing: Timing, own: StepTime[], event: EventOf<"step">): Timing {
  const { mark, besides, checkpoints } = timing;
  const least = event.seconds + event.restSeconds;
  const between = mark && mark.boot === event.boot ? event.mono - mark.mono - besides : least;
  const wallSeconds = Math.round(1000 * Math.max(least, between)) / 1000;
  const one = { step: event.step, wallSeconds, paddedTokens: event.paddedTokens, loss: rounded(event.loss) };
  // Steps that were done again stand once.
  while ((own.at(-1)?.step ?? Number.NEGATIVE_INFINITY) >= event.step) own.pop();
  own.push(one);
  if (own.length > STEPS_TIMED) own.shift();
  return {
    ...timing,
    seconds: timing.seconds + one.wallSeconds + besides,
    steps: own,
    heldPace: timing.slowed === null ? timing.pace : 1,
    mark: { boot: event.boot, mono: event.mono },
    besides: 0,
    checkpoints: { ...checkpoints, steps: checkpoints.steps + 1 },
    epoch: inEpoch(timing.epoch, event),
  };
}

/** What flags compare; each of these stands in every snapshot. */
function rounded(loss: Figure): Figure {
  return typeof loss === "number" ? Math.round(1e4 * loss) / 1e4 : loss;
}

/** The event's `epoch` is how many are done after the step: 1.0 is the last step of the first. */
function inEpoch(known: Timing["epoch"], { epoch, paddedTokens }: EventOf<"step">): Timing["epoch"] {
  const number = Math.max(1, Math.ceil(epoch - 1e-6));
  if (known?.number === number) return { number, paddedTokens: known.paddedTokens + paddedTokens, steps: known.steps + 1 };
  return known === null || number !== known.number + 1 ? null : { number, paddedTokens, steps: 1 };
}
