/** One line for each notable happening; null for those a person need not read. */

import { calibrated } from "../../core/calibration.ts";
import type { Cause, EventOf, Phase } from "../../core/events.ts";
import { assertNever } from "../../core/faults.ts";
import type { GovernorAction } from "../../core/governor/words.ts";
import type { PowerEvent } from "../../core/shell.ts";
import { toFreeBytes } from "../../core/space.ts";
import type { HappeningEvent } from "../../core/state.ts";
import { type Reasons, whyText } from "../../core/words/why.ts";
import { bytes, duration, oneLine, plural } from "./format.ts";
import { DECISIONS } from "./verdict.ts";

export const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  fetch: "Getting the model",
  prepare: "Preparing rows",
  before: "Answers before",
  train: "Training",
  after: "Answers after",
  merge: "Merging",
  export: "Exporting to Ollama",
  deploy: "Deploying",
};

/** Null: nothing that a person need read, or the exit code says it. */
const CAUSES: Readonly<Record<Exclude<Cause, "crash">, string | null>> = {
  finished: null,
  asked: null,
  "segfault-after-success": null,
  "named-fault": null,
  "memory-kill": "The system ended it for want of memory",
  "display-watchdog": "macOS ended it, because the display had to wait for it",
  stalled: "It was ended by force, because nothing moved any more",
  reboot: "The machine was restarted meanwhile; the run goes on by itself",
  unknown: "It ended, and nothing says why",
};

/** `words`: for reasons that come as codes. */
export function describe(event: HappeningEvent, words: Reasons): string | null {
  switch (event.type) {
    case "phase-started":
      return null;
    case "phase-finished":
      return `${PHASE_NAMES[event.phase]}: done in ${duration(event.seconds)}`;
    case "phase-skipped":
      return `${PHASE_NAMES[event.phase]}: left out (${oneLine(event.why, 400)})`;
    case "phase-failed":
      return `${PHASE_NAMES[event.phase]}: ${oneLine(event.fault.message, 400)} ${oneLine(event.fault.next, 400)}`;
    case "asked":
      return `Asked to ${event.command}`;
    case "checkpoint-sealed":
      return `Checkpoint sealed at step ${event.step} (${bytes(event.bytes)}, ${oneLine(event.why, 60)})`;
    case "checkpoint-refused":
      return `The checkpoint of step ${event.step} is damaged and is not used: ${oneLine(event.reason, 200)}`;
    case "resumed":
      return `Goes on from step ${event.fromStep}`;
    case "stopped":
      return `Stopped at step ${event.step} (${oneLine(event.why, 80)})`;
    case "warned":
    case "failed":
      return oneLine(event.type === "warned" ? event.message : event.fault.message, 400);
    case "exited":
      return describeExit(event);
    case "gguf-written":
      return `GGUF written: ${oneLine(event.path, 400)} (${bytes(event.bytes)}, ${oneLine(event.quantization, 20)}, ${plural(event.tensors, "tensor")})`;
    case "smoke-tested":
      return `Smoke test of ${oneLine(event.name, 80)}: ${event.passed ? "passed" : `not passed (${oneLine(event.reason, 120)})`}`;
    case "parity-tested":
      return describeParity(event);
    case "latency-tested":
      return `Answers in ${event.seconds.toFixed(1)} s to ${plural(event.promptTokens, "prompt token")} (loading took ${event.loadSeconds.toFixed(1)} s)`;
    case "persona-tested":
      return `Asked ${event.asked} times who it is: ${event.passed} right`;
    case "deployed":
      return describeDeployed(event);
    case "obeyed":
      return event.desired === "rest" && event.why !== "heat" ? `Resting (${oneLine(event.why, 80)})` : null;
    case "stalled":
      return describeStall(event);
    case "unstalled":
      return "It moves again";
    case "space-needed":
      return `The disk is full: free ${bytes(toFreeBytes(event))}, and it goes on by itself`;
    case "space-returned":
      return "There is room on the disk again";
    case "plan-cut":
      return describeCut(event);
    case "plan-revised":
      return describeRevision(event);
    case "calibrated":
      return describeCalibration(event);
    case "judged":
      return `Verdict: ${DECISIONS[event.decision]}`;
    case "campaign-advanced":
      return describeNext(event);
    case "held-out-worsened":
      return `The held-out loss was worse than at step ${event.bestStep} twice in a row${event.stops ? ": training ends here, as the plan says" : ""}`;
    case "checkpoint-chosen":
      return event.why === "best" ? `The checkpoint of step ${event.step} is the best one and is taken` : `The newest checkpoint (step ${event.step}) is taken`;
    case "baseline-asked":
      return describeBaseline(event);
    case "governed":
      return describeGoverned(event);
    case "awake":
      return event.holder === null ? `Nothing keeps this machine awake (${oneLine(whyText(words, event.why ?? "for no stated reason"), 200)})` : null;
    case "power":
      return POWER[event.event];
    case "memory-eased":
      return describeEased(event);
    case "run-ended":
      return describeEnd(event);
    default:
      return assertNever(event);
  }
}

function describeNext({ run, verdict }: EventOf<"campaign-advanced">): string {
  return `The next phase begins${verdict === "go" ? "" : ", in spite of the verdict"}: ${run}`;
}

function describeDeployed({ name, previous, verdict }: EventOf<"deployed">): string {
  const kept = previous ? `; the one before is kept as ${oneLine(previous, 80)}` : "";
  const against = verdict && verdict !== "go" ? `; put there against the verdict (${DECISIONS[verdict]})` : "";
  return `${oneLine(name, 80)} answers in Ollama${kept}${against}`;
}

function describeBaseline({ name, answers, why }: EventOf<"baseline-asked">): string {
  const asked = `${oneLine(name, 80)} answered ${plural(answers, "prompt")} for comparison`;
  return why === null ? asked : `${answers > 0 ? asked : `${oneLine(name, 80)} was not asked`} (${oneLine(why, 200)})`;
}

function describeExit({ verb, code, signal, cause, forced }: EventOf<"exited">): string | null {
  if (forced && cause === "asked") return "It had to be ended by force";
  if (cause && cause !== "crash") return CAUSES[cause];
  return code === 0 && !cause ? null : `The ${verb} process ended ${signal ? `by ${oneLine(signal, 20)}` : `with code ${code ?? "unknown"}`}`;
}

function describeRevision({ fromStep, microBatchTokens, maxSeqLength, why }: EventOf<"plan-revised">): string {
  const parts: string[] = [];
  if (microBatchTokens !== null) parts.push(`micro-batches of at most ${plural(microBatchTokens, "token")}`);
  if (maxSeqLength !== null) parts.push(`rows of at most ${plural(maxSeqLength, "token")}, which changes the loss`);
  return `From step ${fromStep} on: ${parts.join(", ") || "the plan's own batches"} (${oneLine(why, 80)})`;
}

function describeCalibration(event: EventOf<"calibrated">): string {
  const { long, short, times } = calibrated(event);
  const how = times === null ? "what was planned would not fit" : times === 1 ? "as fast as planned" : `${times.toFixed(1)} times as fast as planned`;
  const shapes = `${long.join(" × ")} or ${short.join(" × ")} tokens`;
  return `Measured on this machine: micro-batches of ${shapes}, ${how}, about ${bytes(event.peakBytes)} at most (measured in ${duration(event.seconds)})`;
}

function describeCut({ epochs, rows, evalSteps }: EventOf<"plan-cut">): string {
  const parts: string[] = [];
  if (epochs !== null) parts.push(plural(epochs, "epoch"));
  if (rows !== null) parts.push(plural(rows, "row"));
  if (evalSteps !== null) parts.push(`an evaluation every ${plural(evalSteps, "step")}`);
  return `The plan is shorter now: ${parts.join(", ")}`;
}

function describeStall({ stage, seconds }: EventOf<"stalled">): string {
  return `No progress for ${duration(seconds)}${stage === 3 ? ": ended by force, to begin again from the newest checkpoint" : ""}`;
}

const GOVERNED: Readonly<Record<GovernorAction, string>> = {
  pace: "Works at a lower pace",
  rest: "Rests until it is cool",
  resume: "Cool again, and goes on",
  "smaller-batches": "Smaller micro-batches against the heat",
  "plan-batches": "Micro-batches as planned again",
};

function describeGoverned({ action, pace, celsius, reason }: EventOf<"governed">): string {
  const known = celsius === null ? (reason === "blind" ? "nothing tells how warm it is" : "heat without degrees") : `${Math.round(celsius)} °C`;
  return `${GOVERNED[action]} (${known}, pace ${Math.round(100 * pace)} %)`;
}

const POWER: Readonly<Record<PowerEvent, string>> = {
  suspend: "The machine goes to sleep",
  resume: "The machine is awake again",
  "on-ac": "On mains power",
  "on-battery": "On battery power",
};

function describeEased({ microBatchTokens, why, swapGrowthBytes }: EventOf<"memory-eased">): string {
  const reason = why === "pressure" ? "the system says it is critical" : `${bytes(swapGrowthBytes)} swapped in a few minutes`;
  if (microBatchTokens === null) return `Memory runs short (${reason}), and nothing smaller keeps the loss: close other apps`;
  return `Memory runs short (${reason}): micro-batches of at most ${plural(microBatchTokens, "token")}`;
}

function describeEnd({ child }: EventOf<"run-ended">): string | null {
  return child ? `It goes on, more gently, as ${oneLine(child, 120)}` : null;
}

function describeParity({ template, agreement, tokens, why, quantization }: EventOf<"parity-tested">): string {
  if (!template.same) return "In Ollama it gets another prompt than in training";
  if (agreement === null) return `How near Ollama's model is to the adapter is not known: ${oneLine(why ?? "", 200)}`;
  return `${quantization} against the adapter: ${(agreement * 100).toFixed(1)}% of ${plural(tokens, "token")} agree, the same prompt byte for byte`;
}
