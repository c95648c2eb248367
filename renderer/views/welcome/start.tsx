import { useId, useState } from "react";
import { type CampaignNames, campaignNames } from "../../../electron/core/campaign.ts";
import type { RunEntry } from "../../../electron/core/home.ts";
import { fileName } from "../../doctor-cards.ts";
import { type Step, setFirstRun, useFirstRun } from "../../first-run.ts";
import { addressOf } from "../../route.ts";
import { useCall } from "../../use-call.ts";
import { useSession, useView, useWords } from "../../use-session.ts";
import { useInspection } from "../doctor.tsx";
import { FaultLine } from "../fault-line.tsx";
import { Shown } from "../shown.tsx";
import { Term } from "../term.tsx";
import { Practise } from "../welcome.tsx";

const KINDS = ["practice", "campaign", "quick", "full"] as const;
type Kind = (typeof KINDS)[number];

/** Practice, or the person's own rows: a quick test whose GO lets the night begin, or one of the two alone. */
export function StartStep() {
  const { say } = useWords();
  const { data, model } = useFirstRun();
  const ready = data.trim() !== "" && model.trim() !== "";
  const [kind, setKind] = useState<Kind>(ready ? "campaign" : "practice");
  return (
    <>
      <fieldset className="card choices">
        <legend>
          <h2>{say("start.which")}</h2>
        </legend>
        {KINDS.map((one) => (
          <label key={one} className="choice">
            <input type="radio" name="kind" data-kind={one} checked={kind === one} onChange={() => setKind(one)} />
            <span className="choice-words">
              <b>{say(`start.kind.${one}`)}</b>
              <span className="soft">{say(`start.about.${one}`)}</span>
            </span>
          </label>
        ))}
        <p className="terms">
          <Term name="loss" /> <Term name="checkpoint" /> <Term name="gguf" />
        </p>
      </fieldset>
      {kind === "practice" ? (
        <div className="buttons">
          <Practise />
        </div>
      ) : (
        <OwnRun kind={kind} />
      )}
    </>
  );
}

function OwnRun({ kind }: { readonly kind: Exclude<Kind, "practice"> }) {
  const { say, format } = useWords();
  const { data, heldOut, model } = useFirstRun();
  const { choose } = useSession();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const window = useView((view) => view.settings?.settings.window);
  const badRows = useInspection()?.files.reduce((sum, file) => sum + file.badRows, 0) ?? 0;
  const home = useView((view) => view.home);
  // What nobody touched goes with the kind.
  const [typed, setTyped] = useState<string | null>(null);
  const [skipBadRows, setSkip] = useState(true);
  const [ticked, setTicked] = useState<boolean | null>(null);
  const name = typed ?? usualName(data, kind);
  const tonight = ticked ?? kind !== "quick";
  const names = kind === "campaign" ? namesOf(name, home?.runs ?? []) : null;
  const id = useId();
  const missing: readonly Step[] = [...(data.trim() === "" ? (["data"] as const) : []), ...(model.trim() === "" ? (["model"] as const) : [])];
  const start = async () => {
    const held = heldOut.trim() === "" ? null : heldOut.trim();
    const asked = { name, data: data.trim(), heldOut: held, model: model.trim(), skipBadRows: badRows > 0 && skipBadRows, tonight };
    const started = kind === "campaign" ? await call("campaign-start", asked) : await call("run-start", { ...asked, kind });
    if (!started) return;
    choose(started.reply.run);
    // A campaign's test begins at once, whatever holds for its night.
    location.hash = addressOf(tonight && kind !== "campaign" ? "tonight" : "run");
  };
  return (
    <section className="card own-run" aria-labelledby="own-title">
      <h2 id="own-title">{say("start.yours")}</h2>
      {missing.map((step) => (
        <p key={step} className="missing">
          {say(`start.missing.${step === "data" ? "data" : "model"}`)}{" "}
          <button type="button" className="quiet" data-do={`go-${step}`} onClick={() => setFirstRun({ step })}>
            {say("start.choose")}
          </button>
        </p>
      ))}
      {missing.length === 0 && (
        <dl className="chosen-files">
          <div>
            <dt>{say("start.data")}</dt>
            <dd>
              <Shown text={data} />
            </dd>
          </div>
          <div>
            <dt>{say("start.model")}</dt>
            <dd>
              <Shown text={model} />
            </dd>
          </div>
        </dl>
      )}
      <div className="field">
        <label htmlFor={id}>{say("start.name")}</label>
        <input id={id} type="text" spellCheck={false} value={name} onChange={(event) => setTyped(event.target.value)} />
        {names && (
          <p className="soft" data-names>
            <Shown text={say("start.names", { test: names.test, full: names.full })} />
          </p>
        )}
      </div>
      {badRows > 0 && (
        <label className="yes">
          <input type="checkbox" checked={skipBadRows} onChange={(event) => setSkip(event.target.checked)} />
          {say("start.skip-bad", { count: format.integer(badRows) })}
        </label>
      )}
      <label className="yes">
        <input type="checkbox" checked={tonight} data-do="tonight" onChange={(event) => setTicked(event.target.checked)} />
        {say(kind === "campaign" ? "start.tonight-campaign" : "start.tonight", { from: window?.from ?? "22:00", to: window?.to ?? "06:00" })}
      </label>
      <div className="buttons">
        <button
          type="button"
          className="primary"
          data-do="start-run"
          disabled={busy || !online || missing.length > 0 || name.trim() === ""}
          aria-busy={busy}
          onClick={() => void start()}
        >
          {say(busy ? "start.looking" : `start.do.${kind}`)}
        </button>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </section>
  );
}

/** The two that the engine will find free; null for a name that it will refuse. */
function namesOf(name: string, runs: readonly RunEntry[]): CampaignNames | null {
  try {
    return campaignNames(name.trim(), new Set(runs.map((run) => run.name)));
  } catch {
    return null;
  }
}

/** From the file's name, in letters that Ollama takes. */
function usualName(data: string, kind: Kind): string {
  const stem = fileName(data.trim())
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${stem || "my-model"}${kind === "quick" ? "-test" : ""}`;
}
