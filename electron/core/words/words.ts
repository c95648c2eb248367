/** Sentences and figures of one language, whoever shows them: a window with its bundled catalogue, a report with the one on disk. */
import type { ZoneOffset } from "../evening/window.ts";
import type { Fault } from "../events.ts";
import { type Catalogue, fill } from "../notices/words.ts";
import { type Format, formatIn } from "./format.ts";

export type Language = "en" | "tr";
export type Values = Readonly<Record<string, string>>;

export interface Words {
  readonly language: Language;
  /** A key without a sentence is said as it is. */
  say(key: string, values?: Values): string;
  readonly format: Format;
}

export function wordsIn(language: Language, catalogue: Catalogue, offset?: ZoneOffset): Words {
  return {
    language,
    say: (key, values = {}) => fill((Object.hasOwn(catalogue, key) ? catalogue[key] : undefined) ?? key, values),
    format: formatIn(language, offset),
  };
}

/** For words that come from outside (a category, a reason): their sentence where there is one, else null. */
export function sayIfKnown({ say }: Pick<Words, "say">, key: string, values: Values = {}): string | null {
  const text = say(key, values);
  return text === key ? null : text;
}

/** A fault brings its English sentences along, with figures; other languages say the kinds they know in their own words. */
export function faultIn(words: Pick<Words, "say">, fault: Fault): { readonly message: string; readonly next: string; readonly known: boolean } {
  const message = sayIfKnown(words, `fault.${fault.kind}`);
  const next = sayIfKnown(words, `fault.${fault.kind}.next`);
  return message !== null && next !== null ? { message, next, known: true } : { message: fault.message, next: fault.next, known: false };
}
