/** Every sentence on screen comes from `resources/messages`; values are put in as text, never as markup. */

import { figureIn } from "../electron/core/words/format.ts";
import { sentenceIn } from "../electron/core/words/sentences.ts";
import en from "../resources/messages/en.json";
import sentences from "../resources/messages/sentences.tr.json";
import tr from "../resources/messages/tr.json";

export type Key = keyof typeof en;
export type Language = "en" | "tr";
export type Values = Readonly<Record<string, string>>;
export const LANGUAGES: readonly Language[] = ["en", "tr"];

export const CATALOGUES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, tr: { ...tr, ...sentences } };
const LANGUAGE_KEY = "thortime.language";

export type Say = (key: Key, values?: Values) => string;

export function sayIn(language: Language): Say {
  return (key, values = {}) => fill(CATALOGUES[language][key] ?? key, values);
}

/** For words that come from outside (a category, a reason): their text where the catalogue has one, else null. */
export function sayIfKnown(language: Language, key: string, values: Values = {}): string | null {
  const text = Object.hasOwn(CATALOGUES[language], key) ? CATALOGUES[language][key] : undefined;
  return text === undefined ? null : fill(text, values);
}

/** What the engine said in English; null where this language has no sentence for it. */
export function sentenceFor(language: Language): (english: string) => string | null {
  return (english) => sentenceIn(CATALOGUES[language], english, (figure) => figureIn(language, figure));
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

export function preferredLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  const wanted = [kept, ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return wanted.find((tag): tag is Language => tag === "en" || tag === "tr") ?? "en";
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(LANGUAGE_KEY, language);
}

/** Another window of ours may change it: the popover speaks as the window does, at once. */
export function followLanguage(onLanguage: (language: Language) => void): void {
  addEventListener("storage", ({ key }) => key === LANGUAGE_KEY && onLanguage(preferredLanguage()));
}
