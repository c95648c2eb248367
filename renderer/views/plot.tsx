import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { targetOf } from "../slider-keys.ts";
import { useWords } from "../use-session.ts";

/** What every chart of ours can do. */
export interface PlotChart {
  /** Moves the cursor to a row as the keyboard does. */
  readonly pointAt: (index: number) => void;
  /** Moves the cursor to a place on the x axis without telling `onPoint`; null takes it away. */
  readonly follow: (place: number | null) => void;
  /** Nearer (under 1) or farther, around a row; null shows the whole. */
  readonly zoom: (factor: number | null, index: number) => void;
  readonly remove: () => void;
}

export interface PlotHooks {
  readonly box: HTMLElement;
  /** The row under the cursor, null once it leaves. */
  readonly onPoint: (index: number | null) => void;
  readonly onZoom: (zoomed: boolean) => void;
}

interface PlotProps<Chart extends PlotChart> {
  readonly name: "loss" | "heat" | "pair";
  readonly label: string;
  /** The id of the sentence that says the same without a picture. */
  readonly describedBy: string;
  /** The places of the rows on the x axis, in order. */
  readonly places: readonly number[];
  readonly read: (index: number) => string;
  /** What the slider's value is called: steps, or the number of the row. */
  readonly figureOf: (index: number) => number;
  /** The chart is made anew when this changes. */
  readonly make: (hooks: PlotHooks) => Chart;
  /** The chart is drawn anew when this changes. */
  readonly draw: (chart: Chart) => void;
  /** Where the other chart is pointed at. */
  readonly pointed: number | null;
  readonly onPoint: (place: number | null) => void;
  readonly children?: ReactNode;
}

const NEARER = 0.5;
const FARTHER = 2;

/** A slider over a chart: the same figures by mouse, by arrow keys and by ear; `+`, `−` and `0` see a stretch larger. */
export function Plot<Chart extends PlotChart>(props: PlotProps<Chart>) {
  const { name, label, describedBy, places, read, figureOf, make, draw, pointed, onPoint, children } = props;
  const { say } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [zoomed, setZoomed] = useState(false);
  const point = useRef<(index: number | null) => void>(() => {});
  point.current = (index) => {
    setAt(index);
    onPoint(index === null ? null : (places[index] ?? null));
  };
  useEffect(() => {
    if (!box.current) return;
    const made = make({ box: box.current, onPoint: (index) => point.current(index), onZoom: setZoomed });
    chart.current = made;
    return () => made.remove();
  }, [make]);
  useEffect(() => {
    if (chart.current) draw(chart.current);
  }, [draw]);
  useEffect(() => chart.current?.follow(pointed), [pointed]);

  const last = places.length - 1;
  const shown = Math.max(0, Math.min(pointed === null ? (at ?? last) : nearest(places, pointed), last));
  const text = last >= 0 ? read(shown) : "";
  const move = (event: KeyboardEvent) => {
    const factor = ZOOM_KEYS[event.key];
    const to = targetOf(event.key, shown, last);
    if (factor === undefined && to === null) return;
    event.preventDefault();
    if (factor !== undefined) chart.current?.zoom(factor, shown);
    else if (to !== null) chart.current?.pointAt(Math.max(0, Math.min(last, to)));
  };
  return (
    <>
      <div className="plot-head">
        <p className="readout" data-readout={name} aria-hidden="true">
          {text}
        </p>
        {children}
        {zoomed && (
          <button type="button" className="quiet" data-do={`whole-${name}`} onClick={() => chart.current?.zoom(null, shown)}>
            {say("chart.whole")}
          </button>
        )}
      </div>
      <div
        ref={box}
        className={`plot plot-${name}`}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-describedby={describedBy}
        title={say("chart.zoom-hint")}
        onKeyDown={move}
        aria-valuemin={last >= 0 ? figureOf(0) : 0}
        aria-valuemax={last >= 0 ? figureOf(last) : 0}
        aria-valuenow={last >= 0 ? figureOf(shown) : 0}
        aria-valuetext={text}
      />
    </>
  );
}

/** `=` is the key of `+` without Shift. */
const ZOOM_KEYS: Readonly<Record<string, number | null>> = { "+": NEARER, "=": NEARER, "-": FARTHER, "0": null };

function nearest(places: readonly number[], place: number): number {
  return places.reduce((best, one, index) => (Math.abs(one - place) < Math.abs((places[best] ?? 0) - place) ? index : best), 0);
}
