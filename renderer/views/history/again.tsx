import { useEffect, useId, useState } from "react";
import type { Side } from "../../../electron/core/compare.ts";
import { LEVER_NEEDS, suggestedLever } from "../../../electron/core/levers.ts";
import type { Lever } from "../../../electron/core/verdict/judgement.ts";
import { addressOf } from "../../route.ts";
import { useCall } from "../../use-call.ts";
import { useSession, useView, useWords } from "../../use-session.ts";
import { Loading } from "../conditions.tsx";
import { FaultLine } from "../fault-line.tsx";
import { FilePick } from "../file-pick.tsx";
import { Panel } from "./panel.tsx";

type Choice = Lever | "none";

/** A new run from this one's plan. What its verdict proposes stands there already chosen. */
export function Again({ run, onClose }: { readonly run: string; readonly onClose: () => void }) {
  const { say } = useWords();
  const { fault, call, dismiss } = useCall();
  const [side, setSide] = useState<Side | null>(null);
  useEffect(() => {
    // A run beside itself is what is known of it in plain values, its verdict's levers among them.
    void call("runs-compare", { a: run, b: run }).then((done) => done && setSide(done.reply.a));
  }, [call, run]);
  return (
    <Panel name="again" label={say("history.again")}>
      <FaultLine fault={fault} onClose={dismiss} />
      {side ? <Form side={side} onClose={onClose} /> : !fault && <Loading text={say("app.loading-run")} />}
    </Panel>
  );
}

function Form({ side, onClose }: { readonly side: Side; readonly onClose: () => void }) {
  const { say } = useWords();
  const { choose } = useSession();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const window = useView((view) => view.settings?.settings.window ?? null);
  const { decision, levers } = side;
  const suggested = decision === null ? null : suggestedLever({ decision, levers: [...levers] });
  const [lever, setLever] = useState<Choice>(suggested ?? "none");
  const [value, setValue] = useState("");
  const [tonight, setTonight] = useState(false);
  const needs = lever === "none" ? "nothing" : LEVER_NEEDS[lever];
  const start = async () => {
    const done = await call("run-again", { run: side.run, lever, value: needs === "nothing" ? null : value.trim(), tonight });
    if (!done) return;
    choose(done.reply.run);
    location.hash = addressOf("run");
  };
  return (
    <>
      <fieldset className="levers">
        <legend>{say("again.what")}</legend>
        {(["none", ...levers] as const).map((one) => (
          <LeverChoice key={one} run={side.run} lever={one} suggested={one === suggested} chosen={lever === one} onChoose={() => setLever(one)} />
        ))}
      </fieldset>
      {levers.length === 0 && <p className="soft">{say(decision === null ? "again.not-judged" : "again.no-lever")}</p>}
      {needs === "file" && <FilePick name="more-data" label={say("again.file")} hint={say("again.file-hint")} path={value} onPath={setValue} />}
      {needs === "model" && <Model value={value} onChange={setValue} />}
      {window && (
        <label className="yes">
          <input type="checkbox" data-do="tonight" checked={tonight} onChange={(event) => setTonight(event.target.checked)} />
          {say("again.tonight", { from: window.from, to: window.to })}
        </label>
      )}
      <div className="buttons">
        <button
          type="button"
          className="primary"
          data-do="again-start"
          disabled={busy || !online || (needs !== "nothing" && value.trim() === "")}
          aria-busy={busy}
          onClick={() => void start()}
        >
          {say("again.start")}
        </button>
        <button type="button" data-do="again-no" onClick={onClose}>
          {say("night.do-cancel")}
        </button>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}

interface LeverProps {
  readonly run: string;
  readonly lever: Choice;
  readonly suggested: boolean;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function LeverChoice({ run, lever, suggested, chosen, onChoose }: LeverProps) {
  const { say } = useWords();
  return (
    <label className="lever" data-lever={lever}>
      <input type="radio" name={`lever-${run}`} checked={chosen} onChange={onChoose} />
      <span>
        <span className="lever-name">{say(lever === "none" ? "again.none" : `verdict.lever.${lever}`)}</span>
        {suggested && <span className="soft"> {say("again.suggested")}</span>}
      </span>
    </label>
  );
}

function Model({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const { say } = useWords();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{say("again.model")}</label>
      <input
        id={id}
        type="text"
        className="wide"
        spellCheck={false}
        autoComplete="off"
        placeholder="unsloth/gemma-2-2b-it"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
