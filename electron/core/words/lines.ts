/** A gate's line in words: what was asked, what was found, of how many. One reading for the window and the morning report. */
import type { BlindResult } from "../blind.ts";
import type { CategoryGrade, Judgement, Line } from "../verdict/judgement.ts";
import { said, sayIfKnown, type Words } from "./words.ts";

const SHARES: readonly string[] = [
  "trained",
  "sound-answers",
  "expected-answers",
  "forgotten",
  "persona-repeats",
  "weakest-category",
  "technical-answers",
  "consistency",
];
const LOSSES_OF_ROWS: readonly string[] = ["held-out", "held-out-stable", "knowledge"];
const ANSWERS: readonly string[] = ["forgotten", "persona-repeats", "weakest-category", "consistency"];
const OF_TOKENS: readonly string[] = ["token-agreement", "loss-parity"];

export function criterionText(line: Line, words: Words): string {
  const { criterion, limit } = line;
  // Without a limit these are only told.
  const told = limit === null && (criterion === "token-agreement" || criterion === "latency" || criterion === "persona-repeats");
  if (told) return words.say(`verdict.told.${criterion}`);
  const asked = words.say(`verdict.criterion.${criterion}`, { limit: figureText(line, limit, words) });
  return line.category === undefined ? asked : `${asked} (${categoryName(line.category, words)})`;
}

export function categoryName(category: string, words: Words): string {
  return sayIfKnown(words, `category.${category}`) ?? category;
}

/** How a category did, in one line: good answers before, after and of the model in daily use, and its held-out loss. */
export function categoryText({ before, after, baseline, heldOut }: CategoryGrade, daily: string | null, words: Words): string {
  const { say, format } = words;
  const share = ({ passed, of }: CategoryGrade["after"]) => (of > 0 ? `${format.integer(passed)}/${format.integer(of)}` : say("verdict.unknown"));
  const loss = (value: number | null) => (value === null ? say("verdict.unknown") : format.loss(value));
  return [
    ...(before.of + after.of > 0 ? [say("report.passed", { before: share(before), after: share(after) })] : []),
    ...(daily !== null && baseline.of > 0 ? [say("verdict.baseline.passed", { name: daily, count: share(baseline) })] : []),
    ...(heldOut ? [say("verdict.category.held-out", { before: loss(heldOut.before), after: loss(heldOut.after), count: format.integer(heldOut.rows) })] : []),
  ].join(" · ");
}

/** Which checkpoint answered and is exported; null where that is not known. */
export function takenText({ taken }: Pick<Judgement, "taken">, { say, format }: Words): string | null {
  if (!taken) return null;
  const which = taken.why === "newest" ? "newest" : taken.step === taken.lastStep ? "best-last" : "best";
  return say(`verdict.taken.${which}`, { step: format.integer(taken.step), last: format.integer(taken.lastStep) });
}

/** How the tests at the checkpoints went; null where there were none. */
export function earlyText({ early = [] }: Pick<Judgement, "early">, { say, format }: Words): string | null {
  const asked = early.filter(({ of }) => of > 0);
  if (asked.length === 0) return null;
  const each = asked.map(({ step, passed, of }) =>
    say("verdict.early.step", { step: format.integer(step), passed: format.integer(passed), of: format.integer(of) }),
  );
  return say("verdict.early", { each: each.join(" · ") });
}

/** Why the model in daily use was not asked, or not everything; null where it was, or none is named. */
export function baselineText(baseline: { readonly name: string; readonly asked: { readonly why: string | null } | null } | null, words: Words): string | null {
  if (!baseline || baseline.asked?.why === null) return null;
  const why = baseline.asked ? said(words, baseline.asked.why).text : words.say("answers.not-asked");
  return words.say("verdict.baseline.unknown", { name: baseline.name, why });
}

export function figureText({ criterion }: Line, value: number | null, { say, format }: Words): string {
  if (value === null) return say("verdict.unknown");
  if (criterion === "memory") return format.bytes(value);
  if (criterion === "latency") return format.seconds(value);
  if (criterion === "in-window") return format.seconds(value * 3600);
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
  return criterion.endsWith("answers") || ANSWERS.includes(criterion) ? "answers" : "steps";
}

/** "You preferred the new one in 14 of 18 (55 % to 91 %)." */
export function blindText({ preferredNew, preferredOld, low, high }: BlindResult, { say, format }: Words): string {
  if (low === null || high === null) return say("blind.none");
  const total = format.integer(preferredNew + preferredOld);
  return say("blind.result", { count: format.integer(preferredNew), total, low: format.percent(low), high: format.percent(high) });
}
