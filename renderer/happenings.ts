/** From the journal's notable events to lines a person reads: what only repeats another line is left out. */
import type { Happening, HappeningEvent } from "../electron/core/state.ts";
import type { Words } from "./use-session.ts";

export interface Told {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  /** Free text that came with the event (a reason, a fault); shown beneath. */
  readonly detail: string | null;
  readonly tone: "plain" | "good" | "bad" | "rest";
}

/** Newest first. */
export function tell(happenings: readonly Happening[], words: Words): readonly Told[] {
  const told: Told[] = [];
  for (const [index, { at, event }] of happenings.entries()) {
    const line = worthALine(event, happenings, index) ? describe(event, words) : null;
    if (line) told.push({ key: `${event.by} ${event.attempt} ${event.n} ${at}`, at, ...line });
  }
  return told.reverse();
}

function worthALine(event: HappeningEvent, all: readonly Happening[], index: number): boolean {
  switch (event.type) {
    case "phase-started":
      return !all.slice(index + 1).some((later) => later.event.type.startsWith("phase-"));
    case "exited":
      // Whether it went well is what the phases say; Unsloth may end with 139 after success.
      return (
        event.forced || ((event.signal !== null || event.code !== 0) && all.slice(index + 1, index + 3).every((later) => later.event.type !== "phase-finished"))
      );
    case "obeyed": {
      if (event.desired === "stop") return false;
      const before = all.slice(0, index).findLast((earlier) => earlier.event.type === "obeyed")?.event;
      const last = before?.type === "obeyed" ? before : { desired: "run", pace: 1, leaseStale: false };
      return last.desired !== event.desired || last.pace !== event.pace || last.leaseStale !== event.leaseStale;
    }
    default:
      return true;
  }
}

type Line = Omit<Told, "at" | "key">;
const line = (text: string, tone: Told["tone"] = "plain", detail: string | null = null): Line => ({ text, detail, tone });

function describe(event: HappeningEvent, { say, format }: Words): Line {
  switch (event.type) {
    case "phase-started":
      return line(say("event.phase-started", { phase: say(`phase.name.${event.phase}`) }));
    case "phase-finished":
      return line(say("event.phase-finished", { phase: say(`phase.name.${event.phase}`), duration: format.seconds(event.seconds) }), "good");
    case "phase-skipped":
      return line(say("event.phase-skipped", { phase: say(`phase.name.${event.phase}`) }), "plain", event.why);
    case "phase-failed":
      return line(say("event.phase-failed", { phase: say(`phase.name.${event.phase}`) }), "bad", `${event.fault.message} ${event.fault.next}`);
    case "failed":
      return line(event.fault.message, "bad", event.fault.next);
    case "asked":
      return line(say(`event.asked.${event.command}`));
    case "checkpoint-sealed":
      return line(say("event.checkpoint-sealed", { step: format.integer(event.step) }), "good", format.bytes(event.bytes));
    case "checkpoint-refused":
      return line(say("event.checkpoint-refused", { step: format.integer(event.step) }), "bad", event.reason);
    case "resumed":
      return line(say("event.resumed", { step: format.integer(event.fromStep) }));
    case "stopped":
      return line(say("event.stopped", { step: format.integer(event.step) }), "plain", event.why);
    case "warned":
      return line(event.message, "rest");
    case "exited":
      if (event.forced) return line(say("event.exited-forced"), "bad");
      return line(
        event.signal ? say("event.exited-signal", { signal: event.signal }) : say("event.exited-code", { code: String(event.code ?? "?") }),
        "bad",
        event.tail.at(-1) ?? null,
      );
    case "obeyed":
      if (event.leaseStale) return line(say("event.unwatched", { pace: format.percent(event.pace) }), "rest");
      return event.desired === "rest"
        ? line(say("event.rest"), "rest", event.why)
        : line(say("event.pace", { pace: format.percent(event.pace) }), "plain", event.why);
    case "deployed":
      return line(say("event.deployed", { name: event.name }), "good");
    case "smoke-tested":
      return event.passed ? line(say("event.smoke-passed"), "good", event.answer) : line(say("event.smoke-failed"), "bad", event.reason);
    case "gguf-written":
      return line(say("event.gguf-written"), "good", `${event.quantization} · ${format.bytes(event.bytes)}`);
    case "run-ended":
      return line(say(`event.ended.${event.outcome}`, { duration: format.seconds(event.seconds) }), event.outcome === "finished" ? "good" : "plain");
  }
}
