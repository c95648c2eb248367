/** Small texts that several parts of a report share. */
import { type Figure, toNumber } from "../events.ts";
import type { Why } from "../reason.ts";
import { whyText } from "../words/why.ts";
import type { Words } from "../words/words.ts";
import { type Content, html, type Markup } from "./markup.ts";

export function unknownText(words: Words, why: Why | null = null): string {
  return why === null ? words.say("verdict.unknown") : words.say("report.unknown-why", { why: whyText(words, why) });
}

export function lossText(value: Figure | null, words: Words): string {
  if (value === null) return unknownText(words);
  return Number.isFinite(toNumber(value)) ? words.format.loss(value) : words.say("chart.not-finite");
}

export interface Fact {
  readonly label: Content;
  readonly value: Content;
}

export function facts(list: readonly (Fact | null)[], name = ""): Markup {
  const known = list.filter((one) => one !== null);
  return html`<dl class="facts ${name}">${known.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}
