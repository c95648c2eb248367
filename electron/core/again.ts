/** A new run from an old one's plan: the same in everything that is not said. */
import type { Args } from "./api.ts";
import { pullLever, pullTraining, suggestedLever } from "./levers.ts";
import { changeLimits, changeTraining } from "./make-plan.ts";
import { parseName, runId } from "./names.ts";
import type { RunPlan } from "./plan.ts";
import type { Judgement, Lever } from "./verdict/judgement.ts";
import { LIMITS } from "./verdict/limits.ts";

export interface Again {
  readonly now: number;
  random(): number;
  readonly judged: Pick<Judgement, "levers" | "decision"> | null;
}

/** Throws `usage.lever`, `usage.setting`, `usage.limit` or `name.invalid`: nothing is made of a wish that cannot be met. */
export function againPlan(plan: RunPlan, asked: Args<"run-again">, { now, random, judged }: Again): RunPlan {
  const lever = leverOf(asked.lever, judged);
  const pulled = lever === null ? plan : pullLever(plan, { lever, value: asked.value });
  const name = asked.name === null ? plan.name : parseName(asked.name);
  return {
    ...pulled,
    id: runId(name, now, random),
    name,
    parent: null,
    from: { run: plan.id, why: "again", lever, verdict: judged?.decision ?? null },
    createdAt: now,
    training: changeTraining(pulled.training, asked.settings),
    limits: changeLimits(plan.limits ?? LIMITS[plan.kind], asked.limits),
    next: nextOf(plan, asked, lever),
    // A run of another name would take the name in Ollama away from the first.
    deploy: asked.name === null ? plan.deploy : { ...plan.deploy, as: name },
  };
}

/** A test tried again is to say something about the night that follows it: what is changed is changed there too. Its limits are its own. */
function nextOf({ next }: RunPlan, { value, settings }: Args<"run-again">, lever: Lever | null): RunPlan["next"] {
  if (next === null) return null;
  const training = lever === null || lever === "other-base" || lever === "more-data" ? next.training : pullTraining(next.training, lever, value);
  return { ...next, training: changeTraining(training, settings) };
}

function leverOf(asked: Args<"run-again">["lever"], judged: Again["judged"]): Lever | null {
  if (asked === "suggested") return suggestedLever(judged);
  return asked === "none" ? null : asked;
}
