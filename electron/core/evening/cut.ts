/** A cut that fits a plan to its night, made in the plan of a run whose training has not begun: what it changes, and what it must not. */
import type { EventOf } from "../events.ts";
import { type Fault, FaultError } from "../faults.ts";
import type { RunPlan } from "../plan.ts";
import type { RunState } from "../state.ts";
import type { Cut } from "./fit.ts";

/** Values of the plan; null: as it was. */
export type PlanCut = Pick<EventOf<"plan-cut">, "epochs" | "rows" | "evalSteps">;

/** Before and after are what the verdict needs. */
const LEAST_EVALUATIONS = 2;

/** Null: it may be cut. Once training has begun its losses and its schedule hang on the plan. */
export function whyNotCut(state: RunState): Fault | null {
  const { id, name, prepared, process, phases, step } = state;
  if (state.ended) return { kind: "run.ended", message: `${name} has ended.`, next: "See the runs with: thortime history." };
  if (step !== null || phases.train.status !== "waiting")
    return {
      kind: "run.begun",
      message: `${name} has begun its training; its plan stands.`,
      next: `Let it go on in a second night with: thortime schedule ${id} --continue, or stop it and start a shorter one.`,
    };
  if (process)
    return { kind: "run.busy", message: `${name} is working on what comes before training.`, next: `Pause it first with: thortime pause ${id}, then cut.` };
  if (prepared === null)
    return { kind: "run.unprepared", message: `The rows of ${name} are not prepared, so nobody knows what to cut.`, next: "Try again once they are." };
  return null;
}

/** The asked cuts as values of the plan. Throws a fault for what is no cut of this plan. */
export function cutOf(cuts: readonly Cut[], plan: RunPlan, prepared: EventOf<"prepared">): PlanCut {
  const evaluations = evaluationsOf(plan, prepared);
  const now = { epochs: prepared.epochs, rows: prepared.rows, evaluations };
  const least = { epochs: 1, rows: 1, evaluations: LEAST_EVALUATIONS };
  for (const { cut, to } of cuts) {
    if (to >= least[cut] && to < now[cut]) continue;
    const message = `${cut} cannot be cut to ${to}: the plan has ${Math.round(now[cut])}, and ${least[cut]} is the least.`;
    throw new FaultError({ kind: "usage.cut", message, next: "See what would be enough with: thortime preflight." });
  }
  const to = (kind: Cut["cut"]) => cuts.find((one) => one.cut === kind)?.to ?? null;
  const [epochs, rows] = [to("epochs"), to("rows")];
  const isCounted = plan.training.max_steps > 0;
  return {
    // Where the plan counts steps, fewer rows would be met more often: it counts epochs from now on.
    epochs: epochs ?? (rows !== null && isCounted ? prepared.epochs : null),
    rows,
    evalSteps: to("evaluations") === null ? null : evalSteps(to("evaluations") ?? 0, stepsAfter(cuts, prepared)),
  };
}

/** Steps between evaluations: one before the first step, the others at equal distances. */
export function evalSteps(evaluations: number, steps: number): number {
  return Math.max(1, Math.ceil(steps / Math.max(1, evaluations - 1)));
}

export function evaluationsOf({ training }: RunPlan, { heldOutRows, steps }: EventOf<"prepared">): number {
  return heldOutRows === 0 ? 0 : 1 + Math.ceil(steps / training.eval_steps);
}

function stepsAfter(cuts: readonly Cut[], { rows, epochs, stepsPerEpoch }: EventOf<"prepared">): number {
  const left = (kind: "epochs" | "rows", now: number) => (cuts.find((one) => one.cut === kind)?.to ?? now) / now;
  return Math.max(1, Math.ceil(stepsPerEpoch * epochs * left("epochs", epochs) * left("rows", rows)));
}

/** Done already changes nothing: a kill between the journal's line and run.json is mended by doing it again. */
export function cutPlan(plan: RunPlan, { epochs, rows, evalSteps: every }: PlanCut): RunPlan {
  const training = {
    ...plan.training,
    ...(epochs === null ? {} : { num_train_epochs: epochs, max_steps: -1 }),
    ...(every === null ? {} : { eval_steps: every }),
  };
  return { ...plan, training, data: rows === null ? plan.data : { ...plan.data, rows } };
}

/** Cuts made one after the other; the newest of each kind counts. */
export function addCut(before: PlanCut | null, { epochs, rows, evalSteps: every }: PlanCut): PlanCut {
  return { epochs: epochs ?? before?.epochs ?? null, rows: rows ?? before?.rows ?? null, evalSteps: every ?? before?.evalSteps ?? null };
}
