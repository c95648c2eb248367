import { useEffect, useRef, useState } from "react";
import { needsYou, type Offer, offersOf, statusOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import type { RunCommand } from "../session.ts";
import type { Key } from "../text.ts";
import { useSession, useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";

const COMMANDS: Readonly<Record<Offer, RunCommand>> = {
  pause: "run-pause",
  resume: "run-resume",
  checkpoint: "run-checkpoint",
  stop: "run-stop",
  deploy: "run-deploy",
};

export function Controls({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const { ask } = useSession();
  const [confirming, setConfirming] = useState(false);
  const busy = useView((view) => view.asking);
  const reachable = useView((view) => view.link === "online");
  const offers = offersOf(run);
  if (confirming && offers.includes("stop"))
    return (
      <ConfirmStop
        onNo={() => setConfirming(false)}
        onYes={() => {
          setConfirming(false);
          ask("run-stop");
        }}
      />
    );
  return (
    <div className="controls">
      <fieldset className="buttons" aria-label={say("do.group")}>
        {offers.map((offer) => (
          <button
            key={offer}
            type="button"
            data-do={offer}
            className={offer === "resume" || offer === "deploy" ? "primary" : ""}
            disabled={!reachable || busy !== null}
            aria-busy={busy === COMMANDS[offer]}
            onClick={() => (offer === "stop" ? setConfirming(true) : ask(COMMANDS[offer]))}
          >
            {say(labelOf(run, offer))}
          </button>
        ))}
      </fieldset>
      <RefusedCall />
    </div>
  );
}

function labelOf(run: RunState, offer: Offer): Key {
  if (offer === "deploy" && run.judged !== null && run.judged.decision !== "go") return "do.deploy-anyway";
  if (offer !== "resume") return `do.${offer}`;
  if (needsYou(run)) return "do.retry";
  return statusOf(run) === "stopped" ? "do.continue" : "do.resume";
}

/** In place, with the safe answer focused; Escape is no. */
function ConfirmStop({ onYes, onNo }: { readonly onYes: () => void; readonly onNo: () => void }) {
  const { say } = useWords();
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  return (
    <div className="controls confirm" role="alertdialog" aria-labelledby="stop-ask" onKeyDown={(event) => event.key === "Escape" && onNo()}>
      <p id="stop-ask">{say("do.stop-ask")}</p>
      <div className="buttons">
        <button type="button" data-do="stop-yes" className="danger" onClick={onYes}>
          {say("do.stop-yes")}
        </button>
        <button type="button" data-do="stop-no" ref={no} onClick={onNo}>
          {say("do.stop-no")}
        </button>
      </div>
    </div>
  );
}

function RefusedCall() {
  const { dismiss } = useSession();
  const fault = useView((view) => view.refused);
  return <FaultLine fault={fault} onClose={dismiss} />;
}
