/** What the loss chart draws: aligned columns for uPlot, and the sentence that says the same without a picture. */
import type { Bucket } from "../curve.ts";
import { toNumber } from "../events.ts";
import type { RunState } from "../state.ts";
import type { Words } from "./words.ts";

/** More points than this are noise to the eye: neighbouring steps are drawn as their mean within their least and greatest value. */
const DRAWN_POINTS = 120;

/** One or more neighbouring steps; null figures where none of them had a finite loss. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Row {
  readonly step: number;
  /** Null where this step has a held-out figure only. */
  readonly span: Span | null;
  readonly heldOut: number | null;
}

export interface CurveData {
  readonly rows: readonly Row[];
  /** Steps of the whole run: the width of the chart. */
  readonly totalSteps: number;
  readonly checkpoints: readonly number[];
  /** Steps whose loss was NaN or infinite. */
  readonly notFinite: readonly number[];
}

export function curveData({ curve, heldOut, checkpoints, totalSteps }: Pick<RunState, "curve" | "heldOut" | "checkpoints" | "totalSteps">): CurveData {
  const rows = new Map<number, Row>();
  for (const span of spansOf(curve.buckets, groupWidth(curve.buckets.at(-1)?.lastStep ?? 0))) {
    const step = Math.round((span.from + span.to) / 2);
    rows.set(step, { step, span, heldOut: null });
  }
  for (const point of heldOut) {
    const value = toNumber(point.loss);
    if (Number.isFinite(value)) rows.set(point.step, { step: point.step, span: rows.get(point.step)?.span ?? null, heldOut: value });
  }
  return {
    rows: [...rows.values()].sort((a, b) => a.step - b.step),
    totalSteps,
    checkpoints: checkpoints.map((one) => one.step),
    notFinite: curve.buckets.filter((bucket) => bucket.nonFinite > 0).map((bucket) => bucket.firstStep),
  };
}

/** A power of two, so that a group never changes its members as the curve grows. */
export function groupWidth(steps: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(steps / DRAWN_POINTS)));
}

/** Groups of `width` steps, aligned to step 1. */
export function spansOf(buckets: readonly Bucket[], width: number): readonly Span[] {
  const groups = new Map<number, Bucket[]>();
  for (const bucket of buckets) {
    const group = Math.floor((bucket.firstStep - 1) / width);
    groups.set(group, [...(groups.get(group) ?? []), bucket]);
  }
  return [...groups.values()].map(spanOf);
}

function spanOf(group: readonly Bucket[]): Span {
  const finite = group.filter((bucket) => bucket.count > 0);
  const count = finite.reduce((sum, bucket) => sum + bucket.count, 0);
  const known = count > 0;
  return {
    from: Math.min(...group.map((bucket) => bucket.firstStep)),
    to: Math.max(...group.map((bucket) => bucket.lastStep)),
    mean: known ? finite.reduce((sum, bucket) => sum + bucket.sum, 0) / count : null,
    low: known ? Math.min(...finite.map((bucket) => bucket.low)) : null,
    high: known ? Math.max(...finite.map((bucket) => bucket.high)) : null,
  };
}

/** Columns in the order of the chart's series: step, high, low, mean, held-out. */
export function columns({ rows }: CurveData, smooth: boolean): [number[], ...(number | null)[][]] {
  const means = rows.map((row) => row.span?.mean ?? null);
  return [
    rows.map((row) => row.step),
    rows.map((row) => row.span?.high ?? null),
    rows.map((row) => row.span?.low ?? null),
    smooth ? smoothed(means) : means,
    rows.map((row) => row.heldOut),
  ];
}

/** How much of a smoothed point is the newest value. */
const NEWEST_SHARE = 0.15;

/** An exponential moving mean without the pull of its beginning (as Adam corrects its moments); what has no value has none here either. */
export function smoothed(values: readonly (number | null)[]): (number | null)[] {
  let [mean, seen] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    mean += NEWEST_SHARE * (value - mean);
    seen += NEWEST_SHARE * (1 - seen);
    return mean / seen;
  });
}

/** One row as a person reads it; also what a screen reader says at that point. */
export function readRow({ step, span, heldOut }: Row, { say, format }: Words): string {
  const several = span !== null && span.from !== span.to;
  const parts = [
    several ? say("chart.steps", { from: format.integer(span.from), to: format.integer(span.to) }) : say("chart.step", { step: format.integer(step) }),
  ];
  if (span) {
    const range = several && span.mean !== null ? ` ${say("chart.range", { low: format.loss(span.low), high: format.loss(span.high) })}` : "";
    parts.push(`${say("chart.train")} ${span.mean === null ? say("chart.not-finite") : format.loss(span.mean)}${range}`);
  }
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
