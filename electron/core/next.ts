/** What a run needs next: pure and level-triggered. The engine asks again after every event; nothing is remembered between. */

import { beginsNext } from "./campaign-gate.ts";
import { type Fault, PHASES, type Phase, type Verb } from "./events.ts";
import { assertNever } from "./faults.ts";
import { decideRestart, mayRetryGentler, type RestartDecision } from "./restart.ts";
import type { RunState } from "./state.ts";
import type { Decision } from "./verdict/judgement.ts";

export type Action =
  | { readonly do: "wait"; readonly why: "running" | "paused" | "needs-you" | "ended" | "back-off"; readonly untilMs?: number }
  | { readonly do: "spawn"; readonly phase: Phase; readonly verb: Verb; readonly stage?: "before" | "after" }
  | { readonly do: "export" }
  | { readonly do: "deploy" }
  | { readonly do: "await-space"; readonly phase: Phase }
  | { readonly do: "retry-gentler"; readonly fault: Fault }
  | { readonly do: "ask-baseline"; readonly name: string }
  | { readonly do: "judge" }
  /** The gate is open: the next phase of the campaign becomes a run. */
  | { readonly do: "begin-next"; readonly verdict: Decision }
  | { readonly do: "hold-deploy"; readonly verdict: Exclude<Decision, "go"> }
  | { readonly do: "finish-phase"; readonly phase: Phase }
  | { readonly do: "fail-phase"; readonly phase: Phase; readonly fault: Fault }
  | { readonly do: "end"; readonly outcome: "finished" | "stopped" };

/** `rungs`: how many the memory ladder has for this run's plan. */
export function nextAction(state: RunState, nowMs: number, rungs: number): Action {
  if (state.ended) return { do: "wait", why: "ended" };
  if (state.process) return { do: "wait", why: "running" };
  if (state.asked.stop) return { do: "end", outcome: "stopped" };
  if (state.asked.pause) return { do: "wait", why: "paused" };
  const verdict = beginsNext(state);
  if (verdict !== null) return { do: "begin-next", verdict };
  const phase = PHASES.find((name) => state.phases[name].status !== "done" && state.phases[name].status !== "skipped");
  if (!phase) return { do: "end", outcome: "finished" };
  return within(state, phase, nowMs, rungs);
}

function within(state: RunState, phase: Phase, nowMs: number, rungs: number): Action {
  const { status, fault } = state.phases[phase];
  if (status === "failed") return afterFailure(state, phase, fault);
  if (status === "running" && state.succeeded.includes(phase)) return { do: "finish-phase", phase };
  if (status === "running") {
    const decision = decideRestart(state, phase, nowMs, rungs);
    if (decision.do !== "start") return afterDecision(decision, phase);
  }
  if (AFTER_THE_GATE.includes(phase) && state.judged === null) return beforeTheGate(state);
  return phase === "deploy" && status === "waiting" ? throughTheGate(state) : start(phase);
}

/** The model in daily use is asked once; no verdict depends on it, so whatever kept it from answering holds nothing up. */
function beforeTheGate({ baseline }: RunState): Action {
  return baseline && baseline.asked === null ? { do: "ask-baseline", name: baseline.name } : { do: "judge" };
}

/** Only a GO, or a person who has seen the verdict, changes what answers in Ollama. A deployment begun is not called back. */
function throughTheGate({ judged, overruled }: RunState): Action {
  const verdict = judged?.decision ?? "your-call";
  return verdict === "go" || overruled ? start("deploy") : { do: "hold-deploy", verdict };
}

/** Training and both rounds of answers are what the gate judges; what it says stands before anything is made of them. */
const AFTER_THE_GATE: readonly Phase[] = ["merge", "export", "deploy"];

/** Asked again after a kill between a divergence's lines, it is the same retry that goes on. */
function afterFailure(state: RunState, phase: Phase, fault: Fault | null): Action {
  return phase === "train" && fault && mayRetryGentler(state, fault) ? { do: "retry-gentler", fault } : { do: "wait", why: "needs-you" };
}

function afterDecision(decision: Exclude<RestartDecision, { do: "start" }>, phase: Phase): Action {
  switch (decision.do) {
    case "wait":
      return { do: "wait", why: "back-off", untilMs: decision.untilMs };
    case "await-space":
      return { do: "await-space", phase };
    case "retry-gentler":
      return { do: "retry-gentler", fault: decision.fault };
    case "give-up":
      return { do: "fail-phase", phase, fault: decision.fault };
    default:
      return assertNever(decision);
  }
}

function start(phase: Phase): Action {
  switch (phase) {
    case "fetch":
    case "prepare":
    case "train":
    case "merge":
      return { do: "spawn", phase, verb: phase };
    case "before":
    case "after":
      return { do: "spawn", phase, verb: "answer", stage: phase };
    case "export":
      return { do: "export" };
    case "deploy":
      return { do: "deploy" };
    default:
      return assertNever(phase);
  }
}
