/** What can be said of one answer without another model: each check names the text that made it fail. */
import type { Format, Prompt } from "../plan.ts";
import type { CheckName } from "./judgement.ts";
import { type Language, languageOf } from "./language.ts";

export interface CheckResult {
  readonly check: CheckName;
  readonly passed: boolean;
  /** What of the answer triggered it; empty where it passed. */
  readonly evidence: string;
}

export interface Asked {
  readonly answer: string;
  /** How generation ended; null where it is not known. */
  readonly stop: "end" | "length" | null;
}

const EVIDENCE_KEPT = 80;
/** A phrase of up to `LOOP_WORDS` words that stands `LOOP_TIMES` times in a row is a loop, the last time perhaps cut off. */
const LOOP_WORDS = 24;
const LOOP_TIMES = 4;
const WORDS_READ = 4000;

export function checkAnswer(prompt: Prompt, asked: Asked, format: Format): readonly CheckResult[] {
  const { answer, stop } = asked;
  const results = [
    result("not-empty", answer.trim() === "" ? "no text" : null),
    result("no-loop", findLoop(answer)),
    result("no-template", findTemplate(answer, format)),
  ];
  if (stop !== null) results.push(result("ends-itself", stop === "length" ? answer.slice(-EVIDENCE_KEPT) : null));
  if (prompt.language !== undefined) results.push(result("language", wrongLanguage(answer, prompt.language)));
  const { any = [], none = [] } = prompt.expect ?? {};
  if (any.length > 0) results.push(result("expected", any.some((word) => contains(answer, word)) ? null : any.join(" / ")));
  if (none.length > 0) results.push(result("forbidden", none.find((word) => contains(answer, word)) ?? null));
  return results;
}

export function passes(results: readonly CheckResult[]): boolean {
  return results.every(({ passed }) => passed);
}

function result(check: CheckName, found: string | null): CheckResult {
  return { check, passed: found === null, evidence: (found ?? "").slice(0, EVIDENCE_KEPT) };
}

/** The phrase an answer goes round in; null when it goes on. */
export function findLoop(text: string): string | null {
  const words = text
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, WORDS_READ);
  for (let size = 1; size <= LOOP_WORDS; size++) {
    let same = 0;
    for (let place = size; place < words.length; place++) {
      same = words[place] === words[place - size] ? same + 1 : 0;
      if (same >= size * (LOOP_TIMES - 1)) return words.slice(place - size + 1, place + 1).join(" ");
    }
  }
  // Without spaces a loop is one long word.
  return /(.{1,12}?)\1{11,}/su.exec(text.slice(0, WORDS_READ))?.[1] ?? null;
}

/** A control token of the prompt format, or one that looks like any model's. */
export function findTemplate(text: string, format: Format): string | null {
  const tokens = [format.bos, format.userPrefix, format.modelPrefix, format.turnEnd, ...format.stops].map((token) => token.trim());
  const own = tokens.find((token) => token !== "" && text.includes(token));
  return own ?? /<\|?(?:start_of_turn|end_of_turn|im_start|im_end|endoftext|eot_id|bos|eos|s|\/s)\|?>|\[\/?INST\]/.exec(text)?.[0] ?? null;
}

function wrongLanguage(text: string, wanted: Language): string | null {
  const { language, en, tr } = languageOf(text);
  return language === null || language === wanted ? null : `${en} English and ${tr} Turkish words`;
}

/** Whole words only, upper and lower case alike in both languages; a word ending in * may go on ("bulun*"). */
function contains(text: string, word: string): boolean {
  const stem = word.endsWith("*") ? word.slice(0, -1) : word;
  const escaped = stem.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const tail = stem === word ? "(?![\\p{L}\\p{N}])" : "";
  const pattern = (locale: string) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped.toLocaleLowerCase(locale)}${tail}`, "u");
  return (["tr", "en"] as const).some((locale) => pattern(locale).test(text.toLocaleLowerCase(locale)));
}
