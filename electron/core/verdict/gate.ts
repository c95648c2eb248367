/** GO, NO-GO or "your call" from what the journal holds: each criterion is a line with its value, its limit and where the value comes from. */
import { mean } from "../curve.ts";
import { toNumber } from "../events.ts";
import type { RunPlan } from "../plan.ts";
import type { RunState } from "../state.ts";
import { gradeCategories, gradeEarly } from "./categories.ts";
import { type Graded, gradeAnswers } from "./grades.ts";
import type { CategoryGrade, CriterionName, Decision, Judgement, Lever, Line } from "./judgement.ts";
import { LIMITS, type Limits } from "./limits.ts";

/** The last loss is a mean over this many steps or a tenth of the run, whichever is less: one step of 16 rows is mostly noise. */
const LAST_STEPS = 10;
const EVIDENCE_KEPT = 8;

export function judge(state: RunState, plan: RunPlan): Judgement {
  const limits = plan.limits ?? LIMITS[plan.kind];
  const graded = gradeAnswers(state, plan);
  const categories = gradeCategories(state, plan);
  const lines = [
    trained(state),
    ...losses(state, limits),
    ...(limits.heldOut ? heldOut(state) : []),
    ...memory(state, limits),
    ...inWindow(state, limits),
    ...answers(graded, limits),
    ...consistency(graded, plan, limits),
    ...byCategory(categories, limits),
    ...knowledge(state, plan, limits),
  ];
  const { chosen } = state;
  const taken = chosen && { step: chosen.step, lastStep: chosen.lastStep, why: chosen.why };
  return { decision: decide(lines), lines, levers: leversFor(lines), categories, early: gradeEarly(state, plan), taken };
}

function decide(lines: readonly Line[]): Decision {
  if (lines.some(({ passed }) => passed === false)) return "no-go";
  // A GO stands on nothing unknown.
  return lines.some(({ passed }) => passed === null) ? "your-call" : "go";
}

function line(criterion: CriterionName, value: number | null, limit: number | null, passed: boolean | null, more: Partial<Line> = {}): Line {
  const known = value !== null && Number.isFinite(value);
  return { criterion, value: known ? value : null, limit, passed: value !== null && !known ? false : passed, count: 0, evidence: [], ...more };
}

function trained(state: RunState): Line {
  const steps = state.trained?.steps ?? state.step?.step ?? 0;
  return line("trained", state.totalSteps > 0 ? steps / state.totalSteps : null, 1, state.trained !== null, { count: steps });
}

function losses(state: RunState, limits: Limits): Line[] {
  const first = state.firstLoss === null ? null : toNumber(state.firstLoss);
  const last = lastLoss(state);
  const { firstLossAbove, lastLossBelow, lastLossShare } = limits;
  const ratio = first !== null && last.value !== null && first > 0 ? last.value / first : null;
  return [
    ...(firstLossAbove === null ? [] : [line("first-loss", first, firstLossAbove, first === null ? null : first > firstLossAbove, { count: 1 })]),
    ...(lastLossBelow === null
      ? []
      : [line("last-loss", last.value, lastLossBelow, last.value === null ? null : last.value < lastLossBelow, { count: last.steps })]),
    ...(lastLossShare === null ? [] : [line("loss-share", ratio, lastLossShare, ratio === null ? null : ratio <= lastLossShare, { count: last.steps })]),
  ];
}

/** Mean over the newest steps; a bucket of the curve goes in whole. */
function lastLoss(state: RunState): { readonly value: number | null; readonly steps: number } {
  const wanted = Math.max(1, Math.min(LAST_STEPS, Math.floor((state.step?.step ?? 0) / 10)));
  let [sum, steps] = [0, 0];
  for (const bucket of state.curve.buckets.toReversed()) {
    if (steps >= wanted) break;
    if (bucket.nonFinite > 0) return { value: Number.NaN, steps: bucket.nonFinite };
    sum += mean(bucket) * bucket.count;
    steps += bucket.count;
  }
  return { value: steps > 0 ? sum / steps : null, steps };
}

/** Better than before: the 95 % interval of the paired difference lies below zero. Stable: the end is not worse than the best of the run. */
function heldOut({ comparison, stability }: RunState): Line[] {
  const difference = (pair: typeof comparison | typeof stability) =>
    pair ? { value: toNumber(pair.difference), low: toNumber(pair.low), high: toNumber(pair.high), count: pair.rows } : null;
  const [better, stable] = [difference(comparison), difference(stability)];
  const between = (low: number, high: number) => ({ ...(Number.isFinite(low) ? { low } : {}), ...(Number.isFinite(high) ? { high } : {}) });
  return [
    better
      ? line("held-out", better.value, 0, better.high < 0 ? true : better.low > 0 ? false : null, { ...between(better.low, better.high), count: better.count })
      : line("held-out", null, 0, null),
    ...(stable ? [line("held-out-stable", stable.value, 0, stable.low <= 0, { ...between(stable.low, stable.high), count: stable.count })] : []),
  ];
}

/** Training with its rests and pauses, by the engine's monotonic clock: what was done in two nights took the day between them as well. */
function inWindow({ phases: { train } }: RunState, { hoursBelow }: Limits): Line[] {
  if (hoursBelow === null) return [];
  const hours = train.status === "done" && train.seconds !== null ? train.seconds / 3600 : null;
  return [line("in-window", hours, hoursBelow, hours === null ? null : hours < hoursBelow)];
}

function memory({ peakBytes }: RunState, { memoryBelowBytes }: Limits): Line[] {
  if (memoryBelowBytes === null) return [];
  return [line("memory", peakBytes > 0 ? peakBytes : null, memoryBelowBytes, peakBytes > 0 ? peakBytes < memoryBelowBytes : null)];
}

function answers({ sound, expected, forgotten }: Graded, limits: Limits): Line[] {
  return [
    ...shareLine("sound-answers", sound, limits.soundAnswers, "at-least"),
    // Where no prompt names what an answer has to say there is nothing to hold it against.
    ...(expected.of > 0 ? shareLine("expected-answers", expected, limits.expectedAnswers, "at-least") : []),
    ...(forgotten.of > 0 ? shareLine("forgotten", forgotten, limits.forgotten, "at-most") : []),
  ];
}

function shareLine(criterion: CriterionName, counted: Graded["sound"], limit: number | null, side: "at-least" | "at-most"): Line[] {
  if (limit === null) return [];
  const value = counted.of > 0 ? counted.count / counted.of : null;
  const passed = value === null ? null : side === "at-least" ? value >= limit : value <= limit;
  return [line(criterion, value, limit, passed, { count: counted.of, evidence: counted.evidence.slice(0, EVIDENCE_KEPT) })];
}

/** Unknown where the plan says to ask again and nobody was asked. */
function consistency({ consistent }: Graded, { answers: { prompts, personaRepeats } }: RunPlan, limits: Limits): Line[] {
  return personaRepeats > 0 && prompts.some(({ persona }) => persona) ? shareLine("consistency", consistent, limits.consistency, "at-least") : [];
}

/** A category of fewer answers says too little by itself. */
const LEAST_ANSWERS = 2;

/** Only of categories that were asked about: held-out rows may name others. */
function byCategory(categories: readonly CategoryGrade[], { weakestCategory, technicalGain }: Limits): Line[] {
  const asked = categories.filter(({ after }) => after.of >= LEAST_ANSWERS);
  const weakest = asked.reduce<CategoryGrade | null>((low, one) => (low === null || shareOf(one.after) < shareOf(low.after) ? one : low), null);
  const technical = asked.find(({ category, before }) => category === "technical" && before.of > 0);
  const lines: Line[] = [];
  if (weakestCategory !== null && weakest !== null) {
    const value = shareOf(weakest.after);
    lines.push(line("weakest-category", value, weakestCategory, value >= weakestCategory, { count: weakest.after.of, category: weakest.category }));
  }
  if (technicalGain !== null && technical) {
    const value = shareOf(technical.after) - shareOf(technical.before);
    lines.push(line("technical-answers", value, technicalGain, value >= technicalGain, { count: technical.after.of }));
  }
  return lines;
}

const shareOf = ({ passed, of }: CategoryGrade["after"]) => (of > 0 ? passed / of : 0);

/** Better on held-out questions: the 95 % interval of the paired difference lies above the limit. Unknown where the plan asks them and no row had one. */
function knowledge({ knowledge: compared }: RunState, { answers: { knowledge: asked } }: RunPlan, { knowledgeAbove: limit }: Limits): Line[] {
  if (limit === null || asked === 0) return [];
  if (compared === null) return [line("knowledge", null, limit, null)];
  const [value, low, high] = [compared.difference, compared.low, compared.high].map(toNumber) as [number, number, number];
  return [line("knowledge", value, limit, low > limit ? true : high < limit ? false : null, { low, high, count: compared.rows })];
}

/** What to try next, by the lines that failed; most telling first. */
function leversFor(lines: readonly Line[]): Lever[] {
  const failed = (...names: readonly CriterionName[]) => lines.some(({ criterion, passed }) => passed === false && names.includes(criterion));
  const overfitted = failed("held-out", "held-out-stable") && !failed("last-loss", "loss-share");
  const notLearned = failed("last-loss", "loss-share");
  const levers: Lever[] = [];
  if (overfitted) levers.push("fewer-epochs", "more-data", "gentler-rate");
  if (notLearned) levers.push("more-epochs", "higher-rate", "higher-rank");
  if (failed("forgotten")) levers.push("gentler-rate", "fewer-epochs");
  if (failed("weakest-category", "technical-answers", "knowledge")) levers.push("more-data", "more-epochs", "other-base");
  if (failed("consistency")) levers.push("more-epochs", "more-data");
  if (failed("expected-answers", "sound-answers")) levers.push("more-data", "more-epochs", "other-base");
  if (failed("memory")) levers.push("smaller-micro-batch");
  return [...new Set(levers)];
}
