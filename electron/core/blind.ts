/** Blind comparison: two answers to one question without names, in an order that only the run's id decides, and what the picks amount to. */
import type { Answer, BlindPick, RunState } from "./state.ts";

export type Against = BlindPick["against"];
/** The model in daily use is what the new one would take the place of; where it was not asked, the base model. */
export function blindAgainst({ answers }: Pick<RunState, "answers">): Against {
  return answers.some(({ baseline }) => baseline !== null) ? "baseline" : "before";
}

/** What a person says of a pair as they see it. */
export type Choice = "first" | "second" | "same" | "neither";

export interface Pair {
  readonly prompt: string;
  readonly category: string;
  readonly text: string;
  readonly first: string;
  readonly second: string;
  readonly newIs: "first" | "second";
}

/** Pairs in a shuffled order; what is word for word the same needs nobody's eyes. */
export function blindPairs({ id, answers }: Pick<RunState, "id" | "answers">, against: Against): readonly Pair[] {
  const pairs = answers.flatMap((answer): (Pair & { readonly rank: number })[] => {
    const old = oldAnswer(answer, against);
    if (answer.after === null || old === null || answer.after.trim() === old.trim()) return [];
    const dice = hash(`${id}\n${against}\n${answer.prompt}`);
    const newIs = dice % 2 === 0 ? "first" : "second";
    const [first, second] = newIs === "first" ? [answer.after, old] : [old, answer.after];
    return [{ prompt: answer.prompt, category: answer.category, text: answer.text, first, second, newIs, rank: dice >>> 1 }];
  });
  return pairs.sort((a, b) => a.rank - b.rank).map(({ rank: _rank, ...pair }) => pair);
}

function oldAnswer(answer: Answer, against: Against): string | null {
  return against === "before" ? answer.before : answer.baseline;
}

export function pickOf(pair: Pair, choice: Choice): BlindPick["pick"] {
  if (choice === "same" || choice === "neither") return choice;
  return choice === pair.newIs ? "new" : "old";
}

/** The first pair that nobody has picked yet; null once all are. */
export function nextPair(pairs: readonly Pair[], picks: readonly BlindPick[], against: Against): Pair | null {
  return pairs.find(({ prompt }) => !picks.some((pick) => pick.prompt === prompt && pick.against === against)) ?? null;
}

export interface BlindResult {
  readonly preferredNew: number;
  readonly preferredOld: number;
  readonly same: number;
  readonly neither: number;
  /** Pairs that still wait. */
  readonly left: number;
  /** Of those where one was preferred, the share of the new one with its 95 % interval; null before there is any. */
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export function blindResult(state: Pick<RunState, "id" | "answers" | "picks">, against: Against): BlindResult {
  const pairs = blindPairs(state, against);
  const picks = state.picks.filter((pick) => pick.against === against && pairs.some(({ prompt }) => prompt === pick.prompt));
  const count = (kind: BlindPick["pick"]) => picks.filter(({ pick }) => pick === kind).length;
  const [preferredNew, preferredOld] = [count("new"), count("old")];
  const of = preferredNew + preferredOld;
  const [low, high] = of === 0 ? [null, null] : wilson(preferredNew, of);
  return {
    preferredNew,
    preferredOld,
    same: count("same"),
    neither: count("neither"),
    left: pairs.length - picks.length,
    share: of === 0 ? null : preferredNew / of,
    low,
    high,
  };
}

/** Normal quantile of 97.5 %. */
const Z = 1.959964;

/** 95 % score interval of a share (Wilson 1927): unlike the plain one it stays in 0..1 and holds for few picks. */
export function wilson(hits: number, of: number): readonly [low: number, high: number] {
  const share = hits / of;
  const spread = (Z * Z) / of;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** FNV-1a over UTF-16 units, then mixed (murmur3's finalizer), so that neighbouring ids share no order. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
