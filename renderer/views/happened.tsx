import { useMemo, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { tell } from "../../electron/core/words/happenings.ts";
import { useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

const FIRST_SHOWN = 8;

export function Happened({ run }: { readonly run: RunState }) {
  const words = useWords();
  const { say, format } = words;
  const [all, setAll] = useState(false);
  const told = useMemo(() => tell(run.happenings, words), [run.happenings, words]);
  const shown = all ? told : told.slice(0, FIRST_SHOWN);
  return (
    <section className="card happened" aria-labelledby="happened-title">
      <h2 id="happened-title">{say("happened.title")}</h2>
      {run.damages > 0 && <p className="damages">{say("happened.damages", { count: format.integer(run.damages) })}</p>}
      {told.length === 0 && <p className="soft">{say("happened.empty")}</p>}
      <ol>
        {shown.map((line) => (
          <li key={line.key} data-tone={line.tone}>
            <time dateTime={new Date(line.at).toISOString()} className="soft">
              {format.clock(line.at)}
            </time>
            <p>
              <Shown text={line.text} /> {line.detail && <Detail text={line.detail} />}
            </p>
          </li>
        ))}
      </ol>
      {told.length > FIRST_SHOWN && (
        <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? say("happened.fewer") : say("happened.all", { count: format.integer(told.length) })}
        </button>
      )}
    </section>
  );
}

function Detail({ text }: { readonly text: string }) {
  return (
    <span className="soft detail">
      <Shown text={text} />
    </span>
  );
}
