import type { Preflight } from "../../electron/core/api.ts";
import { whyNotCut } from "../../electron/core/evening/cut.ts";
import type { Cut } from "../../electron/core/evening/fit.ts";
import type { RunState } from "../../electron/core/state.ts";
import { forecastAfterCuts, forecastOf, intervalWords } from "../forecast.ts";
import { useCall } from "../use-call.ts";
import { useNow, useWords, type Words } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";

/** When it will be done, against the window's end; and what to cut, gentlest first, where it would not be. */
export function Fit({ run, night }: { readonly run: RunState | null; readonly night: Preflight }) {
  const words = useWords();
  const { say, format } = words;
  const nowMs = useNow(30_000);
  if (!run) return null;
  const { fit } = night;
  const end = forecastOf(run, night, nowMs);
  const late = end !== null && end.toMs > night.night.closesAt;
  const after = forecastAfterCuts(night, nowMs);
  return (
    <section className="card forecast" aria-labelledby="forecast-title">
      <h2 id="forecast-title">{say("forecast.title")}</h2>
      {end ? (
        <p className="forecast-end" data-forecast={late ? "late" : "fits"}>
          <b>{say("forecast.done", { interval: intervalWords(end, words, nowMs) })}</b>{" "}
          <span className="soft">{say(late ? "forecast.late" : "forecast.in-time", { at: format.clock(night.night.closesAt) })}</span>
        </p>
      ) : (
        <p className="soft">{say("forecast.unknown")}</p>
      )}
      {end && <p className="soft">{say(fit?.speed.source === "estimated" ? "forecast.how-estimated" : "forecast.how-measured")}</p>}
      {fit && fit.cuts.length > 0 && (
        <div className="cuts">
          <h3>{say("forecast.fit", { at: format.clock(night.night.closesAt) })}</h3>
          <ul>
            {fit.cuts.map((cut) => (
              <li key={cut.cut}>{cutWords(cut, run, words)}</li>
            ))}
          </ul>
          <p>{after && (fit.possible ? say("forecast.after", { interval: intervalWords(after, words, nowMs) }) : say("forecast.not-enough"))}</p>
          {whyNotCut(run)?.kind === "run.begun" ? (
            <>
              <p className="soft">{say("forecast.flags")}</p>
              <code className="command">{fit.flags.join(" ")}</code>
            </>
          ) : (
            <MakeCuts run={run} cuts={fit.cuts} />
          )}
        </div>
      )}
    </section>
  );
}

function MakeCuts({ run, cuts }: { readonly run: RunState; readonly cuts: readonly Cut[] }) {
  const { say } = useWords();
  const { busy, fault, call, dismiss } = useCall();
  return (
    <>
      <p className="soft">{say("forecast.cut-why")}</p>
      <button type="button" data-do="cut" disabled={busy} aria-busy={busy} onClick={() => void call("run-cut", { run: run.id, cuts: [...cuts] })}>
        {say("forecast.cut")}
      </button>
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}

function cutWords({ cut, to }: Cut, { prepared }: RunState, { say, format }: Words): string {
  const amount = format.integer(to);
  if (cut === "evaluations" || !prepared) return say(`cut.${cut}`, { to: amount });
  return say(`cut.${cut}-from`, { to: amount, from: format.integer(Math.round(prepared[cut])) });
}
