/** The one thing to do now, by how the run stands: what a morning report says second, right after the verdict. */
import { isHeldAtGate } from "../campaign-gate.ts";
import { newestCheckpoint, statusOf } from "../selectors.ts";
import type { RunState } from "../state.ts";

/** Sentences are `report.next.NAME` in the catalogues. */
export const NEXT_STEPS = [
  "wait",
  "child",
  "fault",
  "go-on",
  "continue",
  "begin-again",
  "use",
  "deploy",
  "start-ollama",
  "compare-deployed",
  "decide",
  "decide-deployed",
  "follows",
  "held",
  "improve",
  "improve-deployed",
] as const;
export type NextName = (typeof NEXT_STEPS)[number];

export interface NextStep {
  readonly name: NextName;
  /** What to type; null where there is nothing to type. */
  readonly command: string | null;
  readonly values: Readonly<Record<string, string>>;
}

const step = (name: NextName, command: string | null = null, values: NextStep["values"] = {}): NextStep => ({ name, command, values });

export function nextStep(state: RunState): NextStep {
  if (state.child) return step("child", `thortime report ${state.child}`, { child: state.child });
  const newest = newestCheckpoint(state);
  switch (statusOf(state)) {
    case "needs-you":
      return step("fault", state.space?.waiting || state.stalled ? null : `thortime resume ${state.id}`);
    case "paused":
      return step("go-on", `thortime resume ${state.id}`, { step: String(newest?.step ?? 0) });
    case "stopped":
      return newest ? step("continue", `thortime resume ${state.id}`, { step: String(newest.step) }) : step("begin-again");
    case "finished":
      return betweenPhases(state) ?? afterTheEnd(state);
    default:
      return step("wait", `thortime status ${state.id} --follow`);
  }
}

/** What a campaign's gate came to; null where nothing follows the run. */
function betweenPhases(state: RunState): NextStep | null {
  const { next, nextRun, id } = state;
  if (next === null) return null;
  if (nextRun !== null) return step("follows", `thortime status ${nextRun} --follow`, { follows: next.name });
  return isHeldAtGate(state) ? step("held", `thortime again ${id}`, { follows: next.name, go: `thortime go ${id}` }) : null;
}

function afterTheEnd(state: RunState): NextStep {
  const { judged, deployed, id } = state;
  const name = deployed?.name ?? null;
  switch (judged?.decision ?? null) {
    case "go":
      if (name !== null) return step("use", `ollama run ${name}`, { name });
      return state.gguf === null && state.phases.export.status === "skipped"
        ? step("start-ollama", `thortime deploy ${id}`)
        : step("deploy", `thortime deploy ${id}`);
    case "no-go":
      return name === null ? step("improve") : step("improve-deployed", null, { name });
    case "your-call":
      return name === null ? step("decide", `thortime deploy ${id}`) : step("decide-deployed", `ollama run ${name}`, { name });
    case null:
      return name === null ? step("decide", `thortime deploy ${id}`) : step("compare-deployed", `ollama run ${name}`, { name });
  }
}
