import { useCallback, useMemo, useState } from "react";
import type { Comparison } from "../../../electron/core/compare.ts";
import { makePairChart, type PairChart } from "../../pair-chart.ts";
import { pairRows, readPair, summarizePair } from "../../pair-data.ts";
import { useView, useWords } from "../../use-session.ts";
import { Plot, type PlotHooks } from "../plot.tsx";
import { Shown } from "../shown.tsx";

/** Both curves over the same steps. */
export function PairPlot({ both }: { readonly both: Comparison }) {
  const words = useWords();
  const { say } = words;
  const theme = useView((view) => view.theme);
  const empty = both.a.curve.length === 0 && both.b.curve.length === 0;
  const held = both.a.heldOut.length > 0 || both.b.heldOut.length > 0;
  return (
    <div className="pair-plot">
      <div className="card-head">
        <h3>{say("chart.title")}</h3>
        {!empty && (
          <ul className="legend soft" aria-hidden="true">
            <li className="key-a">
              A <Shown text={both.a.name} />
            </li>
            <li className="key-b">
              B <Shown text={both.b.name} />
            </li>
            {held && <li className="key-held-out">{say("chart.held-out")}</li>}
          </ul>
        )}
      </div>
      <p id="pair-summary" className={empty ? "soft" : "unseen"}>
        {summarizePair(both, words)}
      </p>
      {/* Colours and number format are taken when the chart is made: a change of either makes it anew. */}
      {!empty && <Curves key={`${theme} ${words.language}`} both={both} />}
    </div>
  );
}

function Curves({ both }: { readonly both: Comparison }) {
  const words = useWords();
  const { format, say } = words;
  const [smooth, setSmooth] = useState(false);
  const rows = useMemo(() => pairRows(both), [both]);
  const places = useMemo(() => rows.map((row) => row.step), [rows]);
  const make = useCallback((hooks: PlotHooks) => makePairChart({ ...hooks, number: format.loss, step: format.integer }), [format]);
  const draw = useCallback((chart: PairChart) => chart.draw(rows, smooth), [rows, smooth]);
  return (
    <Plot
      name="pair"
      label={say("chart.slider")}
      describedBy="pair-summary"
      places={places}
      read={(index) => readPair(rows, index, words)}
      figureOf={(index) => places[index] ?? 0}
      make={make}
      draw={draw}
      pointed={null}
      onPoint={() => {}}
    >
      <button type="button" className="quiet toggle" data-do="smooth-pair" aria-pressed={smooth} onClick={() => setSmooth(!smooth)}>
        {say("chart.smooth")}
      </button>
    </Plot>
  );
}
