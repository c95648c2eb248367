import { useState } from "react";
import { campaignOf, type GateView, holdsOf, leversOf, nextPhase, type PhaseView, type Standing } from "../../electron/core/campaign-view.ts";
import type { HomeState } from "../../electron/core/home.ts";
import { statusOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { addressOf } from "../route.ts";
import { useCall } from "../use-call.ts";
import { useSession, useView, useWords, type Words } from "../use-session.ts";
import { Confirm } from "./confirm.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";
import { Criterion } from "./verdict.tsx";

const SHAPES: Readonly<Record<Standing, string>> = {
  waiting: "○",
  held: "!",
  "under-way": "◐",
  paused: "◐",
  done: "✓",
  stopped: "–",
  skipped: "–",
  gone: "–",
  unseen: "?",
};

/** Quick test, gate, full night, gate, Ollama: what is done, what is next, and where a gate holds, why and what to do about it. */
export function Campaign({ run, home }: { readonly run: RunState; readonly home: HomeState }) {
  const { say } = useWords();
  const phases = campaignOf(run, home);
  if (!phases) return null;
  const next = nextPhase(phases);
  return (
    <section className="card campaign-card" aria-labelledby="campaign-title">
      <h2 id="campaign-title">{say("campaign.title")}</h2>
      <ol className="campaign">
        {phases.map((phase) => (
          <Phase key={phase.name} phase={phase} run={run} isNext={phase === next} />
        ))}
      </ol>
      <Held run={run} />
    </section>
  );
}

function Phase({ phase, run, isNext }: { readonly phase: PhaseView; readonly run: RunState; readonly isNext: boolean }) {
  const words = useWords();
  const { say } = words;
  const { choose } = useSession();
  const { name, label, state, gate } = phase;
  const elsewhere = name !== "deploy" && phase.run !== null && phase.run !== run.id ? phase.run : null;
  const show = (id: string) => {
    choose(id);
    location.hash = addressOf("run");
  };
  return (
    <>
      <li data-phase={name} data-state={state} aria-current={isNext ? "step" : undefined}>
        <span className="phase-name">
          <span className="shape" aria-hidden="true">
            {SHAPES[state]}
          </span>
          {say(`campaign.${name}`)}
        </span>
        {label !== "" && <Shown text={label} />}
        <span className="soft">{detailOf(phase, run, words)}</span>
        {elsewhere !== null && (
          <button type="button" className="quiet" data-do="show-run" onClick={() => show(elsewhere)}>
            {say("campaign.show")}
          </button>
        )}
      </li>
      {gate && <Gate gate={gate} of={name} />}
    </>
  );
}

function Gate({ gate: { reached, decision, against }, of }: { readonly gate: GateView; readonly of: string }) {
  const { say } = useWords();
  const stands = decision ?? (reached ? "unseen" : "waiting");
  return (
    <li className="gate" data-gate={of} data-decision={stands}>
      <span className="phase-name">{say("campaign.gate")}</span>
      {decision === null ? <span className="soft">{say(reached ? "campaign.state.unseen" : "campaign.gate-open")}</span> : <b>{say(`verdict.${decision}`)}</b>}
      {against && <span className="soft">{say("campaign.against")}</span>}
    </li>
  );
}

function detailOf({ name, run: id, state, window }: PhaseView, run: RunState, { say }: Words): string {
  // The run on screen can say more of itself than a list does.
  const own = name !== "deploy" && id === run.id && (state === "under-way" || state === "paused");
  const stands = own ? say(`status.${statusOf(run)}`) : say(`campaign.state.${state}`);
  if (window === null || (state !== "waiting" && state !== "under-way")) return stands;
  return `${stands} · ${say("campaign.window", { from: window.from, to: window.to })}`;
}

/** Where the gate of the run on screen holds: the lines that keep it shut, another try, and a person's own word. */
function Held({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { say } = words;
  const holds = holdsOf(run);
  const { judged } = run;
  if (holds === null || judged === null || judged.decision === "go") return null;
  const shut = judged.lines.filter(({ passed }) => passed !== true);
  const values = { follows: run.next?.name ?? run.deployAs ?? "" };
  return (
    <div className="held" data-holds={holds}>
      <p className={`decision decision-${judged.decision}`}>
        <b>{say(`verdict.${judged.decision}`)}</b> <Shown text={say(`campaign.held.${holds}`, values)} />
      </p>
      <ul className="criteria">
        {shut.map((line) => (
          <Criterion key={line.criterion} line={line} run={run} />
        ))}
      </ul>
      <p className="soft">
        {say("campaign.rest", { count: words.format.integer(judged.lines.length - shut.length), all: words.format.integer(judged.lines.length) })}
      </p>
      <TryAgain run={run} />
      {holds === "test" && <GoOn run={run} />}
    </div>
  );
}

/** A button for each lever that goes by itself; the first is the one proposed. */
function TryAgain({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const { choose } = useSession();
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const levers = leversOf(run);
  // A night that begins in the morning would keep the computer hot all day.
  const tonight = run.kind === "full";
  if (run.ended === null) return <p className="soft">{say("campaign.again-later")}</p>;
  const again = async (lever: (typeof levers)[number]) => {
    const started = await call("run-again", { run: run.id, lever, tonight });
    if (!started) return;
    choose(started.reply.run);
    location.hash = addressOf(tonight ? "tonight" : "run");
  };
  return (
    <>
      {levers.length > 0 && (
        <fieldset className="try-again" disabled={busy || !online} aria-busy={busy}>
          <legend>{say(tonight ? "campaign.again-tonight" : "campaign.again")}</legend>
          <div className="buttons">
            {levers.map((lever, place) => (
              <button key={lever} type="button" className={place === 0 ? "primary" : ""} data-lever={lever} onClick={() => void again(lever)}>
                {say(lever === "more-data" ? "campaign.lever.more-data" : `verdict.lever.${lever}`)}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}

/** What `thortime go` does: asked in place first, written down, and shown with the night that follows. */
function GoOn({ run }: { readonly run: RunState }) {
  const { say } = useWords();
  const [asking, setAsking] = useState(false);
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const go = async () => {
    setAsking(false);
    await call("run-go", { run: run.id });
  };
  if (asking)
    return (
      <Confirm
        name="go"
        question={say("campaign.go-ask", { follows: run.next?.name ?? "" })}
        yes={say("campaign.go-yes")}
        no={say("night.do-cancel")}
        onYes={() => void go()}
        onNo={() => setAsking(false)}
      />
    );
  return (
    <>
      <div className="buttons">
        <button type="button" data-do="go" disabled={busy || !online} aria-busy={busy} onClick={() => setAsking(true)}>
          {say("campaign.go")}
        </button>
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
    </>
  );
}
