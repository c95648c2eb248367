/** What the heat chart draws: temperature and pace over the time of day, and the sentences that say the same without a picture. */
import { trainingEnd } from "../electron/core/eta.ts";
import { heatCost } from "../electron/core/governor/cost.ts";
import type { RunState } from "../electron/core/state.ts";
import { groupWidth, type Span, spansOf } from "../electron/core/words/curve-data.ts";
import { type Band, timelineOf } from "./timeline.ts";
import type { Words } from "./use-session.ts";

/** The fold's own unit: a point's place is its half minute since the run began. */
const HALF_MINUTE_MS = 30_000;
const LEAST_LOSS = 0.005;

export interface HeatRow {
  /** Unix ms, the middle of what it stands for. */
  readonly at: number;
  readonly temperature: Span | null;
  /** Percent. */
  readonly pace: number | null;
}

export interface HeatData {
  readonly rows: readonly HeatRow[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly bands: readonly Band[];
  readonly checkpoints: readonly number[];
}

export function heatData(run: RunState): HeatData {
  const { createdAt, temperature, pace, checkpoints, phases, lastAt } = run;
  const width = groupWidth(Math.max(1, temperature.buckets.at(-1)?.lastStep ?? 1, pace.buckets.at(-1)?.lastStep ?? 1));
  const groups = new Map<number, { temperature: Span | null; pace: number | null }>();
  for (const span of spansOf(temperature.buckets, width)) groups.set(groupOf(span, width), { temperature: span, pace: null });
  for (const span of spansOf(pace.buckets, width)) {
    const group = groupOf(span, width);
    groups.set(group, { temperature: groups.get(group)?.temperature ?? null, pace: span.mean });
  }
  const fromMs = phases.train.startedAt ?? createdAt;
  const end = trainingEnd(run, lastAt);
  const timeOf = (group: number) => createdAt + (group + 0.5) * width * HALF_MINUTE_MS;
  const sorted = [...groups].sort(([a], [b]) => a - b).filter(([group]) => timeOf(group) >= fromMs - width * HALF_MINUTE_MS);
  const rows = sorted.flatMap(([group, row], index): HeatRow[] => {
    const before = sorted[index - 1]?.[0] ?? group;
    // Nobody looked in between: a gap, not a line.
    const gap = group - before > 2 ? [{ at: timeOf(before + 1), temperature: null, pace: null }] : [];
    return [...gap, { at: timeOf(group), ...row }];
  });
  return {
    rows,
    fromMs,
    toMs: Math.max(lastAt, end ? (end.fromMs + end.toMs) / 2 : 0, fromMs + HALF_MINUTE_MS),
    bands: timelineOf(run).bands.filter((band) => band.to > fromMs),
    checkpoints: checkpoints.map((one) => one.at),
  };
}

function groupOf({ from }: Span, width: number): number {
  return Math.floor((from - 1) / width);
}

/** uPlot wants seconds. Columns in the order of the chart's series: time, high, low, mean temperature, pace. */
export function heatColumns({ rows }: HeatData): [number[], ...(number | null)[][]] {
  return [
    rows.map((row) => row.at / 1000),
    rows.map((row) => row.temperature?.high ?? null),
    rows.map((row) => row.temperature?.low ?? null),
    rows.map((row) => row.temperature?.mean ?? null),
    rows.map((row) => row.pace),
  ];
}

export function readHeat(row: HeatRow, bands: readonly Band[], { say, format }: Words): string {
  const band = bands.find((one) => row.at >= one.from && row.at <= one.to);
  const mean = row.temperature?.mean ?? null;
  return [
    format.clock(row.at),
    mean === null ? say("heat.no-temperature") : say("heat.celsius", { celsius: format.integer(Math.round(mean)) }),
    row.pace === null ? "" : say("heat.pace", { pace: format.percent(row.pace / 100) }),
    band ? say(`heat.in-${band.kind}`) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What holding the temperature cost, verdict first; null before anything was worked. */
export function costSentence(run: RunState, { say, format }: Words): string | null {
  const cost = heatCost(run);
  if (!cost) return null;
  const celsius = cost.heldCelsius === null ? null : format.integer(Math.round(cost.heldCelsius));
  if (cost.speedLoss < LEAST_LOSS) return celsius === null ? say("cost.nothing-unknown") : say("cost.nothing", { celsius });
  const loss = format.percent(cost.speedLoss);
  return celsius === null ? say("cost.unknown", { loss }) : say("cost.held", { celsius, loss });
}

export function summarizeHeat(run: RunState, { bands }: HeatData, { say, format }: Words): string {
  const highest = heatCost(run)?.highestCelsius ?? null;
  const sentences = (["rest", "pause"] as const).map((kind) => {
    const all = bands.filter((band) => band.kind === kind);
    const seconds = all.reduce((sum, band) => sum + (band.to - band.from) / 1000, 0);
    return all.length > 0 ? say(`heat.summary-${kind}`, { count: format.integer(all.length), duration: format.seconds(seconds) }) : "";
  });
  return [highest === null ? "" : say("heat.summary-highest", { celsius: format.integer(Math.round(highest)) }), ...sentences].filter(Boolean).join(" ");
}
