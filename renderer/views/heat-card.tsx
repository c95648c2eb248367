import { useCallback, useMemo } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { whyText } from "../../electron/core/words/why.ts";
import { type HeatChart, makeHeatChart } from "../heat-chart.ts";
import { costSentence, type HeatData, heatData, readHeat, summarizeHeat } from "../heat-data.ts";
import { useView, useWords } from "../use-session.ts";
import { Plot, type PlotHooks } from "./plot.tsx";
import { Shown } from "./shown.tsx";

interface HeatProps {
  readonly run: RunState;
  /** Where the other chart is pointed at, unix ms. */
  readonly pointed: number | null;
  readonly onPoint: (atMs: number | null) => void;
}

/** Temperature and pace of the night, and what they cost; where nobody can tell the temperature, why. */
export function HeatCard({ run, pointed, onPoint }: HeatProps) {
  const words = useWords();
  const { say, format } = words;
  const limits = useView((view) => view.settings?.settings ?? null);
  const theme = useView((view) => view.theme);
  const data = useMemo(() => heatData(run), [run]);
  const why = run.conditions?.unknown.find((one) => one.reading === "temperature")?.why ?? null;
  const known = run.temperature.buckets.length > 0;
  const cost = costSentence(run, words);
  // Nobody looked at this run at all: a card would only say so.
  if (data.rows.length === 0 && run.conditions === null) return null;
  return (
    <section className="card heat" aria-labelledby="heat-title">
      <div className="card-head">
        <h2 id="heat-title">{say("heat.title")}</h2>
        <ul className="legend soft" aria-hidden="true">
          {known && <li className="key-temperature">{say("heat.key-temperature")}</li>}
          <li className="key-pace">{say("heat.key-pace")}</li>
          {known && limits && (
            <li className="key-limits">{say("heat.key-limits", { target: format.integer(limits.targetCelsius), red: format.integer(limits.redCelsius) })}</li>
          )}
          {data.bands.some((band) => band.kind === "rest") && <li className="key-rest">{say("heat.key-rest")}</li>}
          {data.bands.some((band) => band.kind === "pause") && <li className="key-pause">{say("heat.key-pause")}</li>}
          {data.checkpoints.length > 0 && <li className="key-checkpoint">{say("chart.checkpoint")}</li>}
        </ul>
      </div>
      {cost && (
        <p data-cost>
          <b>{cost}</b>
        </p>
      )}
      {!known && (
        <p className="soft" data-unknown="temperature">
          {say("heat.unknown")} {why && <Shown text={whyText(words, why)} />}
        </p>
      )}
      <p id="heat-summary" className="soft">
        {summarizeHeat(run, data, words)}
      </p>
      {data.rows.length > 0 && <HeatPlot key={`${theme} ${words.language}`} data={data} pointed={pointed} onPoint={onPoint} />}
    </section>
  );
}

function HeatPlot({ data, pointed, onPoint }: { readonly data: HeatData } & Pick<HeatProps, "pointed" | "onPoint">) {
  const words = useWords();
  const { format, say } = words;
  const target = useView((view) => view.settings?.settings.targetCelsius ?? null);
  const red = useView((view) => view.settings?.settings.redCelsius ?? null);
  const places = useMemo(() => data.rows.map((row) => row.at), [data]);
  const make = useCallback((hooks: PlotHooks) => makeHeatChart({ ...hooks, clock: format.clock, number: format.integer, percent: format.percent }), [format]);
  const draw = useCallback((chart: HeatChart) => chart.draw(data, target === null || red === null ? null : { target, red }), [data, target, red]);
  const read = (index: number) => {
    const row = data.rows[index];
    return row ? readHeat(row, data.bands, words) : "";
  };
  return (
    <Plot
      name="heat"
      label={say("heat.slider")}
      describedBy="heat-summary"
      places={places}
      read={read}
      figureOf={(index) => index}
      make={make}
      draw={draw}
      pointed={pointed}
      onPoint={onPoint}
    />
  );
}
