/** A stretch of a chart seen larger: chosen by dragging over it or by keys, kept while data comes, given up by a double click. */
import type uPlot from "uplot";

export type Stretch = readonly [from: number, to: number];

export interface XZoom {
  /** What the x axis shows now: for the range of the chart's x scale. */
  readonly range: () => [number, number];
  /** Nearer (`factor` under 1) or farther, around a place on the x axis. */
  readonly by: (chart: uPlot, factor: number, around: number) => void;
  readonly reset: (chart: uPlot) => void;
  /** Moves the stretch so that `place` is in it. */
  readonly bring: (chart: uPlot, place: number) => void;
  /** For the chart's `setSelect` hook: what was dragged over is shown. */
  readonly onSelect: (chart: uPlot) => void;
  /** For the chart's `ready` hook. */
  readonly onReady: (chart: uPlot) => void;
}

export interface XZoomOptions {
  readonly whole: () => Stretch;
  /** The narrowest stretch that still says something, in units of the x axis. */
  readonly least: number;
  readonly onZoom: (zoomed: boolean) => void;
}

/** What a chart needs so that dragging selects: the scale is set here, not by uPlot. */
export const DRAG = { x: true, y: false, setScale: false, dist: 6 } as const;

export function makeXZoom({ whole, least, onZoom }: XZoomOptions): XZoom {
  /** Null is the whole. */
  let kept: Stretch | null = null;
  const now = (): Stretch => kept ?? whole();
  /** As near to `begin` as it can be with that width inside the whole. */
  const show = (chart: uPlot, begin: number, width: number) => {
    const [first, last] = whole();
    const from = Math.min(Math.max(first, begin), last - width);
    const next: Stretch | null = width >= last - first ? null : [from, from + width];
    if ((next === null) !== (kept === null)) onZoom(next !== null);
    kept = next;
    const [min, max] = now();
    chart.setScale("x", { min, max });
  };
  const reset = (chart: uPlot) => show(chart, 0, Number.POSITIVE_INFINITY);
  return {
    range: () => [...now()],
    reset,
    by(chart, factor, around) {
      const [from, to] = now();
      const width = Math.max(least, (to - from) * factor);
      show(chart, around - ((around - from) / (to - from)) * width, width);
    },
    bring(chart, place) {
      const [from, to] = now();
      if (place < from || place > to) show(chart, place - (to - from) / 2, to - from);
    },
    onSelect(chart) {
      const { left, width } = chart.select;
      if (width <= 0) return;
      const [from, to] = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
      chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      show(chart, from, Math.max(least, to - from));
    },
    onReady: (chart) => chart.over.addEventListener("dblclick", () => reset(chart)),
  };
}
