import { needsYou, progressOf, type RunStatus } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { whyGoverned } from "../../electron/core/words/happenings.ts";
import { faultIn } from "../../electron/core/words/words.ts";
import { facts, headline } from "../headline.ts";
import { useNow, useWords } from "../use-session.ts";
import { Controls } from "./controls.tsx";
import { Pill, toneOf } from "./pill.tsx";
import { Ring } from "./ring.tsx";
import { Said } from "./said.tsx";
import { Shown } from "./shown.tsx";

export function Hero({ run, status }: { readonly run: RunState; readonly status: RunStatus }) {
  const words = useWords();
  const nowMs = useNow(5_000);
  const fault = needsYou(run);
  const said = fault && faultIn(words, fault);
  const forHeat = run.obeyed?.why === "heat" && run.governed;
  const resting = status === "resting" && (forHeat ? whyGoverned(forHeat, words) : run.obeyed?.why);
  return (
    <section className={`hero tone-${toneOf(run, status)}`} aria-labelledby="run-name">
      <Ring share={progressOf(run)} status={status} />
      <div className="hero-words">
        <p className="hero-top">
          <Pill run={run} status={status} nowMs={nowMs} />
          <span id="run-name" className="run-name">
            <Shown text={run.name} />
          </span>
          <span className="soft">{words.say(`kind.${run.kind}`)}</span>
        </p>
        <h1>
          <Shown text={headline(run, words, nowMs)} />
        </h1>
        {said && (
          <p className="next">
            <Shown text={said.next} lang={said.known ? undefined : "en"} />
          </p>
        )}
        {resting && <p className="next">{forHeat ? <Shown text={resting} /> : <Said text={resting} />}</p>}
        <p className="facts soft">
          {facts(run, status, words, nowMs).map((fact) => (
            <span key={fact}>
              <Shown text={fact} />
            </span>
          ))}
        </p>
      </div>
      <Controls run={run} />
    </section>
  );
}
