/** The uPlot life: made once for its box, fed with columns, told where the cursor is. Colours come from the style sheet's tokens. */
import uPlot from "uplot";
import type { CurveData } from "./curve-data.ts";
import { columns } from "./curve-data.ts";

const HEIGHT_PX = 240;
const MARKS_PX = 16;

export interface LossChart {
  readonly draw: (data: CurveData) => void;
  /** Moves the cursor to a row as the keyboard does. */
  readonly pointAt: (index: number) => void;
  readonly remove: () => void;
}

export interface LossChartOptions {
  readonly box: HTMLElement;
  readonly number: (value: number) => string;
  readonly step: (value: number) => string;
  /** The row under the cursor, null once it leaves. */
  readonly onPoint: (index: number | null) => void;
}

export function makeLossChart({ box, number, step, onPoint }: LossChartOptions): LossChart {
  const color = (name: string) => getComputedStyle(box).getPropertyValue(`--${name}`).trim();
  let data: CurveData = { rows: [], totalSteps: 0, checkpoints: [], notFinite: [] };
  const axis = { stroke: color("soft"), font: `12px ${getComputedStyle(box).fontFamily}`, ticks: { show: false } };
  const chart = new uPlot(
    {
      width: Math.max(200, box.clientWidth),
      height: HEIGHT_PX,
      padding: [MARKS_PX, 16, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: (_, first, last) => [Math.min(0, first ?? 0), Math.max(data.totalSteps, last ?? 1)] },
        y: { range: (_, low, high) => spread(low, high) },
      },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, values: (_, splits) => splits.map((at) => (Number.isInteger(at) ? step(at) : "")) },
        { ...axis, grid: { stroke: color("line"), width: 1 }, size: 48, space: 36, values: (_, splits) => splits.map(number) },
      ],
      series: [
        {},
        { stroke: "transparent", points: { show: false }, spanGaps: true },
        { stroke: "transparent", points: { show: false }, spanGaps: true },
        { stroke: color("accent"), width: 2, points: { show: false }, spanGaps: true },
        { stroke: color("ink"), width: 1, dash: [3, 4], spanGaps: true, points: { show: true, size: 8, fill: color("panel"), stroke: color("ink"), width: 2 } },
      ],
      bands: [{ series: [1, 2], fill: color("band") }],
      hooks: {
        setCursor: [(u) => onPoint(u.cursor.idx ?? null)],
        draw: [(u) => drawMarks(u, data, { checkpoint: color("soft"), bad: color("bad") })],
      },
    },
    columns(data) as uPlot.AlignedData,
    box,
  );
  const sized = new ResizeObserver(() => chart.setSize({ width: Math.max(200, box.clientWidth), height: HEIGHT_PX }));
  sized.observe(box);
  return {
    draw: (next) => {
      data = next;
      chart.setData(columns(next) as uPlot.AlignedData);
    },
    pointAt: (index) => {
      const row = data.rows[index];
      if (row) chart.setCursor({ left: chart.valToPos(row.step, "x"), top: 0 });
    },
    remove: () => {
      sized.disconnect();
      chart.destroy();
    },
  };
}

/** Room above and below; a flat curve gets some height. */
function spread(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.02, 1e-3);
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/** Triangles for checkpoints and crosses for steps without a finite loss, above the plot. */
function drawMarks(u: uPlot, data: CurveData, colors: { checkpoint: string; bad: string }): void {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colors.checkpoint;
  for (const step of data.checkpoints) {
    const x = u.valToPos(step, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x - 4 * px, bbox.top - 12 * px);
    ctx.lineTo(x + 4 * px, bbox.top - 12 * px);
    ctx.lineTo(x, bbox.top - 5 * px);
    ctx.fill();
  }
  ctx.strokeStyle = colors.bad;
  ctx.lineWidth = 2 * px;
  for (const step of data.notFinite) {
    const x = u.valToPos(step, "x", true);
    ctx.beginPath();
    ctx.moveTo(x - 3 * px, bbox.top + 2 * px);
    ctx.lineTo(x + 3 * px, bbox.top + 8 * px);
    ctx.moveTo(x + 3 * px, bbox.top + 2 * px);
    ctx.lineTo(x - 3 * px, bbox.top + 8 * px);
    ctx.stroke();
  }
  ctx.restore();
}
