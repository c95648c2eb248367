import type { RunState } from "../../electron/core/state.ts";
import { useWords } from "../use-session.ts";
import { Controls } from "./controls.tsx";
import { Shown } from "./shown.tsx";

/** The run on screen has a model that does not answer in Ollama yet: what the gate said of it, and the one button. */
export function Ready({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const { judged } = run;
  return (
    <section className="card ready" aria-labelledby="ready-title" data-ready>
      <h2 id="ready-title">
        <Shown text={say("deploy.ready", { run: run.name })} />
      </h2>
      {judged ? (
        <p className={`decision decision-${judged.decision}`}>
          <b>{say(`verdict.${judged.decision}`)}</b> {say(`verdict.${judged.decision}.text`)}
        </p>
      ) : (
        <p className="soft">{say("report.none.open")}</p>
      )}
      <Controls run={run} only={["deploy"]} />
    </section>
  );
}
