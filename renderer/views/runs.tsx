import type { HomeState, RunEntry } from "../../electron/core/home.ts";
import { addressOf } from "../route.ts";
import { useSession, useWords } from "../use-session.ts";
import { Shown } from "./shown.tsx";

/** The older ones stand in the history. */
const LISTED = 12;
const SHAPES = { open: "◐", finished: "✓", stopped: "■" } as const;

/** The newest runs of the home, to choose which one is shown. */
export function Runs({ home, runId }: { readonly home: HomeState; readonly runId: string | null }) {
  const { say, format } = useWords();
  const listed = home.runs.slice(-LISTED).reverse();
  return (
    <nav className="runs" aria-labelledby="runs-title">
      <h2 id="runs-title">{say("runs.title")}</h2>
      <ul>
        {listed.map((run) => (
          <li key={run.id}>
            <RunButton run={run} current={run.id === runId} />
          </li>
        ))}
      </ul>
      {home.runs.length > LISTED && (
        <a className="soft" href={addressOf("history")}>
          {say("runs.all", { count: format.integer(home.runs.length) })}
        </a>
      )}
    </nav>
  );
}

function RunButton({ run, current }: { readonly run: RunEntry; readonly current: boolean }) {
  const { say, format } = useWords();
  const { choose } = useSession();
  const outcome = run.outcome ?? "open";
  return (
    <button type="button" aria-current={current ? "true" : undefined} data-run={run.id} data-outcome={outcome} onClick={() => choose(run.id)}>
      <span className="shape" aria-hidden="true">
        {SHAPES[outcome]}
      </span>
      <span className="run-words">
        <span className="run-title">
          <Shown text={run.name} />
        </span>
        <span className="soft">
          {format.day(run.addedAt)} · {say(`runs.${outcome}`)}
        </span>
      </span>
    </button>
  );
}
