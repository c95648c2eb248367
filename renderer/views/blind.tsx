import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type Against, blindAgainst, blindPairs, blindResult, type Choice, nextPair, type Pair } from "../../electron/core/blind.ts";
import type { RunState } from "../../electron/core/state.ts";
import { blindText } from "../../electron/core/words/lines.ts";
import type { Key } from "../text.ts";
import { useCall } from "../use-call.ts";
import { useView, useWords } from "../use-session.ts";
import { FaultLine } from "./fault-line.tsx";
import { Shown } from "./shown.tsx";

const CHOICES: readonly { readonly key: string; readonly choice: Choice; readonly label: Key }[] = [
  { key: "1", choice: "first", label: "blind.first" },
  { key: "2", choice: "second", label: "blind.second" },
  { key: "3", choice: "same", label: "blind.same" },
  { key: "4", choice: "neither", label: "blind.neither" },
];

/** Two answers without names; what was picked stands in the journal, so it goes on where it was left. Whose they were is said at the end. */
export function Blind({ run }: { readonly run: RunState }) {
  const { say, format } = useWords();
  const [open, setOpen] = useState(false);
  const against = blindAgainst(run);
  const pairs = blindPairs(run, against);
  if (pairs.length === 0) return null;
  const pair = nextPair(pairs, run.picks, against);
  const done = pairs.length - blindResult(run, against).left;
  return (
    <section className="card blind" aria-labelledby="blind-title">
      <div className="card-head">
        <h2 id="blind-title">{say("blind.title")}</h2>
        <p className="soft">{say("blind.progress", { done: format.integer(done), total: format.integer(pairs.length) })}</p>
      </div>
      {pair === null ? (
        <Result run={run} against={against} pairs={pairs} />
      ) : open ? (
        <Picking run={run} against={against} pair={pair} onLater={() => setOpen(false)} />
      ) : (
        <>
          <p className="soft">{say("blind.about")}</p>
          <button type="button" data-do="blind" onClick={() => setOpen(true)}>
            {say(done > 0 ? "blind.go-on" : "blind.begin")}
          </button>
        </>
      )}
    </section>
  );
}

interface PickingProps {
  readonly run: RunState;
  readonly against: Against;
  readonly pair: Pair;
  readonly onLater: () => void;
}

function Picking({ run, against, pair, onLater }: PickingProps) {
  const { say } = useWords();
  const reachable = useView((view) => view.link === "online");
  const { busy, fault, call, dismiss } = useCall();
  const place = useRef<HTMLDivElement>(null);
  // The keys work at once, and a new pair is read from its question on.
  useEffect(() => {
    if (pair.prompt !== "") place.current?.focus({ preventScroll: true });
  }, [pair.prompt]);
  const pick = (choice: Choice) => void call("blind-pick", { run: run.id, prompt: pair.prompt, against, choice });
  const press = (event: KeyboardEvent) => {
    const found = CHOICES.find(({ key }) => key === event.key);
    if (!found || event.ctrlKey || event.metaKey || event.altKey || busy || !reachable) return;
    event.preventDefault();
    pick(found.choice);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot take the focus
    <div className="picking" role="group" aria-label={say("blind.pair")} ref={place} tabIndex={-1} onKeyDown={press} data-pair={pair.prompt}>
      <p className="question">
        <Shown text={pair.text} />
      </p>
      <div className="replies">
        <Side number="1" text={pair.first} />
        <Side number="2" text={pair.second} />
      </div>
      <FaultLine fault={fault} onClose={dismiss} />
      <div className="buttons">
        {CHOICES.map(({ key, choice, label }) => (
          <button key={key} type="button" data-choice={choice} disabled={busy || !reachable} onClick={() => pick(choice)}>
            <kbd>{key}</kbd> {say(label)}
          </button>
        ))}
        <button type="button" className="quiet" data-do="later" onClick={onLater}>
          {say("blind.later")}
        </button>
      </div>
    </div>
  );
}

function Side({ number, text }: { readonly number: string; readonly text: string }) {
  const { say } = useWords();
  return (
    <article>
      <h3>{number}</h3>
      <blockquote>{text.trim() === "" ? <span className="none">{say("answers.nothing")}</span> : <Shown text={text} />}</blockquote>
    </article>
  );
}

function Result({ run, against, pairs }: { readonly run: RunState; readonly against: Against; readonly pairs: readonly Pair[] }) {
  const { say, format } = useWords();
  const { same, neither } = blindResult(run, against);
  return (
    <>
      <p data-blind-result>
        <b>
          <BlindLine run={run} />
        </b>
      </p>
      <p className="soft">{say("blind.rest", { same: format.integer(same), neither: format.integer(neither) })}</p>
      <details>
        <summary>{say("blind.reveal")}</summary>
        <ul className="revealed">
          {pairs.map((pair) => {
            const pick = run.picks.find((one) => one.prompt === pair.prompt && one.against === against)?.pick;
            return (
              <li key={pair.prompt}>
                <Shown text={pair.text} />
                <span className="soft">
                  {" "}
                  {say("blind.was", { number: pair.newIs === "first" ? "1" : "2" })} {pick && say(`blind.pick.${pick}`)}
                </span>
              </li>
            );
          })}
        </ul>
      </details>
    </>
  );
}

/** "You preferred the new one in 14 of 18 (55–91 %)." */
export function BlindLine({ run }: { readonly run: RunState }) {
  const words = useWords();
  return blindText(blindResult(run, blindAgainst(run)), words);
}
