/** Sentences and figures of one language, whoever shows them: a window with its bundled catalogue, a report with the one on disk. */
import type { ZoneOffset } from "../evening/window.ts";
import type { Fault } from "../events.ts";
import { type Catalogue, fill } from "../notices/words.ts";
import { type Format, figureIn, formatIn } from "./format.ts";
import { sentenceIn } from "./sentences.ts";

export type Language = "en" | "tr";
export type Values = Readonly<Record<string, string>>;

export interface Words {
  readonly language: Language;
  /** A key without a sentence is said as it is. */
  say(key: string, values?: Values): string;
  /** An English sentence of the engine or the trainer in this language; null where it is not known (sentences.ts). */
  sentence(english: string): string | null;
  readonly format: Format;
}

export function wordsIn(language: Language, catalogue: Catalogue, offset?: ZoneOffset): Words {
  return {
    language,
    say: (key, values = {}) => fill((Object.hasOwn(catalogue, key) ? catalogue[key] : undefined) ?? key, values),
    sentence: (english) => sentenceIn(catalogue, english, (figure) => figureIn(language, figure)),
    format: formatIn(language, offset),
  };
}

/** For words that come from outside (a category, a reason): their sentence where there is one, else null. */
export function sayIfKnown({ say }: Pick<Words, "say">, key: string, values: Values = {}): string | null {
  const text = say(key, values);
  return text === key ? null : text;
}

/** A sentence that came in English, in the person's language where its catalogue has it; `known`: it is in their language. */
export interface Said {
  readonly text: string;
  readonly known: boolean;
}

/** Only what is asked of the words: a window's are typed otherwise than a report's. */
export type Speaks = Pick<Words, "language" | "sentence">;

export function said(words: Speaks, english: string): Said {
  const text = words.language === "en" ? english : words.sentence(english);
  return { text: text ?? english, known: text !== null };
}

/** Both sentences of a fault; `known`: both are in the person's language. */
export function faultIn(
  words: Speaks,
  { message, next }: Pick<Fault, "message" | "next">,
): { readonly message: string; readonly next: string; readonly known: boolean } {
  const [first, second] = [said(words, message), said(words, next)];
  return { message: first.text, next: second.text, known: first.known && second.known };
}
