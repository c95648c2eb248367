import { useState } from "react";
import type { VersionRow } from "../../electron/core/api.ts";
import type { HomeState } from "../../electron/core/home.ts";
import { offersOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { useNow, useView, useWords } from "../use-session.ts";
import { useVersions, type Versions } from "../use-versions.ts";
import { Loading } from "./conditions.tsx";
import { FaultLine } from "./fault-line.tsx";
import { Ready } from "./ready.tsx";
import { Said } from "./said.tsx";
import { Shown } from "./shown.tsx";
import { Version } from "./version.tsx";

/** What answers in Ollama, what is kept beside it, the way back, and what waits to be put there. */
export function Deploy({ home }: { readonly home: HomeState }) {
  const { say } = useWords();
  const run = useView((view) => view.run);
  const versions = useVersions(home);
  const [done, setDone] = useState<string | null>(null);
  const { list, fault, dismiss } = versions;
  const onDone = (text: string) => {
    setDone(text);
    versions.look();
  };
  return (
    <div className="deploy">
      <Head run={run} versions={versions} />
      <p role="status" className={done === null ? "unseen" : "done"}>
        {done !== null && <Shown text={done} />}
      </p>
      <FaultLine fault={fault} onClose={dismiss} />
      {list?.unasked && (
        <p className="bar" data-unasked>
          <Said text={list.unasked.message} /> <Said text={list.unasked.next} />
        </p>
      )}
      {run && offersOf(run).includes("deploy") && <Ready run={run} />}
      {list ? <Names rows={list.rows} asked={list.unasked === null} onDone={onDone} /> : !fault && <Loading text={say("deploy.looking")} />}
    </div>
  );
}

function Head({ run, versions: { list, looking, look } }: { readonly run: RunState | null; readonly versions: Versions }) {
  const { say } = useWords();
  const serving = list?.rows.filter((row) => row.serves) ?? [];
  const ready = run !== null && offersOf(run).includes("deploy");
  return (
    <section className={`hero-plain tone-${serving.length > 0 ? "good" : "calm"}`} aria-labelledby="deploy-title">
      <div className="hero-words">
        <h1 id="deploy-title">
          {serving.length > 0 ? <Shown text={say("deploy.serving", { names: serving.map((row) => row.name).join(", ") })} /> : say("deploy.title")}
        </h1>
        {list?.rows.length === 0 && <p className="soft">{say(ready ? "deploy.none-yet" : "deploy.none")}</p>}
      </div>
      <button type="button" data-do="look" disabled={looking} aria-busy={looking} onClick={look}>
        {say("tonight.look")}
      </button>
    </section>
  );
}

interface NamesProps {
  readonly rows: readonly VersionRow[];
  /** Ollama could be asked what stands in it. */
  readonly asked: boolean;
  readonly onDone: (text: string) => void;
}

/** A card for each name; what answers first. */
function Names({ rows, asked, onDone }: NamesProps) {
  const nowMs = useNow(60_000);
  const names = [...new Set(rows.map((row) => row.name))];
  return names.map((name, place) => (
    <section key={name} className="card" aria-labelledby={`version-${place}`} data-name={name}>
      <h2 id={`version-${place}`}>
        <Shown text={name} />
      </h2>
      <ul className="versions">
        {rows
          .filter((row) => row.name === name)
          .map((row) => (
            <Version key={`${row.digest} ${row.tag}`} row={row} asked={asked} nowMs={nowMs} onDone={onDone} />
          ))}
      </ul>
    </section>
  ));
}
