/** A run's answers before and after, checked one by one and counted. */
import type { RunPlan } from "../plan.ts";
import type { RunState } from "../state.ts";
import { type CheckResult, checkAnswer } from "./answer-checks.ts";
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
  /** Prompts the base model answered well, and how many of them the trained one does not. */
  readonly forgotten: Counted;
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
  const known = expecting.filter(({ before, persona }) => !persona && before !== null && says(before).every(({ passed }) => passed));
  return {
    sound: count(rows, ({ after }) => failures(soundness(after))),
    expected: count(expecting, ({ after }) => failures(says(after))),
    forgotten: countFailing(known, ({ after }) => failures(says(after))),
  };
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
