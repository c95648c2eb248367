/** The sentences of a notice in a person's language, from the catalogue that screens use too. */
import type { Notice } from "../notice.ts";
import { sentenceIn } from "../words/sentences.ts";
import type { Sending } from "./decide.ts";
import type { Told } from "./ledger.ts";

export type Catalogue = Readonly<Record<string, string>>;

const LISTED = 6;

export function noticeOf({ told, time }: Sending, words: Catalogue): Notice {
  const [first] = told;
  if (!first) throw new Error("nothing to send");
  // Sent again it is another message for the phone, so that it rings again.
  const id = time > 1 ? `${first.id}#${time}` : first.id;
  if (told.length === 1) return { id, level: first.level, title: titleOf(first, words), body: bodyOf(first, words) };
  const lines = told.slice(-LISTED).map((one) => `· ${titleOf(one, words)}`);
  return { id, level: "normal", title: fill(words["notice.digest.title"] ?? "{count}", { count: String(told.length) }), body: lines.join("\n") };
}

export function titleOf(one: Pick<Told, "key" | "values">, words: Catalogue): string {
  return fill(words[`notice.${one.key}.title`] ?? one.key, one.values);
}

/** Values that name several things, and where the catalogue has their words. */
const LISTS = { flags: "flag", criteria: "verdict.short", levers: "verdict.lever" } as const;

/** A fault's sentences come in English. */
export function bodyOf(one: Pick<Told, "key" | "values">, words: Catalogue): string {
  const english = Object.entries(one.values).filter(([key]) => key === "message" || key === "next");
  const values = { ...one.values, ...Object.fromEntries(english.map(([key, text]) => [key, sentenceIn(words, text) ?? text])) };
  const lists = Object.entries(LISTS).flatMap(([key, place]) => {
    const said = (values[key] ?? "").split(",").flatMap((name) => words[`${place}.${name}`] ?? []);
    return said.length > 0 ? [[key, said.join(", ")]] : [];
  });
  return fill(words[`notice.${one.key}.body`] ?? "", { ...values, ...Object.fromEntries(lists) });
}

export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole));
}
