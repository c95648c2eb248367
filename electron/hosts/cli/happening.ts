/** One line for each notable happening; null for those a person need not read. */

import type { Phase } from "../../core/events.ts";
import { assertNever } from "../../core/faults.ts";
import type { HappeningEvent } from "../../core/state.ts";
import { bytes, duration, oneLine, plural } from "./format.ts";

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

export function describe(event: HappeningEvent): string | null {
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
      return event.code === 0
        ? null
        : `The ${event.verb} process ended ${event.signal ? `by ${oneLine(event.signal, 20)}` : `with code ${event.code ?? "unknown"}`}`;
    case "gguf-written":
      return `GGUF written: ${oneLine(event.path, 400)} (${bytes(event.bytes)}, ${oneLine(event.quantization, 20)}, ${plural(event.tensors, "tensor")})`;
    case "smoke-tested":
      return `Smoke test of ${oneLine(event.name, 80)}: ${event.passed ? "passed" : `not passed (${oneLine(event.reason, 120)})`}`;
    case "deployed":
      return `${oneLine(event.name, 80)} answers in Ollama${event.previous ? `; the one before is kept as ${oneLine(event.previous, 80)}` : ""}`;
    case "obeyed":
      return event.desired === "rest" ? `Resting (${oneLine(event.why, 80)})` : null;
    case "run-ended":
      return null;
    default:
      return assertNever(event);
  }
}
