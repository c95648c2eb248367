/** Reasons as sentences. */
import type { Reason, Why } from "../reason.ts";
import { type Speaks, said, type Words } from "./words.ts";

export type Reasons = Speaks & Pick<Words, "say">;

/** Journals of before have the English sentence itself. */
export function whyText(words: Reasons, why: Why): string {
  return typeof why === "string" ? said(words, why).text : why.map((one) => sentence(words, one)).join("; ");
}

/** A fault, and what only a system says, bring their English sentence along. */
function sentence(words: Reasons, { of, key, values }: Reason): string {
  const brought = key === "fault" ? values["message"] : key === "said" ? values["text"] : undefined;
  const text = brought === undefined ? words.say(`why.${key}`, values) : said(words, brought).text;
  return `${of === null ? "" : `${of}: `}${text}`;
}
