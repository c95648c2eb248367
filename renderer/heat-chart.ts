/** The second uPlot: °C on the left, pace on the right, the time of day below; rests and pauses shaded, the target and the red line drawn. */
import uPlot from "uplot";
import { axisOf, colorsOf, drawCheckpoints, keepSized, widthOf } from "./chart-parts.ts";
import { type HeatData, heatColumns } from "./heat-data.ts";
import type { PlotChart, PlotHooks } from "./views/plot.tsx";
import { DRAG, makeXZoom, type Stretch } from "./x-zoom.ts";

const HEIGHT_PX = 180;
const MARKS_PX = 16;
const LEAST_SECONDS = 120;
/** The clock shows minutes: anything finer would stand there twice. */
const TICK_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * 60);
/** Narrower shading would not be seen. */
const LEAST_BAND_PX = 2;

export interface HeatLimits {
  readonly target: number;
  readonly red: number;
}

export interface HeatChart extends PlotChart {
  readonly draw: (data: HeatData, limits: HeatLimits | null) => void;
}

export interface HeatChartOptions extends PlotHooks {
  readonly clock: (atMs: number) => string;
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
}

export function makeHeatChart({ box, clock, number, percent, onPoint, onZoom }: HeatChartOptions): HeatChart {
  const color = colorsOf(box);
  const axis = axisOf(box);
  let data: HeatData = { rows: [], fromMs: 0, toMs: 1, bands: [], checkpoints: [] };
  let limits: HeatLimits | null = null;
  const whole = (): Stretch => [data.fromMs / 1000, data.toMs / 1000];
  const zoom = makeXZoom({ whole, least: LEAST_SECONDS, onZoom });
  const chart = new uPlot(
    {
      width: widthOf(box),
      height: HEIGHT_PX,
      padding: [MARKS_PX, 0, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, range: zoom.range },
        y: { range: (_, low, high) => celsiusRange(low, high, limits) },
        pace: { range: [0, 105] },
      },
      cursor: { y: false, drag: DRAG, points: { size: 7 } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 64, incrs: TICK_SECONDS, values: (_, splits) => splits.map((at) => clock(at * 1000)) },
        {
          ...axis,
          grid: { stroke: color("line"), width: 1 },
          size: 48,
          space: 32,
          values: (_, splits) => splits.map((at) => (isKnown(data) ? `${number(at)}°` : "")),
        },
        {
          ...axis,
          scale: "pace",
          side: 1,
          grid: { show: false },
          size: 48,
          splits: [0, 50, 100],
          values: (_, splits) => splits.map((at) => percent(at / 100)),
        },
      ],
      series: [
        {},
        { stroke: "transparent", points: { show: false } },
        { stroke: "transparent", points: { show: false } },
        { stroke: color("rest"), width: 2, points: { show: false } },
        { scale: "pace", stroke: color("edge"), width: 1, dash: [4, 3], points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: color("rest-band") }],
      hooks: {
        setCursor: [(u) => onPoint(u.cursor.idx ?? null)],
        setSelect: [zoom.onSelect],
        ready: [zoom.onReady],
        drawClear: [(u) => drawBands(u, data, { rest: color("rest-band"), pause: color("pause-band") })],
        draw: [
          (u) => limits && isKnown(data) && drawLimits(u, limits, { target: color("edge"), red: color("bad") }),
          (u) =>
            drawCheckpoints(
              u,
              data.checkpoints.map((at) => at / 1000),
              color("soft"),
            ),
        ],
      },
    },
    heatColumns(data) as uPlot.AlignedData,
    box,
  );
  const place = (atMs: number) => ({ left: chart.valToPos(atMs / 1000, "x"), top: 0 });
  return {
    draw: (next, lines) => {
      data = next;
      limits = lines;
      chart.setData(heatColumns(next) as uPlot.AlignedData);
    },
    follow: (atMs) => chart.setCursor(atMs === null ? { left: -10, top: -10 } : place(atMs), false),
    pointAt: (index) => {
      const row = data.rows[index];
      if (!row) return;
      zoom.bring(chart, row.at / 1000);
      chart.setCursor(place(row.at));
    },
    zoom: (factor, index) => {
      const row = data.rows[index];
      if (factor === null) zoom.reset(chart);
      else if (row) zoom.by(chart, factor, row.at / 1000);
    },
    remove: keepSized(chart, box, HEIGHT_PX),
  };
}

/** Without a single reading neither degrees nor limits are drawn: an empty scale would look like a measurement. */
function isKnown({ rows }: HeatData): boolean {
  return rows.some((row) => row.temperature !== null);
}

/** Both lines stay in sight where something comes near them. */
function celsiusRange(low: number | null, high: number | null, limits: HeatLimits | null): [number, number] {
  if (low === null || high === null) return [20, 100];
  const top = Math.max(high + 2, limits ? limits.red + 2 : 0);
  return [Math.max(0, Math.min(low - 3, top - 20)), top];
}

function drawBands(u: uPlot, { bands }: HeatData, colors: Readonly<Record<"rest" | "pause", string>>): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const band of bands) {
    const from = Math.max(bbox.left, u.valToPos(band.from / 1000, "x", true));
    const to = Math.min(bbox.left + bbox.width, u.valToPos(band.to / 1000, "x", true));
    ctx.fillStyle = colors[band.kind];
    ctx.fillRect(from, bbox.top, Math.max(LEAST_BAND_PX * devicePixelRatio, to - from), bbox.height);
  }
  ctx.restore();
}

function drawLimits(u: uPlot, limits: HeatLimits, colors: Readonly<Record<"target" | "red", string>>): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const kind of ["target", "red"] as const) {
    const y = u.valToPos(limits[kind], "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colors[kind];
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}
