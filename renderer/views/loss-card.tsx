import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { curveData, readRow, summarize } from "../curve-data.ts";
import { type LossChart, makeLossChart } from "../loss-chart.ts";
import { useView, useWords } from "../use-session.ts";

const PAGE = 10;

export function LossCard({ run }: { readonly run: RunState }) {
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
      {!empty && <Plot key={`${theme} ${words.language}`} run={run} />}
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
function Plot({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { format } = words;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<LossChart | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const { curve, heldOut, checkpoints, totalSteps } = run;
  const data = useMemo(() => curveData({ curve, heldOut, checkpoints, totalSteps }), [curve, heldOut, checkpoints, totalSteps]);

  useEffect(() => {
    if (!box.current) return;
    const made = makeLossChart({ box: box.current, number: format.loss, step: format.integer, onPoint: setAt });
    chart.current = made;
    return () => made.remove();
  }, [format]);
  useEffect(() => chart.current?.draw(data), [data]);

  const last = data.rows.length - 1;
  const shown = Math.min(at ?? last, last);
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

function targetOf(key: string, at: number, last: number): number | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return at - 1;
    case "ArrowRight":
    case "ArrowUp":
      return at + 1;
    case "PageUp":
      return at + PAGE;
    case "PageDown":
      return at - PAGE;
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
