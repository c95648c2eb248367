/** A simulated night as the journal of a run that ended in it: what the forecast would have been told, at the moments it would have been told. */
import type { Event, EventBody } from "../../electron/core/events.ts";
import { uniform } from "./chance.ts";
import type { Outcome, Said, Scenario } from "./night.ts";
import type { Happening, Rhythm } from "./training.ts";

/** docs/product.md's plan: an evaluation of 361 rows every 100 steps, three epochs. */
export const RHYTHM: Rhythm = { everySteps: 100, rows: 361 };
const EPOCHS = 3;
/** Between spawned and resumed; chosen, with the practice runs' 5–12 s in mind and a larger model. */
const LOAD_S = 20;
/** The run's end is drawn from the second half of the night. */
const END_HOURS = { from: 4, to: 8 } as const;
const BEGAN_MS = Date.UTC(2026, 10, 23, 22);

interface Line {
  readonly at: number;
  readonly mono: number;
  readonly body: EventBody;
}

/** Steps of the plan that was done by the drawn end: whole evaluations, so that the last one ends the run. */
export function plannedSteps({ happened }: Outcome, seed: number): number {
  const end = uniform(seed + 3_000_000)(END_HOURS.from, END_HOURS.to) * 3_600;
  const steps = happened.filter((one) => one.what === "step" && one.at <= end).length;
  return Math.floor(steps / RHYTHM.everySteps) * RHYTHM.everySteps;
}

export function journalOf(scenario: Scenario, outcome: Outcome, total: number): Event[] {
  const done = untilStep(outcome.happened, total);
  const steps = done.filter((one) => one.what === "step");
  const end = done.at(-1)?.at ?? 0;
  const perEpoch = Math.ceil(total / EPOCHS);
  const padded = (steps.reduce((sum, one) => sum + one.paddedTokens, 0) / Math.max(1, total)) * perEpoch;
  const prepared = { ...PREPARED, paddedTokens: Math.round(padded), steps: total, stepsPerEpoch: perEpoch, epochs: total / perEpoch } as const;
  const lines: Line[] = [
    { at: -LOAD_S, mono: -LOAD_S, body: prepared },
    ...processFrom(-LOAD_S, 0, 0, total),
    ...measured(done, perEpoch),
    ...outcome.said.filter((one) => one.at < end).flatMap((one) => ordered(one, done)),
    ...absences(scenario, done, end, total),
    { at: end, mono: done.at(-1)?.mono ?? 0, body: { type: "train-finished", steps: total, firstLoss: 2, lastLoss: 1, tokens: 1, seconds: end } },
  ];
  // Stable: lines of the same moment stay as they are listed here.
  return lines.sort((a, b) => a.at - b.at).map(enveloped());
}

/** Up to the evaluation after the last step. */
function untilStep(happened: readonly Happening[], total: number): readonly Happening[] {
  let steps = 0;
  const end = happened.findIndex((one) => {
    if (one.what === "step") steps += 1;
    return one.what === "evaluated" && steps >= total;
  });
  return end < 0 ? happened : happened.slice(0, end + 1);
}

function measured(done: readonly Happening[], perEpoch: number): Line[] {
  let step = 0;
  return done.map((one): Line => {
    const { at, mono } = one;
    if (one.what === "evaluated") return { at, mono, body: { type: "evaluated", step, loss: 1, rows: RHYTHM.rows, tokens: 1, seconds: one.seconds } };
    step += 1;
    const paddedTokens = Math.round(one.paddedTokens);
    const { seconds, restSeconds } = one;
    const body = { ...STEP, step, epoch: step / perEpoch, tokens: paddedTokens, paddedTokens, seconds, restSeconds: Math.max(0, restSeconds) } as const;
    return { at, mono, body };
  });
}

function ordered({ at, action, pace, reason }: Said, done: readonly Happening[]): Line[] {
  const step = stepsBy(done, at);
  const smaller = action === "smaller-batches";
  const governed: Line = { at, mono: at, body: { type: "governed", action, pace, microBatchTokens: null, reason, celsius: null, level: null, slower: null } };
  if (!smaller && action !== "plan-batches") return [governed];
  const revised = { type: "plan-revised", fromStep: step + 1, microBatchTokens: smaller ? 256 : null, maxSeqLength: null, why: "heat" } as const;
  return [governed, { at, mono: at, body: revised }];
}

/** Sleeps, and a person's pauses with the process that ends and the one that follows. */
function absences({ setting }: Scenario, done: readonly Happening[], end: number, total: number): Line[] {
  const over = (span: { readonly to: number }) => span.to < end;
  const clockAt = (at: number) => (done.findLast((one) => one.at <= at)?.mono ?? 0) + at - (done.findLast((one) => one.at <= at)?.at ?? 0);
  const sleeps = setting.asleep.filter(over).map(({ from, to }): Line => ({ at: to, mono: clockAt(from), body: { type: "power", event: "resume" } }));
  const pauses = setting.paused.filter(over).flatMap(({ from, to }): Line[] => {
    const mono = clockAt(from);
    const exited: EventBody = { type: "exited", verb: "train", token: "t", code: 0, signal: null, forced: false, tail: [] };
    return [{ at: from, mono, body: exited }, ...processFrom(to - LOAD_S, mono, stepsBy(done, from), total)];
  });
  return [...sleeps, ...pauses];
}

function processFrom(at: number, mono: number, fromStep: number, total: number): Line[] {
  const loaded = { type: "loaded", parameters: 2_614_341_888, trainableParameters: 20_766_720, quantized: true, dtype: "float16", seconds: LOAD_S } as const;
  const ready = at + LOAD_S;
  return [
    { at, mono, body: { type: "spawned", verb: "train", pid: 1, start: "1", token: `t${at}` } },
    { at: ready, mono, body: loaded },
    { at: ready, mono, body: { type: "train-started", fromStep, totalSteps: total } },
    ...(fromStep > 0 ? [{ at: ready, mono, body: { type: "resumed", fromStep } } as const] : []),
  ];
}

function stepsBy(done: readonly Happening[], at: number): number {
  return done.filter((one) => one.what === "step" && one.at <= at).length;
}

function enveloped(): (line: Line) => Event {
  let n = 0;
  return ({ at, mono, body }) => {
    n += 1;
    return { v: 1, at: Math.round(BEGAN_MS + 1000 * at), mono, boot: "boot", by: "trainer", n, attempt: 1, ...body } as Event;
  };
}

const PREPARED = {
  type: "prepared",
  rows: 1,
  heldOutRows: RHYTHM.rows,
  leakedRows: 0,
  droppedRows: 0,
  truncatedRows: 0,
  tokens: 1,
  supervisedTokens: 1,
  seconds: 1,
} as const;
const STEP = { type: "step", loss: 1, gradNorm: 1, learningRate: 1e-4, supervisedTokens: 1 } as const;
