import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { type CurveData, curveData, readRow, summarize } from "../../electron/core/words/curve-data.ts";
import { type LossChart, makeLossChart } from "../loss-chart.ts";
import { targetOf } from "../slider-keys.ts";
import { useView, useWords } from "../use-session.ts";

interface LossProps {
  readonly run: RunState;
  /** Where the other chart is pointed at, as a step. */
  readonly pointed: number | null;
  readonly onPoint: (step: number | null) => void;
}

export function LossCard({ run, pointed, onPoint }: LossProps) {
  const words = useWords();
  const { say } = words;
  const theme = useView((view) => view.theme);
  const empty = run.curve.buckets.length === 0;
  return (
    <section className="card loss" aria-labelledby="loss-title">
      <div className="card-head">
        <h2 id="loss-title">{say("chart.title")}</h2>
        <Legend run={run} />
      </div>
      <p id="loss-summary" className={empty ? "soft" : "unseen"}>
        {summarize(run, words)}
      </p>
      {/* Colours and number format are taken when the chart is made: a change of either makes it anew. */}
      {!empty && <Plot key={`${theme} ${words.language}`} run={run} pointed={pointed} onPoint={onPoint} />}
    </section>
  );
}

function Legend({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const bad = run.curve.buckets.some((bucket) => bucket.nonFinite > 0);
  return (
    <ul className="legend soft" aria-hidden="true">
      <li className="key-train">{say("chart.train")}</li>
      {run.heldOut.length > 0 && <li className="key-held-out">{say("chart.held-out")}</li>}
      {run.checkpoints.length > 0 && <li className="key-checkpoint">{say("chart.checkpoint")}</li>}
      {bad && <li className="key-bad">{say("chart.not-finite")}</li>}
    </ul>
  );
}

/** A slider over the steps: the same figures by mouse, by arrow keys and by ear. */
function Plot({ run, pointed, onPoint }: LossProps) {
  const words = useWords();
  const { format } = words;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<LossChart | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const { curve, heldOut, checkpoints, totalSteps } = run;
  const data = useMemo(() => curveData({ curve, heldOut, checkpoints, totalSteps }), [curve, heldOut, checkpoints, totalSteps]);

  const point = useRef<(index: number | null) => void>(() => {});
  point.current = (index) => {
    setAt(index);
    onPoint(index === null ? null : (data.rows[index]?.step ?? null));
  };
  useEffect(() => {
    if (!box.current) return;
    const made = makeLossChart({ box: box.current, number: format.loss, step: format.integer, onPoint: (index) => point.current(index) });
    chart.current = made;
    return () => made.remove();
  }, [format]);
  useEffect(() => chart.current?.draw(data), [data]);
  useEffect(() => chart.current?.follow(pointed), [pointed]);

  const last = data.rows.length - 1;
  const shown = Math.min(pointed === null ? (at ?? last) : nearest(data, pointed), last);
  const row = data.rows[shown];
  const move = (event: KeyboardEvent) => {
    const to = targetOf(event.key, shown, last);
    if (to === null) return;
    event.preventDefault();
    chart.current?.pointAt(Math.max(0, Math.min(last, to)));
  };
  return (
    <>
      <p className="readout" data-readout aria-hidden="true">
        {row && readRow(row, words)}
      </p>
      <div
        ref={box}
        className="plot"
        role="slider"
        tabIndex={0}
        aria-label={words.say("chart.slider")}
        aria-describedby="loss-summary"
        onKeyDown={move}
        aria-valuemin={data.rows[0]?.step ?? 0}
        aria-valuemax={data.rows[last]?.step ?? 0}
        aria-valuenow={row?.step ?? 0}
        aria-valuetext={row ? readRow(row, words) : ""}
      />
    </>
  );
}

function nearest({ rows }: CurveData, step: number): number {
  return rows.reduce((best, row, index) => (Math.abs(row.step - step) < Math.abs((rows[best]?.step ?? 0) - step) ? index : best), 0);
}
