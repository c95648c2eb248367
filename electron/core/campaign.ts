/**
 * A campaign: quick test → gate → full night → gate → deploy. What follows the test stands frozen in the test's own plan (`next`), so that a gate
 * needs nothing but the journal to let it begin, and the run that follows has one id that is known before it is made.
 */
import type { Args } from "./api.ts";
import type { Window } from "./evening/window.ts";
import { changeLimits, changeTraining, makePlan, type PlanContext } from "./make-plan.ts";
import { parseName, runId } from "./names.ts";
import type { RunPlan } from "./plan.ts";
import type { Decision } from "./verdict/judgement.ts";
import { LIMITS } from "./verdict/limits.ts";

/** Where no window says how long a night is: the 6 to 8 hours that are planned for (docs/product.md). */
export const NIGHT_HOURS = 8;

export interface CampaignNames {
  readonly test: string;
  readonly full: string;
}

/** `jessy` becomes jessy-test-v1 and jessy-maximum-v1, or the first number that no run of the home has. */
export function campaignNames(name: string, taken: ReadonlySet<string>): CampaignNames {
  for (let version = 1; ; version += 1) {
    const names = { test: `${name}-test-v${version}`, full: `${name}-maximum-v${version}` };
    if (taken.has(names.test) || taken.has(names.full)) continue;
    parseName(names.test);
    parseName(names.full);
    return names;
  }
}

export interface CampaignContext extends PlanContext {
  readonly names: CampaignNames;
  /** The window the night has to work in, and its hours; null: at once. */
  readonly window: Window | null;
}

/** The plan of the quick test, with what its GO lets begin. */
export function campaignPlan(asked: Args<"campaign-start">, context: CampaignContext): RunPlan {
  const { testSettings, testLimits, fullSettings, fullLimits, settings, limits, deployAs, name, rows, tonight: _tonight, ...common } = asked;
  const { names, window } = context;
  const planOf = (kind: "quick" | "full", own: string, as: string | null, sample: number | null) =>
    makePlan({ ...common, kind, name: own, deployAs: as, rows: sample, steps: null, settings: {}, limits: {}, tonight: false }, context);
  const test = planOf("quick", names.test, null, rows);
  const full = planOf("full", names.full, deployAs, null);
  const night = { ...LIMITS.full, hoursBelow: window ? hoursOf(window) : NIGHT_HOURS };
  return {
    ...test,
    campaign: `${parseName(name)}${names.test.slice(names.test.lastIndexOf("-"))}`,
    training: changeTraining(changeTraining(test.training, settings), testSettings),
    limits: changeLimits(changeLimits(LIMITS.quick, limits), testLimits),
    next: {
      name: full.name,
      kind: "full",
      rows: null,
      training: changeTraining(changeTraining(full.training, settings), fullSettings),
      limits: changeLimits(changeLimits(night, limits), fullLimits),
      deploy: full.deploy,
      window,
    },
  };
}

function hoursOf({ from, to }: Window): number {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const length = minutes(to) - minutes(from);
  return (length > 0 ? length : length + 24 * 60) / 60;
}

/** The one run that may follow: asked again after a kill, it is the same. Null where none does. */
export function nextId(plan: RunPlan): string | null {
  if (plan.next === null) return null;
  return runId(plan.next.name, plan.createdAt, () => Number.parseInt(plan.id.slice(-4), 16) / 0x10000);
}

/** The plan of the run that follows. `verdict`: what the gate had said when it was let through. */
export function nextPlan(plan: RunPlan, verdict: Decision, now: number): RunPlan | null {
  const [id, { next }] = [nextId(plan), plan];
  if (id === null || next === null) return null;
  return {
    ...plan,
    id,
    name: next.name,
    kind: next.kind,
    parent: null,
    from: { run: plan.id, why: "gate", lever: null, verdict },
    createdAt: now,
    data: { ...plan.data, rows: next.rows },
    training: next.training,
    limits: next.limits,
    deploy: next.deploy,
    next: null,
  };
}
