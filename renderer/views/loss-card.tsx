import { useCallback, useMemo, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { curveData, readRow, summarize } from "../../electron/core/words/curve-data.ts";
import { type LossChart, makeLossChart } from "../loss-chart.ts";
import { useView, useWords } from "../use-session.ts";
import { Plot, type PlotHooks } from "./plot.tsx";

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
      {!empty && <LossPlot key={`${theme} ${words.language}`} run={run} pointed={pointed} onPoint={onPoint} />}
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

function LossPlot({ run, pointed, onPoint }: LossProps) {
  const words = useWords();
  const { format, say } = words;
  const [smooth, setSmooth] = useState(false);
  const { curve, heldOut, checkpoints, totalSteps } = run;
  const data = useMemo(() => curveData({ curve, heldOut, checkpoints, totalSteps }), [curve, heldOut, checkpoints, totalSteps]);
  const places = useMemo(() => data.rows.map((row) => row.step), [data]);
  const make = useCallback((hooks: PlotHooks) => makeLossChart({ ...hooks, number: format.loss, step: format.integer }), [format]);
  const draw = useCallback((chart: LossChart) => chart.draw(data, smooth), [data, smooth]);
  const read = (index: number) => {
    const row = data.rows[index];
    return row ? readRow(row, words) : "";
  };
  return (
    <Plot
      name="loss"
      label={say("chart.slider")}
      describedBy="loss-summary"
      places={places}
      read={read}
      figureOf={(index) => places[index] ?? 0}
      make={make}
      draw={draw}
      pointed={pointed}
      onPoint={onPoint}
    >
      <button type="button" className="quiet toggle" data-do="smooth" aria-pressed={smooth} onClick={() => setSmooth(!smooth)}>
        {say("chart.smooth")}
      </button>
    </Plot>
  );
}
