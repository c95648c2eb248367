import { useId, useState } from "react";
import type { Place } from "../../../electron/core/api.ts";
import { KNOWN_MODELS, type KnownModel } from "../../../electron/core/known-models.ts";
import { setFirstRun, useFirstRun } from "../../first-run.ts";
import { useCall } from "../../use-call.ts";
import { useJob } from "../../use-job.ts";
import { usePlace } from "../../use-place.ts";
import { useView, useWords } from "../../use-session.ts";
import { Loading } from "../conditions.tsx";
import { FaultLine } from "../fault-line.tsx";
import { JobLine } from "../job-line.tsx";
import { Term } from "../term.tsx";

/** The model that is taught: one that is known to work, or another. It is downloaded here, so that the night does not wait for it. */
export function ModelStep() {
  const { say } = useWords();
  const { model } = useFirstRun();
  const { place, fault, dismiss } = usePlace();
  const [other, setOther] = useState(model !== "" && !isKnown(model));
  const id = useId();
  if (!place) return fault ? <FaultLine fault={fault} onClose={dismiss} /> : <Loading text={say("tools.looking")} />;
  const pick = (source: string) => {
    setOther(false);
    setFirstRun({ model: source });
  };
  return (
    <>
      <fieldset className="card choices">
        <legend>
          <h2>{say("model.known")}</h2>
        </legend>
        {KNOWN_MODELS.map((known) => (
          <ModelChoice key={known.source} known={known} place={place} checked={!other && model === known.source} onPick={() => pick(known.source)} />
        ))}
        <label className="choice">
          <input type="radio" name="model" data-model="other" checked={other} onChange={() => setOther(true)} />
          <span className="choice-words">
            <b>{say("model.other")}</b>
            <span className="soft">{say("model.other-about")}</span>
          </span>
        </label>
        {other && (
          <div className="pick-row inset">
            <label htmlFor={id}>{say("model.other-label")}</label>
            <input
              id={id}
              type="text"
              className="wide"
              spellCheck={false}
              value={isKnown(model) ? "" : model}
              onChange={(event) => setFirstRun({ model: event.target.value })}
            />
          </div>
        )}
        <p className="terms">
          <Term name="base-model" /> <Term name="terms" />
        </p>
      </fieldset>
      <Fetch model={model.trim()} place={place} />
    </>
  );
}

function isKnown(source: string): boolean {
  return KNOWN_MODELS.some((one) => one.source === source);
}

interface ChoiceProps {
  readonly known: KnownModel;
  readonly place: Place;
  readonly checked: boolean;
  readonly onPick: () => void;
}

function ModelChoice({ known, place, checked, onPick }: ChoiceProps) {
  const { say, format } = useWords();
  const here = place.models.some((held) => held.source === known.source && held.whole);
  return (
    <div className="choice-box">
      <label className="choice">
        <input type="radio" name="model" data-model={known.source} checked={checked} onChange={onPick} />
        <span className="choice-words">
          <b>{known.source}</b>
          <span>{say(`model.manners.${known.manners}`)}</span>
          <span className="soft">{here ? say("model.here") : say("model.size", { size: format.bytes(known.bytes) })}</span>
        </span>
      </label>
      <p className="choice-terms soft">
        {say("model.terms")}{" "}
        <a href={known.terms.address} target="_blank" rel="noreferrer">
          {known.terms.name}
        </a>
      </p>
    </div>
  );
}

/** Hub models only: a folder is here already, and any other text is refused by the engine in words. */
function Fetch({ model, place }: { readonly model: string; readonly place: Place }) {
  const { say } = useWords();
  const { modelJob } = useFirstRun();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const job = useJob(modelJob, () => setFirstRun({ modelJob: null }));
  const held = place.models.find((one) => one.source === model);
  const isHub = /^[^/~.][^/]*\/[^/]+$/.test(model);
  const here = held?.whole === true;
  const fetch = async () => {
    const started = await call("model-fetch", { source: model });
    if (started) setFirstRun({ modelJob: started.reply.id });
  };
  if (model === "" || !isHub) return null;
  return (
    <section className="card fetch" aria-labelledby="fetch-title" data-held={here ? "whole" : held ? "part" : "none"}>
      <h2 id="fetch-title">{say(here ? "model.ready" : "model.fetch-title")}</h2>
      <p className="soft">{say(here ? "model.ready-about" : held ? "model.fetch-rest" : "model.fetch-about")}</p>
      {!here && job?.state !== "running" && (
        <div className="buttons">
          <button
            type="button"
            className="primary"
            data-do="fetch-model"
            disabled={busy || !online || place.python.fault !== null}
            onClick={() => void fetch()}
          >
            {say(held ? "model.fetch-on" : "model.fetch")}
          </button>
        </div>
      )}
      {!here && place.python.fault !== null && <p className="wrong">{say("model.needs-python")}</p>}
      <JobLine job={job} onClear={() => setFirstRun({ modelJob: null })} />
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}
