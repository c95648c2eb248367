/** "Fit to 06:00", made: the plan of a run whose training has not begun becomes shorter. */
import type { Args } from "../core/api.ts";
import { cutOf, whyNotCut } from "../core/evening/cut.ts";
import { FaultError } from "../core/faults.ts";
import type { Run } from "./run.ts";

/** The line first, then run.json: a kill between the two is mended before the next process is started. */
export function cutRun(run: Run, { cuts }: Args<"run-cut">): null {
  const refusal = whyNotCut(run.state) ?? (run.busy ? BUSY : null);
  const { prepared } = run.state;
  if (refusal || !prepared) throw new FaultError(refusal ?? BUSY);
  run.append({ type: "plan-cut", ...cutOf(cuts, run.plan, prepared) });
  run.followCut();
  return null;
}

const BUSY = { kind: "run.busy", message: "Its next process is being started.", next: "Try again in a few seconds." };
