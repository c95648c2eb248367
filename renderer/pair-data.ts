/** Two runs' loss curves on one axis: what the chart draws, and what a person reads at a step. */
import type { Comparison, CurvePoint, Side } from "../electron/core/compare.ts";
import { smoothed } from "../electron/core/words/curve-data.ts";
import type { Words } from "./use-session.ts";

export interface PairRow {
  readonly step: number;
  /** Drawn here; null where this run has no point at this step. */
  readonly a: number | null;
  readonly b: number | null;
  readonly heldA: number | null;
  readonly heldB: number | null;
}

export function pairRows({ a, b }: Pick<Comparison, "a" | "b">): readonly PairRow[] {
  const [lossA, lossB, heldA, heldB] = [byStep(a.curve), byStep(b.curve), byStep(a.heldOut), byStep(b.heldOut)];
  const steps = new Set([lossA, lossB, heldA, heldB].flatMap((points) => [...points.keys()]));
  return [...steps]
    .sort((one, other) => one - other)
    .map((step) => ({
      step,
      a: lossA.get(step) ?? null,
      b: lossB.get(step) ?? null,
      heldA: heldA.get(step) ?? null,
      heldB: heldB.get(step) ?? null,
    }));
}

function byStep(points: readonly Pick<CurvePoint, "step" | "loss">[]): ReadonlyMap<number, number> {
  return new Map(points.flatMap(({ step, loss }) => (loss === null ? [] : [[step, loss] as const])));
}

/** Columns in the order of the chart's series: step, A, B, held-out of A, held-out of B. */
export function pairColumns(rows: readonly PairRow[], smooth: boolean): [number[], ...(number | null)[][]] {
  const drawn = (values: (number | null)[]) => (smooth ? smoothed(values) : values);
  return [
    rows.map((row) => row.step),
    drawn(rows.map((row) => row.a)),
    drawn(rows.map((row) => row.b)),
    rows.map((row) => row.heldA),
    rows.map((row) => row.heldB),
  ];
}

/** A run's points need not lie where the other's do: it is read at its newest one up to there, and no further than it went. */
export function readPair(rows: readonly PairRow[], index: number, { say, format }: Words): string {
  const row = rows[index];
  if (!row) return "";
  const read = (of: "a" | "b", name: string) => {
    if (rows.slice(index).every((one) => one[of] === null)) return null;
    const value = rows.slice(0, index + 1).findLast((one) => one[of] !== null)?.[of] ?? null;
    return value === null ? null : `${name} ${format.loss(value)}`;
  };
  const held = (value: number | null, name: string) => (value === null ? null : `${name} ${say("chart.held-out")} ${format.loss(value)}`);
  return [say("chart.step", { step: format.integer(row.step) }), read("a", "A"), read("b", "B"), held(row.heldA, "A"), held(row.heldB, "B")]
    .filter((part) => part !== null)
    .join(" · ");
}

/** The same without a picture. */
export function summarizePair({ a, b }: Pick<Comparison, "a" | "b">, { say, format }: Words): string {
  const of = (side: Side, name: string) =>
    side.curve.length === 0
      ? say("pair.untrained", { run: name })
      : say("pair.summary", {
          run: name,
          first: format.loss(side.curve[0]?.loss ?? null),
          last: format.loss(side.curve.at(-1)?.loss ?? null),
          steps: format.integer(side.steps),
        });
  return `${of(a, "A")} ${of(b, "B")}`;
}
