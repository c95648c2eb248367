/** Two loss curves in one uPlot: A drawn through, B dashed, so that they differ by shape as well as by colour. */
import uPlot from "uplot";
import { axisOf, colorsOf, keepSized, spread, widthOf } from "./chart-parts.ts";
import { type PairRow, pairColumns } from "./pair-data.ts";
import type { PlotChart, PlotHooks } from "./views/plot.tsx";
import { DRAG, makeXZoom, type Stretch } from "./x-zoom.ts";

const HEIGHT_PX = 240;
const LEAST_STEPS = 4;

export interface PairChart extends PlotChart {
  readonly draw: (rows: readonly PairRow[], smooth: boolean) => void;
}

export interface PairChartOptions extends PlotHooks {
  readonly number: (value: number) => string;
  readonly step: (value: number) => string;
}

export function makePairChart({ box, number, step, onPoint, onZoom }: PairChartOptions): PairChart {
  const color = colorsOf(box);
  const axis = axisOf(box);
  let rows: readonly PairRow[] = [];
  const whole = (): Stretch => [Math.min(0, rows[0]?.step ?? 0), rows.at(-1)?.step ?? 1];
  const zoom = makeXZoom({ whole, least: LEAST_STEPS, onZoom });
  const line = (name: string, dash: number[]) => ({ stroke: color(name), width: 2, dash, points: { show: false }, spanGaps: true });
  const held = (name: string, dash: number[]) => ({
    stroke: color(name),
    width: 1,
    dash,
    spanGaps: true,
    points: { show: true, size: 8, fill: color("panel"), stroke: color(name), width: 2 },
  });
  const chart = new uPlot(
    {
      width: widthOf(box),
      height: HEIGHT_PX,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: zoom.range }, y: { range: (_, low, high) => spread(low, high) } },
      cursor: { y: false, drag: DRAG, points: { size: 7 } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, values: (_, splits) => splits.map((at) => (Number.isInteger(at) ? step(at) : "")) },
        { ...axis, grid: { stroke: color("line"), width: 1 }, size: 48, space: 36, values: (_, splits) => splits.map(number) },
      ],
      series: [{}, line("accent", []), line("rest", [7, 4]), held("accent", [2, 4]), held("rest", [2, 4])],
      hooks: { setCursor: [(u) => onPoint(u.cursor.idx ?? null)], setSelect: [zoom.onSelect], ready: [zoom.onReady] },
    },
    pairColumns(rows, false) as uPlot.AlignedData,
    box,
  );
  return {
    draw: (next, smooth) => {
      rows = next;
      chart.setData(pairColumns(next, smooth) as uPlot.AlignedData);
    },
    pointAt: (index) => {
      const row = rows[index];
      if (!row) return;
      zoom.bring(chart, row.step);
      chart.setCursor({ left: chart.valToPos(row.step, "x"), top: 0 });
    },
    zoom: (factor, index) => {
      const row = rows[index];
      if (factor === null) zoom.reset(chart);
      else if (row) zoom.by(chart, factor, row.step);
    },
    follow: (at) => chart.setCursor(at === null ? { left: -10, top: -10 } : { left: chart.valToPos(at, "x"), top: 0 }, false),
    remove: keepSized(chart, box, HEIGHT_PX),
  };
}
