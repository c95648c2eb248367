/** Which answers a morning report shows, and how each category did: a few a category, those first that failed or changed. */
import type { RunPlan } from "../plan.ts";
import type { Answer, RunState } from "../state.ts";
import { type CheckResult, checkAnswer } from "../verdict/answer-checks.ts";

export interface ShownAnswer {
  readonly prompt: string;
  readonly text: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly baseline: string | null;
  /** Checks that failed, with the piece that made them fail; null where there is no answer or the plan has lost its prompt. */
  readonly failedBefore: readonly CheckResult[] | null;
  readonly failedAfter: readonly CheckResult[] | null;
  readonly failedBaseline: readonly CheckResult[] | null;
}

export interface ShownCategory {
  readonly category: string;
  /** Answers that passed every check, of those that were given. */
  readonly before: { readonly passed: number; readonly of: number };
  readonly after: { readonly passed: number; readonly of: number };
  readonly baseline: { readonly passed: number; readonly of: number };
  readonly answers: readonly ShownAnswer[];
  /** Answers of the category that are not shown. */
  readonly more: number;
}

const SHOWN_A_CATEGORY = 2;
const CATEGORIES_SHOWN = 12;
/** Of one answer; a model that talks on must not fill the page. */
const CHARACTERS_KEPT = 1_200;

export function shownAnswers(state: RunState, plan: RunPlan): readonly ShownCategory[] {
  const categories = [...new Set(state.answers.map((answer) => answer.category))].slice(0, CATEGORIES_SHOWN);
  return categories.map((category) => {
    const all = state.answers.filter((answer) => answer.category === category).map((answer) => grade(answer, plan));
    const shown = [...all].sort((a, b) => weight(b) - weight(a)).slice(0, SHOWN_A_CATEGORY);
    return {
      category: category.slice(0, 80),
      before: count(all.map((one) => one.failedBefore)),
      after: count(all.map((one) => one.failedAfter)),
      baseline: count(all.map((one) => one.failedBaseline)),
      answers: shown.map(cut),
      more: all.length - shown.length,
    };
  });
}

function grade(answer: Answer, plan: RunPlan): ShownAnswer {
  const prompt = plan.answers.prompts.find(({ id }) => id === answer.prompt);
  const failed = (text: string | null, stop: Answer["afterStop"]) =>
    text === null || !prompt ? null : checkAnswer(prompt, { answer: text, stop }, plan.format).filter(({ passed }) => !passed);
  const { text, before, after, baseline } = answer;
  return {
    prompt: answer.prompt,
    text,
    before,
    after,
    baseline,
    failedBefore: failed(before, answer.beforeStop),
    failedAfter: failed(after, answer.afterStop),
    failedBaseline: failed(baseline, answer.baselineStop),
  };
}

/** What went wrong is read first, then what changed. */
function weight({ before, after, failedAfter }: ShownAnswer): number {
  return (failedAfter && failedAfter.length > 0 ? 2 : 0) + (after !== null && before !== after ? 1 : 0);
}

function count(failed: readonly (readonly CheckResult[] | null)[]): { passed: number; of: number } {
  const given = failed.filter((one) => one !== null);
  return { passed: given.filter((one) => one.length === 0).length, of: given.length };
}

function cut(answer: ShownAnswer): ShownAnswer {
  const short = (text: string | null) => (text === null ? null : shorten(text));
  return { ...answer, text: shorten(answer.text), before: short(answer.before), after: short(answer.after), baseline: short(answer.baseline) };
}

function shorten(text: string): string {
  return text.length > CHARACTERS_KEPT ? `${text.slice(0, CHARACTERS_KEPT).toWellFormed()}…` : text;
}

export interface Word {
  readonly text: string;
  /** Not in the other text at this place. */
  readonly own: boolean;
}

const WORDS_COMPARED = 160;
/** With less in common than this share, marking nearly every word would say nothing. */
const LEAST_COMMON = 0.35;

/** The words of `after`, those marked that `before` does not have in this order (longest common subsequence); null where little is common. */
export function markChanged(before: string, after: string): readonly Word[] | null {
  const [a, b] = [before, after].map((text) => text.split(/(?<=\s)/).filter((word) => word !== "")) as [string[], string[]];
  if (a.length > WORDS_COMPARED || b.length > WORDS_COMPARED || a.length === 0 || b.length === 0) return null;
  const lengths = common(a, b);
  const words: Word[] = [];
  let [i, j] = [0, 0];
  while (j < b.length) {
    const same = i < a.length && a[i]?.trim() === b[j]?.trim();
    if (same || i >= a.length || at(lengths, i, j + 1) >= at(lengths, i + 1, j)) {
      words.push({ text: b[j] ?? "", own: !same });
      if (same) i += 1;
      j += 1;
    } else i += 1;
  }
  const shared = words.filter((word) => !word.own).length;
  return shared >= LEAST_COMMON * b.length && shared < b.length ? words : null;
}

/** Lengths of the longest common subsequences of the two tails. */
function common(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const lengths: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = a[i]?.trim() === b[j]?.trim() ? 1 + at(lengths, i + 1, j + 1) : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
