/** A gate's line in words: what was asked, what was found, of how many. One reading for the window and the morning report. */
import type { Line } from "../verdict/judgement.ts";
import type { Words } from "./words.ts";

const SHARES: readonly string[] = ["trained", "sound-answers", "expected-answers", "forgotten", "persona-repeats"];
const LOSSES_OF_ROWS: readonly string[] = ["held-out", "held-out-stable"];
const OF_TOKENS: readonly string[] = ["token-agreement", "loss-parity"];

export function criterionText(line: Line, words: Words): string {
  const { criterion, limit } = line;
  // Without a limit these are only told.
  const told = limit === null && (criterion === "token-agreement" || criterion === "latency" || criterion === "persona-repeats");
  if (told) return words.say(`verdict.told.${criterion}`);
  return words.say(`verdict.criterion.${criterion}`, { limit: figureText(line, limit, words) });
}

export function figureText({ criterion }: Line, value: number | null, { say, format }: Words): string {
  if (value === null) return say("verdict.unknown");
  if (criterion === "memory") return format.bytes(value);
  if (criterion === "latency") return format.seconds(value);
  if (criterion === "template-parity") return say(value === 1 ? "verdict.same" : "verdict.differs");
  if (criterion === "token-agreement") return format.share(value);
  if (criterion === "loss-parity") return format.difference(value);
  return SHARES.includes(criterion) ? format.percent(value) : format.loss(value);
}

/** What the figure is of; "" where that says nothing. */
export function countText({ criterion, count }: Line, { say, format }: Words): string {
  if (count === 0) return "";
  return say(`verdict.of.${unitOf(criterion)}`, { count: format.integer(count) });
}

function unitOf(criterion: Line["criterion"]): "rows" | "tokens" | "prompt-tokens" | "questions" | "answers" | "steps" {
  if (LOSSES_OF_ROWS.includes(criterion)) return "rows";
  if (OF_TOKENS.includes(criterion)) return "tokens";
  if (criterion === "latency") return "prompt-tokens";
  if (criterion === "template-parity") return "questions";
  return criterion.endsWith("answers") || criterion === "forgotten" || criterion === "persona-repeats" ? "answers" : "steps";
}
