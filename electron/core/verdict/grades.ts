/** A run's answers before and after, checked one by one and counted. */
import type { RunPlan } from "../plan.ts";
import type { RunState } from "../state.ts";
import { type CheckResult, checkAnswer, passes } from "./answer-checks.ts";
import type { CheckName } from "./judgement.ts";

export interface Finding {
  readonly prompt: string;
  readonly check: CheckName;
  readonly text: string;
}

export interface Counted {
  readonly count: number;
  readonly of: number;
  readonly evidence: readonly Finding[];
}

export interface Graded {
  readonly sound: Counted;
  readonly expected: Counted;
  /** General prompts that the base model answered well, and how many of them the trained one does not. */
  readonly forgotten: Counted;
  /** Persona prompts, and those that were answered well each time they were asked again. */
  readonly consistent: Counted;
}

/** What an answer says is one thing, whether it is an answer at all another. */
const SAYS: readonly CheckName[] = ["expected", "forbidden"];

export function gradeAnswers(state: RunState, plan: RunPlan): Graded {
  const rows = plan.answers.prompts.flatMap((prompt) => {
    const answer = state.answers.find((one) => one.prompt === prompt.id);
    if (!answer || answer.after === null) return [];
    const after = checkAnswer(prompt, { answer: answer.after, stop: answer.afterStop }, plan.format);
    const before = answer.before === null ? null : checkAnswer(prompt, { answer: answer.before, stop: answer.beforeStop }, plan.format);
    return [{ prompt: prompt.id, before, after, persona: prompt.persona === true }];
  });
  const expecting = rows.filter(({ after }) => says(after).length > 0);
  const known = rows.filter(({ before, persona }) => !persona && before !== null && passes(before));
  return {
    sound: count(rows, ({ after }) => failures(soundness(after))),
    expected: count(expecting, ({ after }) => failures(says(after))),
    forgotten: countFailing(known, ({ after }) => failures(after)),
    consistent: count(repeatsOf(state, plan), ({ results }) => failures(results)),
  };
}

/** Every check of every repeat, prompt by prompt. */
function repeatsOf({ repeats }: RunState, plan: RunPlan): { readonly prompt: string; readonly results: readonly CheckResult[] }[] {
  return plan.answers.prompts.flatMap((prompt) => {
    const asked = repeats.filter((one) => one.prompt === prompt.id);
    if (asked.length === 0) return [];
    return [{ prompt: prompt.id, results: asked.flatMap(({ answer, stop }) => checkAnswer(prompt, { answer, stop }, plan.format)) }];
  });
}

const says = (results: readonly CheckResult[]) => results.filter(({ check }) => SAYS.includes(check));
const soundness = (results: readonly CheckResult[]) => results.filter(({ check }) => !SAYS.includes(check));
const failures = (results: readonly CheckResult[]) => results.filter(({ passed }) => !passed);

function count<T extends { readonly prompt: string }>(rows: readonly T[], failed: (row: T) => readonly CheckResult[]): Counted {
  const { count: failing, of, evidence } = countFailing(rows, failed);
  return { count: of - failing, of, evidence };
}

function countFailing<T extends { readonly prompt: string }>(rows: readonly T[], failed: (row: T) => readonly CheckResult[]): Counted {
  const bad = rows.map((row) => ({ prompt: row.prompt, found: failed(row) })).filter(({ found }) => found.length > 0);
  const evidence = bad.flatMap(({ prompt, found }) => found.map(({ check, evidence: text }) => ({ prompt, check, text })));
  return { count: bad.length, of: rows.length, evidence };
}
