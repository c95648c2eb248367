import { GROUPS, type Group, groupStatus, phaseProgress, progressOf } from "../../electron/core/selectors.ts";
import type { PhaseStatus, RunState } from "../../electron/core/state.ts";
import { useWords, type Words } from "../use-session.ts";
import { Shown } from "./shown.tsx";

const SHAPES: Readonly<Record<PhaseStatus, string>> = { waiting: "○", running: "◐", done: "✓", skipped: "–", failed: "!" };

export function Phases({ run }: { readonly run: RunState }) {
  const words = useWords();
  const groups = Object.keys(GROUPS) as Group[];
  return (
    <ol className="phases card" aria-label={words.say("group.strip")}>
      {groups.map((group) => {
        const status = groupStatus(run, group);
        return (
          <li key={group} data-status={status} aria-current={status === "running" ? "step" : undefined}>
            <span className="phase-name">
              <span className="shape" aria-hidden="true">
                {SHAPES[status]}
              </span>
              {words.say(`group.${group}`)}
            </span>
            <span className="phase-detail soft">
              <Shown text={detailOf(run, group, status, words)} />
            </span>
            <Bar run={run} group={group} />
          </li>
        );
      })}
    </ol>
  );
}

function Bar({ run, group }: { readonly run: RunState; readonly group: Group }) {
  const { say } = useWords();
  const running = GROUPS[group].find((phase) => run.phases[phase].status === "running");
  const share = running ? phaseProgress(run, running) : null;
  return running && share !== null ? <progress max={1} value={share} aria-label={say(`phase.name.${running}`)} /> : null;
}

function detailOf(run: RunState, group: Group, status: PhaseStatus, words: Words): string {
  const { say, format } = words;
  if (status === "failed" || status === "waiting" || status === "skipped") return say(`phase.${status}`);
  const running = GROUPS[group].find((phase) => run.phases[phase].status === "running");
  if (running && running !== "train" && running !== "after") return say(`headline.${running}`);
  const share = progressOf(run);
  switch (group) {
    case "prepare":
      return rowsOf(run, words) ?? say(`phase.${status}`);
    case "train":
      return share === null ? say(`phase.${status}`) : format.percent(share);
    case "compare":
      return say("phase.answers", { count: format.integer(run.answers.filter((answer) => answer.after !== null).length) });
    case "deploy":
      return run.deployed?.name ?? run.gguf?.quantization ?? say(`phase.${status}`);
  }
}

function rowsOf({ prepared }: RunState, { say, format }: Words): string | null {
  if (!prepared) return null;
  const rows = format.integer(prepared.rows);
  return prepared.droppedRows > 0 ? say("phase.rows-dropped", { rows, dropped: format.integer(prepared.droppedRows) }) : say("phase.rows", { rows });
}
