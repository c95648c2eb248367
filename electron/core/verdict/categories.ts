/** How each category did: answers before, after and of the baseline that pass every check, and the held-out loss of the rows that name it. */
import { toNumber } from "../events.ts";
import type { RunPlan } from "../plan.ts";
import type { Answer, RunState } from "../state.ts";
import { checkAnswer, passes } from "./answer-checks.ts";
import type { CategoryGrade, EarlyGrade } from "./judgement.ts";

const CATEGORIES_KEPT = 24;

/** Those of the prompts first, in their order; then those that only rows name. */
export function gradeCategories(state: RunState, plan: RunPlan): CategoryGrade[] {
  const losses = new Map((state.heldOutByCategory?.categories ?? []).map((one) => [one.category, one]));
  const names = [...new Set([...plan.answers.prompts.map(({ category }) => category), ...losses.keys()])].slice(0, CATEGORIES_KEPT);
  return names.map((category) => {
    const loss = losses.get(category);
    return {
      category,
      before: share(state, plan, category, (answer) => said(answer.before, answer.beforeStop)),
      after: share(state, plan, category, (answer) => said(answer.after, answer.afterStop)),
      baseline: share(state, plan, category, (answer) => said(answer.baseline, answer.baselineStop)),
      ...(loss ? { heldOut: { before: known(toNumber(loss.before)), after: known(toNumber(loss.after)), rows: loss.rows } } : {}),
    };
  });
}

/** The tests at the checkpoints, as far as the run's plan still knows their prompts. */
export function gradeEarly({ earlyTests }: RunState, plan: RunPlan): EarlyGrade[] {
  return earlyTests.map(({ step, answers }) => {
    const graded = answers.flatMap(({ prompt: id, answer, stop }) => {
      const prompt = plan.answers.prompts.find((one) => one.id === id);
      // They are cut after a few words by design.
      return prompt ? [checkAnswer(prompt, { answer, stop: stop === "length" ? null : stop }, plan.format)] : [];
    });
    return { step, passed: graded.filter(passes).length, of: graded.length };
  });
}

interface Said {
  readonly answer: string;
  readonly stop: "end" | "length" | null;
}

function said(answer: string | null, stop: Said["stop"]): Said | null {
  return answer === null ? null : { answer, stop };
}

function share({ answers }: RunState, plan: RunPlan, category: string, of: (answer: Answer) => Said | null): { passed: number; of: number } {
  const given = plan.answers.prompts.flatMap((prompt) => {
    const answer = prompt.category === category ? answers.find((one) => one.prompt === prompt.id) : undefined;
    const asked = answer && of(answer);
    return asked ? [passes(checkAnswer(prompt, asked, plan.format))] : [];
  });
  return { passed: given.filter(Boolean).length, of: given.length };
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
