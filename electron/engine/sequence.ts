/** Does what `nextAction` says a run needs. One step at a time for each run; what it needs next is asked afresh. */

import type { EventBody, Fault, Phase, Verb } from "../core/events.ts";
import { toFault } from "../core/faults.ts";
import { rungAfter } from "../core/ladder.ts";
import type { Action } from "../core/next.ts";
import type { Ports, Spawned } from "../core/ports.ts";
import { boundedWhy } from "../core/reason.ts";
import { judge } from "../core/verdict/gate.ts";
import type { Decision } from "../core/verdict/judgement.ts";
import { keepAwakeFor } from "./awake.ts";
import { askBaseline } from "./baseline.ts";
import { phaseSeconds, runSeconds } from "./elapsed.ts";
import { deployRun, discardCandidate, exportRun } from "./export.ts";
import { unloadIdle } from "./preflight.ts";
import type { Run } from "./run.ts";
import { settingsOf } from "./settings.ts";
import { awaitSpace, spaceFaultOf } from "./space.ts";

/** Home-wide consequences of a run's step. */
export interface Outcome {
  childOf(run: Run): Run;
  /** The next phase of its campaign, made where it is not there yet; its id. */
  nextOf(run: Run, verdict: Decision): string;
  ended(run: Run, outcome: "finished" | "stopped"): void;
  deployed(run: Run, event: Extract<EventBody, { type: "deployed" }>): void;
  /** Digests of the models this home has deployed. */
  ours(): ReadonlySet<string>;
  candidateLeft(run: Run, name: string): void;
  /** Takes away what runs left behind that ended while Ollama was away. */
  discardLeft(): Promise<void>;
}

export async function advance(run: Run, ports: Ports, outcome: Outcome): Promise<void> {
  if (run.state.id === "") return await takeUp(run, ports);
  const action = run.next(ports.clock.now());
  switch (action.do) {
    case "wait":
      return;
    case "finish-phase":
      return finish(run, action.phase, ports);
    case "fail-phase":
      run.append({ type: "phase-failed", phase: action.phase, fault: action.fault });
      return;
    case "hold-deploy":
      return holdDeploy(run, action.verdict);
    case "ask-baseline":
      return await keepAwakeFor(run, "baseline", ports, () => askBaseline(run, action.name, ports));
    case "judge":
      run.append({ type: "judged", ...judge(run.state, run.plan) });
      return;
    case "begin-next":
      // The run exists before this line; after a kill anywhere in between it is found, never made twice.
      run.append({ type: "campaign-advanced", run: outcome.nextOf(run, action.verdict), verdict: action.verdict });
      return;
    case "await-space":
      return await awaitSpace(run, action.phase, ports);
    case "retry-gentler":
      return retryGentler(run, action.fault, ports, outcome);
    case "end":
      await discardCandidate(run, ports, outcome);
      run.append({ type: "run-ended", outcome: action.outcome, seconds: runSeconds(run, ports.clock) });
      return outcome.ended(run, action.outcome);
    case "spawn":
    case "export":
    case "deploy":
      return await begin(run, action, ports, outcome);
  }
}

/** The child exists before its parent ends: after a kill anywhere between these lines they are all reached again. */
function retryGentler(run: Run, fault: Fault, ports: Ports, outcome: Outcome): void {
  const child = outcome.childOf(run);
  const { learning_rate, warmup_steps } = child.plan.training;
  const next = `It is tried once more by itself, from the beginning, with a learning_rate of ${learning_rate.toExponential()} and ${warmup_steps} warm-up steps.`;
  if (run.state.phases.train.status !== "failed") run.append({ type: "phase-failed", phase: "train", fault: { ...fault, next } });
  run.append({ type: "run-ended", outcome: "stopped", seconds: runSeconds(run, ports.clock), child: child.id });
  outcome.ended(run, "stopped");
}

/** The journal was lost, the folder was not. A living process is followed again; a run at rest waits for its person, who may have paused it. */
async function takeUp(run: Run, ports: Ports): Promise<void> {
  const living = await ports.trainers.living(run.id);
  run.begin();
  if (living) return follow(run, living);
  const fault = {
    kind: "run.log-lost",
    message: `The journal of ${run.plan.name} was lost, and with it what the run had done.`,
    next: `Its checkpoints are still there. Go on from the newest with: thortime resume ${run.id}.`,
  };
  run.append({ type: "phase-failed", phase: "fetch", fault });
}

function follow(run: Run, { verb, pid, start, token }: Spawned & { readonly verb: Verb }): void {
  run.append({ type: "spawned", verb, pid, start, token });
}

function finish(run: Run, phase: Phase, ports: Ports): void {
  run.append({ type: "phase-finished", phase, seconds: phaseSeconds(run, phase, ports.clock) });
}

async function begin(run: Run, action: Extract<Action, { do: "spawn" | "export" | "deploy" }>, ports: Ports, outcome: Outcome): Promise<void> {
  const phase = action.do === "spawn" ? action.phase : action.do;
  const why = reasonToSkip(run, phase);
  if (why !== null) {
    run.append({ type: "phase-skipped", phase, why });
    return;
  }
  if (run.state.phases[phase].status !== "running") {
    run.append({ type: "phase-started", phase });
    run.phaseMono = { phase, mono: ports.clock.mono() };
  }
  try {
    if (action.do === "spawn") await spawnVerb(run, action.verb, action.stage ?? null, ports);
    else if (action.do === "export") await keepAwakeFor(run, "export", ports, () => exportRun(run, ports, outcome));
    else await keepAwakeFor(run, "deploy", ports, () => deployRun(run, ports, outcome));
  } catch (error) {
    // An export cut short by pause, stop or the engine's end is not a failure: it goes on from where it was.
    if (run.abort?.signal.aborted || run.state.asked.pause || run.state.asked.stop) return;
    run.append(failure(phase, error));
  } finally {
    run.abort = null;
  }
}

function failure(phase: Phase, error: unknown): EventBody {
  const noSpace = spaceFaultOf(error);
  return noSpace ? { type: "failed", fault: noSpace } : { type: "phase-failed", phase, fault: toFault(error) };
}

/** Merged and exported it is all the same: a person who wants it in spite of the verdict asks for it. */
function holdDeploy(run: Run, verdict: "no-go" | "your-call"): void {
  const notAsked = reasonToSkip(run, "deploy");
  if (notAsked !== null) return void run.append({ type: "phase-skipped", phase: "deploy", why: notAsked });
  const said = verdict === "no-go" ? "the verdict is NO-GO" : "the verdict is left to you";
  run.append({ type: "phase-skipped", phase: "deploy", why: `${said}; in spite of it: thortime deploy ${run.id}`, verdict });
}

/** Steps that this plan does not have. Fetching happens even for a local folder: it is where a folder is looked at. */
function reasonToSkip(run: Run, phase: Phase): string | null {
  if ((phase === "before" || phase === "after") && run.plan.answers.prompts.length === 0) return "there are no prompts";
  if (phase === "deploy" && !run.plan.deploy.enabled && run.state.deployAs === null) return "not asked for (--no-deploy)";
  return null;
}

async function spawnVerb(run: Run, verb: Verb, stage: "before" | "after" | null, ports: Ports): Promise<void> {
  // What a kill or a full disk kept from run.json after it was journalled.
  run.followCut();
  // A fresh order stands in control.json before the process that reads it exists.
  const taken = run.state.memoryKills + run.state.memoryEased;
  run.command({ desired: "run", why: taken > 0 ? "the memory was not enough" : "start", ...rungAfter(run.rungs, taken) });
  const living = await ports.trainers.living(run.id);
  const settings = settingsOf(ports);
  if (!living && verb === "train" && settings.unloadOllama) await unloadIdle(ports);
  follow(run, living ?? (await ports.trainers.spawn(run.id, verb, stage, run.state.attempt + 1)));
  // A lit display brings the display watchdog; it is the person's, so they have to have agreed.
  const sleeps = !living && verb === "train" && ports.machine.metal && settings.sleepDisplay;
  if (!sleeps) return;
  const why = await ports.awake.sleepDisplay();
  run.append({ type: "display-slept", why: why && boundedWhy(why) });
}
