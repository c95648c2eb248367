/** A line of the night check as a sentence. */
import type { Check } from "../preflight/checks.ts";
import { type Reasons, whyText } from "./why.ts";
import type { Values } from "./words.ts";

/** `figures`: the values as the language writes them; names and commands stay. */
export function checkText(words: Reasons, { key, values, why }: Check, figures: (values: Values) => Values = (given) => given): string {
  const known = { ...figures(values), ...(why === undefined ? {} : { why: whyText(words, why) }) };
  return words.say(key, known);
}
