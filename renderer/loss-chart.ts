/** The uPlot life: made once for its box, fed with columns, told where the cursor is. Colours come from the style sheet's tokens. */
import uPlot from "uplot";
import { type CurveData, columns } from "../electron/core/words/curve-data.ts";
import { axisOf, colorsOf, drawCheckpoints, keepSized, spread, widthOf } from "./chart-parts.ts";
import type { PlotChart, PlotHooks } from "./views/plot.tsx";
import { DRAG, makeXZoom, type Stretch } from "./x-zoom.ts";

const HEIGHT_PX = 240;
const MARKS_PX = 16;
const LEAST_STEPS = 4;

export interface LossChart extends PlotChart {
  /** `smooth`: the line as a moving mean; the band of least and greatest stays as it was. */
  readonly draw: (data: CurveData, smooth: boolean) => void;
}

export interface LossChartOptions extends PlotHooks {
  readonly number: (value: number) => string;
  readonly step: (value: number) => string;
}

export function makeLossChart({ box, number, step, onPoint, onZoom }: LossChartOptions): LossChart {
  const color = colorsOf(box);
  let data: CurveData = { rows: [], totalSteps: 0, checkpoints: [], notFinite: [] };
  const axis = axisOf(box);
  const whole = (): Stretch => [Math.min(0, data.rows[0]?.step ?? 0), Math.max(data.totalSteps, data.rows.at(-1)?.step ?? 1)];
  const zoom = makeXZoom({ whole, least: LEAST_STEPS, onZoom });
  const chart = new uPlot(
    {
      width: widthOf(box),
      height: HEIGHT_PX,
      padding: [MARKS_PX, 16, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: zoom.range },
        y: { range: (_, low, high) => spread(low, high) },
      },
      cursor: { y: false, drag: DRAG, points: { size: 7 } },
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
        setSelect: [zoom.onSelect],
        ready: [zoom.onReady],
        draw: [(u) => drawCheckpoints(u, data.checkpoints, color("soft")), (u) => drawBad(u, data.notFinite, color("bad"))],
      },
    },
    columns(data, false) as uPlot.AlignedData,
    box,
  );
  return {
    draw: (next, smooth) => {
      data = next;
      chart.setData(columns(next, smooth) as uPlot.AlignedData);
    },
    pointAt: (index) => {
      const row = data.rows[index];
      if (!row) return;
      zoom.bring(chart, row.step);
      chart.setCursor({ left: chart.valToPos(row.step, "x"), top: 0 });
    },
    zoom: (factor, index) => {
      const row = data.rows[index];
      if (factor === null) zoom.reset(chart);
      else if (row) zoom.by(chart, factor, row.step);
    },
    follow: (step) => chart.setCursor(step === null ? { left: -10, top: -10 } : { left: chart.valToPos(step, "x"), top: 0 }, false),
    remove: keepSized(chart, box, HEIGHT_PX),
  };
}

/** A cross above the plot for each step without a finite loss. */
function drawBad(u: uPlot, steps: readonly number[], color: string): void {
  const { ctx, bbox } = u;
  const px = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 2 * px;
  for (const step of steps) {
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
