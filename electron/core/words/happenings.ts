/** From the journal's notable events to lines a person reads: what only repeats another line is left out. */
import { calibrated } from "../calibration.ts";
import type { Cause, EventOf, Fault } from "../events.ts";
import { toFreeBytes } from "../space.ts";
import type { Happening, HappeningEvent } from "../state.ts";
import { type Reasons, whyText } from "./why.ts";
import { faultIn, said, type Words } from "./words.ts";

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
    const line = worthALine(event, happenings, index, words) ? describe(event, words) : null;
    if (line) told.push({ key: `${event.by} ${event.attempt} ${event.n} ${at}`, at, ...line });
  }
  return told.reverse();
}

function worthALine(event: HappeningEvent, all: readonly Happening[], index: number, words: Words): boolean {
  const later = all.slice(index + 1).map((happening) => happening.event);
  switch (event.type) {
    case "phase-started":
      return !later.some((one) => one.type.startsWith("phase-"));
    case "phase-finished":
      // Their own events say more: the GGUF is made, the name answers.
      return event.phase !== "export" && event.phase !== "deploy";
    case "phase-skipped":
      // Without an export there is nothing to deploy: said once.
      return all[index - 1]?.event.type !== "phase-skipped" || event.phase !== "deploy";
    case "failed":
      // The failed phase says the same sentence.
      return !later.some((one) => one.type === "phase-failed" && one.fault.message === event.fault.message);
    case "exited":
      return event.forced || (event.cause ? !isQuiet(event.cause) : isCrash(event) && !isExplained(all, index));
    case "awake":
      return !isSaidBefore(event, all.slice(0, index), words);
    case "obeyed":
      // A rest for heat is told by the governor's own line.
      return event.desired !== "stop" && !(event.desired === "rest" && event.why === "heat") && differs(event, all.slice(0, index));
    default:
      return true;
  }
}

/** Who keeps the machine awake, or why nobody does: once a night is enough, and each phase has its own process. */
export function isSaidBefore(event: HappeningEvent, before: readonly Happening[], words: Reasons): boolean {
  if (event.type !== "awake") return false;
  const why = whyText(words, event.why ?? "");
  return before.some(({ event: one }) => one.type === "awake" && one.holder === event.holder && whyText(words, one.why ?? "") === why);
}

/** Ends that went as meant, or that the line before says already. */
type Quiet = "finished" | "asked" | "segfault-after-success" | "named-fault";
const QUIET: ReadonlySet<Cause> = new Set<Quiet>(["finished", "asked", "segfault-after-success", "named-fault"]);

function isQuiet(cause: Cause): cause is Quiet {
  return QUIET.has(cause);
}

function isCrash(event: EventOf<"exited">): boolean {
  return event.signal !== null || event.code !== 0;
}

/** An exit beside a named failure, a stop or a finished phase says nothing new; Unsloth may end with 139 after success. */
function isExplained(all: readonly Happening[], index: number): boolean {
  const before = all[index - 1]?.event.type;
  const after = all[index + 1]?.event.type;
  return before === "failed" || before === "stopped" || after === "phase-finished";
}

function differs(event: EventOf<"obeyed">, before: readonly Happening[]): boolean {
  const earlier = before.findLast((happening) => happening.event.type === "obeyed")?.event;
  const last = earlier?.type === "obeyed" ? earlier : { desired: "run", pace: 1, leaseStale: false };
  return last.desired !== event.desired || last.pace !== event.pace || last.leaseStale !== event.leaseStale;
}

/** Reasons that the line before says already. */
const ASKED_FOR: readonly string[] = ["pause", "stop"];

function faultLine(words: Words, fault: Fault): string {
  const { message, next } = faultIn(words, fault);
  return `${message} ${next}`;
}

const DECISION_TONES = { go: "good", "no-go": "bad", "your-call": "rest" } as const;

type Line = Omit<Told, "at" | "key">;
const line = (text: string, tone: Told["tone"] = "plain", detail: string | null = null): Line => ({ text, detail, tone });

function describe(event: HappeningEvent, words: Words): Line {
  const { say, format } = words;
  switch (event.type) {
    case "phase-started":
      return line(say("event.phase-started", { phase: say(`phase.name.${event.phase}`) }));
    case "phase-finished":
      return line(say("event.phase-finished", { phase: say(`phase.name.${event.phase}`), duration: format.seconds(event.seconds) }), "good");
    case "phase-skipped":
      return line(say("event.phase-skipped", { phase: say(`phase.name.${event.phase}`) }), "plain", whySkipped(event, words));
    case "phase-failed":
      return line(say("event.phase-failed", { phase: say(`phase.name.${event.phase}`) }), "bad", faultLine(words, event.fault));
    case "failed":
      return line(faultIn(words, event.fault).message, "bad", faultIn(words, event.fault).next);
    case "asked":
      return line(say(`event.asked.${event.command}`));
    case "checkpoint-sealed":
      return line(say("event.checkpoint-sealed", { step: format.integer(event.step) }), "good", format.bytes(event.bytes));
    case "checkpoint-refused":
      return line(say("event.checkpoint-refused", { step: format.integer(event.step) }), "bad", said(words, event.reason).text);
    case "resumed":
      return line(say("event.resumed", { step: format.integer(event.fromStep) }));
    case "stopped":
      return describeStopped(event, words);
    case "warned":
      return line(said(words, event.message).text, "rest");
    case "exited":
      return describeExit(event, words);
    case "obeyed":
      return describeObeyed(event, words);
    case "deployed":
      return line(say("event.deployed", { name: event.name }), "good", event.verdict && event.verdict !== "go" ? say("verdict.against") : null);
    case "smoke-tested":
      return describeSmoke(event, words);
    case "parity-tested":
      return describeParity(event, words);
    case "latency-tested":
      return describeLatency(event, words);
    case "persona-tested":
      return describePersona(event, words);
    case "gguf-written":
      return line(say("event.gguf-written"), "good", `${event.quantization} · ${format.bytes(event.bytes)}`);
    case "stalled":
      return line(say(`event.stalled.${event.stage}`, { duration: format.seconds(event.seconds) }), event.stage === 1 ? "rest" : "bad");
    case "unstalled":
      return line(say("event.unstalled"), "good");
    case "space-needed":
      return line(say("event.space-needed", { free: format.bytes(toFreeBytes(event)) }), "bad");
    case "space-returned":
      return line(say("event.space-returned"), "good");
    case "plan-cut":
      return describeCut(event, words);
    case "plan-revised":
      return describeRevision(event, words);
    case "calibrated":
      return describeCalibration(event, words);
    case "judged":
      return line(say(`event.judged.${event.decision}`), DECISION_TONES[event.decision]);
    case "campaign-advanced":
      return line(say("event.campaign-advanced", { run: event.run }), "good", event.verdict === "go" ? null : say("campaign.against"));
    case "held-out-worsened":
    case "checkpoint-chosen":
    case "baseline-asked":
      return describeComparison(event, words);
    case "governed":
      return describeGoverned(event, words);
    case "awake":
      return describeAwake(event, words);
    case "power":
      return line(say(`event.power.${event.event}`));
    case "memory-eased":
      return describeEased(event, words);
    case "run-ended":
      if (event.child) return line(say("event.ended-child"), "plain", event.child);
      return line(say(`event.ended.${event.outcome}`, { duration: format.seconds(event.seconds) }), event.outcome === "finished" ? "good" : "plain");
  }
}

function describeParity({ template, agreement, limit, why }: EventOf<"parity-tested">, words: Words): Line {
  const { say, format } = words;
  if (!template.same) return line(say("event.template-differs"), "bad", template.difference?.found ?? null);
  if (agreement === null) return line(say("event.parity-unknown"), "rest", why === undefined || why === null ? null : said(words, why).text);
  return line(say("event.parity", { share: format.share(agreement) }), limit !== null && agreement < limit ? "bad" : "good");
}

function describeLatency({ seconds, limitSeconds }: EventOf<"latency-tested">, { say, format }: Words): Line {
  return line(say("event.latency", { duration: format.seconds(seconds) }), limitSeconds !== null && seconds >= limitSeconds ? "bad" : "good");
}

function describePersona({ passed, asked }: EventOf<"persona-tested">, { say, format }: Words): Line {
  return line(say("event.persona", { passed: format.integer(passed), asked: format.integer(asked) }), passed < asked ? "bad" : "good");
}

function describeSmoke({ passed, answer, reason }: EventOf<"smoke-tested">, words: Words): Line {
  return passed ? line(words.say("event.smoke-passed"), "good", answer) : line(words.say("event.smoke-failed"), "bad", said(words, reason).text);
}

function describeStopped({ step, why }: EventOf<"stopped">, words: Words): Line {
  const text = words.say("event.stopped", { step: words.format.integer(step) });
  return line(text, "plain", ASKED_FOR.includes(why) ? null : said(words, why).text);
}

function whySkipped({ why, verdict }: EventOf<"phase-skipped">, words: Words): string {
  return verdict && verdict !== "go" ? words.say(`verdict.held.${verdict}`) : said(words, why).text;
}

function describeExit(event: EventOf<"exited">, { say }: Words): Line {
  if (event.cause === "reboot") return line(say("event.cause.reboot"), "rest");
  if (event.cause && event.cause !== "crash" && !isQuiet(event.cause)) return line(say(`event.cause.${event.cause}`), "bad", event.tail.at(-1) ?? null);
  if (event.forced) return line(say("event.exited-forced"), "bad");
  const text = event.signal ? say("event.exited-signal", { signal: event.signal }) : say("event.exited-code", { code: String(event.code ?? "?") });
  return line(text, "bad", event.tail.at(-1) ?? null);
}

function describeComparison(event: EventOf<"held-out-worsened" | "checkpoint-chosen" | "baseline-asked">, words: Words): Line {
  const { say, format } = words;
  switch (event.type) {
    case "held-out-worsened":
      return line(say("event.held-out-worsened", { step: format.integer(event.bestStep) }), "bad", event.stops ? say("event.held-out-worsened.stops") : null);
    case "checkpoint-chosen":
      return line(say(`event.checkpoint-chosen.${event.why}`, { step: format.integer(event.step) }), "good");
    case "baseline-asked":
      return line(
        say("event.baseline-asked", { name: event.name, count: format.integer(event.answers) }),
        event.why === null ? "plain" : "rest",
        event.why && said(words, event.why).text,
      );
  }
}

function describeRevision({ fromStep, microBatchTokens, maxSeqLength, why: english }: EventOf<"plan-revised">, words: Words): Line {
  const { say, format } = words;
  const why = said(words, english).text;
  const step = format.integer(fromStep);
  if (maxSeqLength !== null) return line(say("event.shorter-rows", { step, tokens: format.integer(maxSeqLength) }), "rest", why);
  if (microBatchTokens !== null) return line(say("event.smaller-batches", { step, tokens: format.integer(microBatchTokens) }), "rest", why);
  return line(say("event.plan-again", { step }), "rest", why);
}

function describeCalibration(event: EventOf<"calibrated">, { say, format }: Words): Line {
  const { long, short, times } = calibrated(event);
  const shape = ([rows, length]: readonly [number, number]) => `${format.integer(rows)} × ${format.integer(length)}`;
  const how = times === null ? "fits" : times === 1 ? "alike" : "faster";
  const values = { times: format.figure(times ?? 0), size: format.bytes(event.peakBytes), duration: format.seconds(event.seconds) };
  return line(say("event.calibrated", { long: shape(long), short: shape(short) }), "good", say(`event.calibrated.${how}`, values));
}

function describeCut({ epochs, rows, evalSteps }: EventOf<"plan-cut">, { say, format }: Words): Line {
  const parts: string[] = [];
  if (epochs !== null) parts.push(say("cut.epochs", { to: format.figure(epochs) }));
  if (rows !== null) parts.push(say("cut.rows", { to: format.integer(rows) }));
  if (evalSteps !== null) parts.push(say("cut.eval-steps", { steps: format.integer(evalSteps) }));
  return line(say("event.plan-cut"), "plain", parts.join(" · "));
}

function describeAwake({ holder, why }: EventOf<"awake">, words: Words): Line {
  return holder === null ? line(words.say("event.awake"), "rest", why && whyText(words, why)) : line(words.say("event.awake.held"), "plain", holder);
}

function describeEased({ microBatchTokens, why, swapGrowthBytes }: EventOf<"memory-eased">, { say, format }: Words): Line {
  const reason = say(`event.memory-eased.${why}`, { size: format.bytes(swapGrowthBytes) });
  if (microBatchTokens === null) return line(say("event.memory-short"), "bad", reason);
  return line(say("event.memory-eased", { tokens: format.integer(microBatchTokens) }), "rest", reason);
}

function describeGoverned(event: EventOf<"governed">, words: Words): Line {
  const text = words.say(`event.governed.${event.action}`, { pace: words.format.percent(event.pace) });
  return line(text, event.action === "rest" || event.action === "pace" ? "rest" : "plain", whyGoverned(event, words));
}

/** A number is there wherever its reason needs one; "?" would be a defect of the governor. */
export function whyGoverned({ reason, celsius, slower }: EventOf<"governed">, { say, format }: Words): string {
  return say(`heat.${reason}`, {
    celsius: celsius === null ? "?" : format.integer(Math.round(celsius)),
    slower: slower === null ? "?" : format.loss(slower),
  });
}

function describeObeyed(event: EventOf<"obeyed">, words: Words): Line {
  const { say, format } = words;
  if (event.leaseStale) return line(say("event.unwatched", { pace: format.percent(event.pace) }), "rest");
  if (event.desired === "rest") return line(say("event.rest"), "rest", said(words, event.why).text);
  return line(say("event.pace", { pace: format.percent(event.pace) }));
}
