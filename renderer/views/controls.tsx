import { useState } from "react";
import { needsYou, type Offer, offersOf, statusOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import type { RunCommand } from "../session.ts";
import type { Key } from "../text.ts";
import { useSession, useView, useWords } from "../use-session.ts";
import { Confirm } from "./confirm.tsx";
import { FaultLine } from "./fault-line.tsx";

const COMMANDS: Readonly<Record<Offer, RunCommand>> = {
  pause: "run-pause",
  resume: "run-resume",
  checkpoint: "run-checkpoint",
  stop: "run-stop",
  deploy: "run-deploy",
};

/** `only`: where the rest would be out of place. */
export function Controls({ run, only }: { readonly run: RunState; readonly only?: readonly Offer[] }) {
  const { say } = useWords();
  const { ask } = useSession();
  const [confirming, setConfirming] = useState(false);
  const busy = useView((view) => view.asking);
  const reachable = useView((view) => view.link === "online");
  const offers = offersOf(run).filter((offer) => !only || only.includes(offer));
  if (confirming && offers.includes("stop"))
    return (
      <Confirm
        name="stop"
        question={say("do.stop-ask")}
        yes={say("do.stop-yes")}
        no={say("do.stop-no")}
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

function RefusedCall() {
  const { dismiss } = useSession();
  const fault = useView((view) => view.refused);
  return <FaultLine fault={fault} onClose={dismiss} />;
}
