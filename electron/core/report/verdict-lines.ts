/** Each line the gate's word stands on: what was asked, what was found, and the answers that made it fail. */
import type { Judgement, Line } from "../verdict/judgement.ts";
import type { Words } from "../words/words.ts";
import type { ReportData } from "./data.ts";
import { attribute, foreign, html, type Markup } from "./markup.ts";
import { unknownText } from "./texts.ts";

const MARKS = { true: "✓", false: "✗", null: "?" } as const;
const SHARES: readonly string[] = ["trained", "sound-answers", "expected-answers", "forgotten"];
const LOSSES_OF_ROWS: readonly string[] = ["held-out", "held-out-stable"];

export function verdictLines({ questions }: ReportData, { lines }: Judgement, words: Words): Markup {
  const { say } = words;
  return html`<table style="margin-top:14px"><thead><tr><td class="mark"></td><th scope="col">${say("report.asked")}</th><th scope="col" class="number">${say("report.found")}</th></tr></thead><tbody>
${lines.map((line) => row(line, questions, words))}
</tbody></table>`;
}

function row(line: Line, questions: ReportData["questions"], words: Words): Markup {
  const { say, format } = words;
  const { criterion, passed, value, limit, low, high, count, evidence } = line;
  const interval = low !== undefined && high !== undefined ? ` ${say("verdict.interval", { low: format.loss(low), high: format.loss(high) })}` : "";
  const of = count > 0 ? say(countKey(criterion), { count: format.integer(count) }) : "";
  const found = passed === false ? evidence : [];
  const items = found.map(
    (one) =>
      html`<li>${say(`verdict.check.${one.check}`)} ${foreign(questions[one.prompt] ?? one.prompt)}${one.text === "" ? null : html` — ${foreign(one.text)}`}</li>`,
  );
  return html`<tr class="${String(passed)}" data-criterion="${attribute(criterion)}"><td class="mark"><span aria-hidden="true">${MARKS[`${passed}`]}</span></td>
<td><span class="unseen">${say(`verdict.mark.${passed}`)}</span>${say(`verdict.criterion.${criterion}`, { limit: figure(line, limit, words) })}<span class="soft small">${interval}${of === "" ? null : ` · ${of}`}</span>${items.length === 0 ? null : html`<ul class="evidence soft small">${items}</ul>`}</td>
<td class="number found">${figure(line, value, words)}</td></tr>
`;
}

function countKey(criterion: Line["criterion"]): string {
  if (LOSSES_OF_ROWS.includes(criterion)) return "report.of.rows";
  return criterion.endsWith("answers") || criterion === "forgotten" ? "report.of.answers" : "report.of.steps";
}

function figure({ criterion }: Line, value: number | null, words: Words): string {
  if (value === null) return unknownText(words);
  if (criterion === "memory") return words.format.bytes(value);
  return SHARES.includes(criterion) ? words.format.percent(value) : words.format.loss(value);
}
