import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { type HeatChart, makeHeatChart } from "../heat-chart.ts";
import { costSentence, type HeatData, heatData, readHeat, summarizeHeat } from "../heat-data.ts";
import { targetOf } from "../slider-keys.ts";
import { useView, useWords } from "../use-session.ts";
import { Said } from "./said.tsx";

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
          {say("heat.unknown")} {why && <Said text={why} />}
        </p>
      )}
      <p id="heat-summary" className="soft">
        {summarizeHeat(run, data, words)}
      </p>
      {data.rows.length > 0 && <Plot key={`${theme} ${words.language}`} data={data} pointed={pointed} onPoint={onPoint} />}
    </section>
  );
}

/** A slider over the night: the same figures by mouse, by arrow keys and by ear. */
function Plot({ data, pointed, onPoint }: { readonly data: HeatData } & Pick<HeatProps, "pointed" | "onPoint">) {
  const words = useWords();
  const { format, say } = words;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<HeatChart | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const target = useView((view) => view.settings?.settings.targetCelsius ?? null);
  const red = useView((view) => view.settings?.settings.redCelsius ?? null);
  const point = useRef<(index: number | null) => void>(() => {});
  point.current = (index) => {
    setAt(index);
    onPoint(index === null ? null : (data.rows[index]?.at ?? null));
  };
  useEffect(() => {
    if (!box.current) return;
    const { clock, integer, percent } = format;
    const made = makeHeatChart({ box: box.current, clock, number: integer, percent, onPoint: (index) => point.current(index) });
    chart.current = made;
    return () => made.remove();
  }, [format]);
  useEffect(() => chart.current?.draw(data, target === null || red === null ? null : { target, red }), [data, target, red]);
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
  const text = row ? readHeat(row, data.bands, words) : "";
  return (
    <>
      <p className="readout" data-heat-readout aria-hidden="true">
        {text}
      </p>
      <div
        ref={box}
        className="plot plot-heat"
        role="slider"
        tabIndex={0}
        aria-label={say("heat.slider")}
        aria-describedby="heat-summary"
        onKeyDown={move}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={text}
      />
    </>
  );
}

function nearest({ rows }: HeatData, atMs: number): number {
  return rows.reduce((best, row, index) => (Math.abs(row.at - atMs) < Math.abs((rows[best]?.at ?? 0) - atMs) ? index : best), 0);
}
