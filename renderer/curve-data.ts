/** What the loss chart draws: aligned columns for uPlot, and the sentence that says the same without a picture. */
import { type Bucket, mean } from "../electron/core/curve.ts";
import { toNumber } from "../electron/core/events.ts";
import type { RunState } from "../electron/core/state.ts";
import type { Words } from "./use-session.ts";

export interface Row {
  readonly step: number;
  /** Null where this step has a held-out figure only. */
  readonly bucket: Bucket | null;
  readonly heldOut: number | null;
}

export interface CurveData {
  readonly rows: readonly Row[];
  readonly checkpoints: readonly number[];
  /** Steps whose loss was NaN or infinite. */
  readonly notFinite: readonly number[];
}

export function curveData(run: Pick<RunState, "curve" | "heldOut" | "checkpoints">): CurveData {
  const rows = new Map<number, Row>();
  const notFinite: number[] = [];
  for (const bucket of run.curve.buckets) {
    const step = Math.round((bucket.firstStep + bucket.lastStep) / 2);
    if (bucket.nonFinite > 0) notFinite.push(step);
    rows.set(step, { step, bucket, heldOut: null });
  }
  for (const point of run.heldOut) {
    const value = toNumber(point.loss);
    if (Number.isFinite(value)) rows.set(point.step, { step: point.step, bucket: rows.get(point.step)?.bucket ?? null, heldOut: value });
  }
  return { rows: [...rows.values()].sort((a, b) => a.step - b.step), checkpoints: run.checkpoints.map((one) => one.step), notFinite };
}

/** Columns in the order of the chart's series: step, high, low, mean, held-out. */
export function columns(data: CurveData): [number[], ...(number | null)[][]] {
  const of = (pick: (bucket: Bucket) => number) => data.rows.map(({ bucket }) => (bucket && bucket.count > 0 ? pick(bucket) : null));
  return [data.rows.map((row) => row.step), of((b) => b.high), of((b) => b.low), of(mean), data.rows.map((row) => row.heldOut)];
}

/** One row as a person reads it; also what a screen reader says at that point. */
export function readRow(row: Row, { say, format }: Words): string {
  const { bucket, heldOut } = row;
  const several = bucket !== null && bucket.firstStep !== bucket.lastStep;
  const parts = [
    several
      ? say("chart.steps", { from: format.integer(bucket.firstStep), to: format.integer(bucket.lastStep) })
      : say("chart.step", { step: format.integer(row.step) }),
  ];
  if (bucket) parts.push(`${say("chart.train")} ${bucket.count > 0 ? format.loss(mean(bucket)) : say("chart.not-finite")}`);
  if (bucket && bucket.count > 1) parts.push(say("chart.range", { low: format.loss(bucket.low), high: format.loss(bucket.high) }));
  if (heldOut !== null) parts.push(`${say("chart.held-out")} ${format.loss(heldOut)}`);
  return parts.join(" · ");
}

export function summarize(run: RunState, { say, format }: Words): string {
  if (!run.step || run.firstLoss === null) return say("chart.empty");
  const bad = run.curve.buckets.reduce((sum, bucket) => sum + bucket.nonFinite, 0);
  const [first, last] = [run.heldOut[0], run.heldOut.at(-1)];
  const sentences = [
    say("chart.summary", { first: format.loss(run.firstLoss), last: format.loss(run.step.loss), steps: format.integer(run.step.step) }),
    first && last ? say("chart.summary-held-out", { first: format.loss(first.loss), last: format.loss(last.loss) }) : "",
    run.checkpoints.length > 0 ? say("chart.summary-checkpoints", { count: format.integer(run.checkpoints.length) }) : "",
    bad > 0 ? say("chart.summary-not-finite", { count: format.integer(bad) }) : "",
  ];
  return sentences.filter(Boolean).join(" ");
}
