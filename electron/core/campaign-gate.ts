/** The gate between two phases of a campaign, from the journal alone. */
import type { RunState } from "./state.ts";
import type { Decision } from "./verdict/judgement.ts";

/** The gate is open and what follows has not begun: a GO, or a person who has seen the verdict. */
export function beginsNext({ next, nextRun, judged, wentAhead }: RunState): Decision | null {
  if (next === null || nextRun !== null || judged === null) return null;
  return judged.decision === "go" || wentAhead ? judged.decision : null;
}

/** The gate has spoken and keeps what follows from beginning, until a person says otherwise. */
export function isHeldAtGate({ next, nextRun, judged, wentAhead }: RunState): boolean {
  return next !== null && nextRun === null && judged !== null && judged.decision !== "go" && !wentAhead;
}
