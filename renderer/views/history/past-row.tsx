import { useRef, useState } from "react";
import { addressOf } from "../../route.ts";
import type { PastRun } from "../../use-history.ts";
import { useSession, useView, useWords } from "../../use-session.ts";
import { Shown } from "../shown.tsx";
import { Again } from "./again.tsx";
import { DeleteRun } from "./delete-run.tsx";
import { SaveRun } from "./save-run.tsx";

const SHAPES = { open: "◐", finished: "✓", stopped: "■" } as const;
type Doing = "choose" | "again" | "save" | "delete";

interface RowProps {
  readonly past: PastRun;
  readonly chosen: boolean;
  /** Two others are chosen. */
  readonly full: boolean;
  readonly onChoose: (yes: boolean) => void;
  readonly onDone: (text: string) => void;
}

/** One run: chosen for comparison on the left, what it came to, and behind one button what can be done with it. */
export function PastRow({ past, chosen, full, onChoose, onDone }: RowProps) {
  const { say, format } = useWords();
  const [doing, setDoing] = useState<Doing | null>(null);
  const what = useRef<HTMLButtonElement>(null);
  const { run, name, outcome } = past;
  const which = { run: name, day: format.day(past.at) };
  // Who leaves a panel stands where they came from.
  const back = () => {
    setDoing("choose");
    what.current?.focus();
  };
  return (
    <li className="past" data-past={run} data-outcome={outcome ?? "open"}>
      <input
        type="checkbox"
        aria-label={say("history.choose", which)}
        checked={chosen}
        disabled={full && !chosen}
        onChange={(event) => onChoose(event.target.checked)}
      />
      <div className="past-words">
        <p className="past-head">
          <b>
            <Shown text={name} />
          </b>
          <span className="past-outcome">
            <span aria-hidden="true">{SHAPES[outcome ?? "open"]}</span> {say(`runs.${outcome ?? "open"}`)}
          </span>
          <Verdict past={past} />
        </p>
        <Facts past={past} />
      </div>
      <button
        ref={what}
        type="button"
        data-do="what"
        aria-expanded={doing !== null}
        aria-label={say("history.what-run", which)}
        onClick={() => setDoing(doing === null ? "choose" : null)}
      >
        {say("history.what")}
      </button>
      {doing === "choose" && <Deeds past={past} onDo={setDoing} />}
      {doing === "again" && <Again run={run} onClose={back} />}
      {doing === "save" && <SaveRun run={run} name={name} onClose={back} />}
      {doing === "delete" && <DeleteRun run={run} name={name} onDone={onDone} onClose={back} />}
    </li>
  );
}

/** A run that has not ended can be looked at and made anew; it is neither carried away nor deleted. */
function Deeds({ past: { run, outcome }, onDo }: { readonly past: PastRun; readonly onDo: (doing: Doing) => void }) {
  const { say } = useWords();
  const { choose } = useSession();
  const online = useView((view) => view.link === "online");
  const open = () => {
    choose(run);
    location.hash = addressOf("run");
  };
  return (
    <div className="past-doing buttons">
      <button type="button" data-do="open" onClick={open}>
        {say("history.open")}
      </button>
      <button type="button" data-do="again" disabled={!online} onClick={() => onDo("again")}>
        {say("history.again")}
      </button>
      {outcome !== null && (
        <>
          <button type="button" data-do="save-run" disabled={!online} onClick={() => onDo("save")}>
            {say("history.save")}
          </button>
          <button type="button" data-do="delete" disabled={!online} onClick={() => onDo("delete")}>
            {say("history.delete")}
          </button>
        </>
      )}
    </div>
  );
}

function Verdict({ past: { row } }: { readonly past: PastRun }) {
  const { say } = useWords();
  if (!row) return null;
  if (row.verdict === null) return <span className="soft">{say("history.no-verdict")}</span>;
  return (
    <b className={`word-${row.verdict}`} data-verdict={row.verdict}>
      {say(`verdict.${row.verdict}`)}
    </b>
  );
}

/** Day and kind, then figures that are known; what is not known of a run is left out, not shown as 0. */
function Facts({ past: { at, kind, row } }: { readonly past: PastRun }) {
  const { say, format } = useWords();
  const facts = [format.day(at), say(`kind.${kind}`)];
  if (row && row.totalSteps > 0) facts.push(say("history.steps", { done: format.integer(row.steps), total: format.integer(row.totalSteps) }));
  if (row?.lastLoss != null) facts.push(say("history.loss", { first: format.loss(row.firstLoss), last: format.loss(row.lastLoss) }));
  if (row?.heldOutAfter != null) facts.push(say("history.held-out", { before: format.loss(row.heldOutBefore), after: format.loss(row.heldOutAfter) }));
  if (row && row.trainSeconds > 0) facts.push(say("history.trained", { time: format.seconds(row.trainSeconds) }));
  if (row?.deployedAs != null) facts.push(say("history.in-ollama", { name: row.deployedAs }));
  return (
    <p className="past-facts soft">
      {facts.map((fact) => (
        <span key={fact}>
          <Shown text={fact} />
        </span>
      ))}
    </p>
  );
}
