/** Each line the gate's word stands on: what was asked, what was found, and the answers that made it fail. */
import type { CategoryGrade, Judgement, Line } from "../verdict/judgement.ts";
import { baselineText, blindText, categoryName, categoryText, countText, criterionText, earlyText, figureText, takenText } from "../words/lines.ts";
import type { Words } from "../words/words.ts";
import type { ReportData } from "./data.ts";
import { attribute, foreign, html, type Markup } from "./markup.ts";

const MARKS = { true: "✓", false: "✗", null: "?" } as const;

export function verdictLines({ questions, baseline, blind }: ReportData, { lines, categories = [], taken, early }: Judgement, words: Words): Markup {
  const { say } = words;
  return html`<table style="margin-top:14px"><thead><tr><td class="mark"></td><th scope="col">${say("report.asked")}</th><th scope="col" class="number">${say("report.found")}</th></tr></thead><tbody>
${lines.map((line) => row(line, questions, words))}
</tbody></table>${categoryTable(categories, baseline?.name ?? null, words)}${soft([blind && blindText(blind, words), takenText({ taken }, words), early === undefined ? null : earlyText({ early }, words), baselineText(baseline && { name: baseline.name, asked: baseline }, words)])}`;
}

function categoryTable(categories: readonly CategoryGrade[], daily: string | null, words: Words): Markup | null {
  if (categories.length === 0) return null;
  return html`<table data-categories style="margin-top:14px"><thead><tr><th scope="col">${words.say("verdict.categories")}</th><td></td></tr></thead><tbody>
${categories.map((grade) => html`<tr><td>${foreign(categoryName(grade.category, words))}</td><td class="soft small">${foreign(categoryText(grade, daily, words))}</td></tr>`)}
</tbody></table>`;
}

function soft(texts: readonly (string | null)[]): readonly (Markup | null)[] {
  return texts.map((text) => (text === null ? null : html`<p class="soft small">${foreign(text)}</p>`));
}

function row(line: Line, questions: ReportData["questions"], words: Words): Markup {
  const { say, format } = words;
  const { criterion, passed, value, low, high, evidence } = line;
  const interval = low !== undefined && high !== undefined ? ` ${say("verdict.interval", { low: format.loss(low), high: format.loss(high) })}` : "";
  const of = countText(line, words);
  const found = passed === false ? evidence : [];
  const items = found.map(
    (one) =>
      html`<li>${say(`verdict.check.${one.check}`)} ${foreign(questions[one.prompt] ?? one.prompt)}${one.text === "" ? null : html` — ${foreign(one.text)}`}</li>`,
  );
  return html`<tr class="${String(passed)}" data-criterion="${attribute(criterion)}"><td class="mark"><span aria-hidden="true">${MARKS[`${passed}`]}</span></td>
<td><span class="unseen">${say(`verdict.mark.${passed}`)}</span>${criterionText(line, words)}<span class="soft small">${interval}${of === "" ? null : ` · ${of}`}</span>${items.length === 0 ? null : html`<ul class="evidence soft small">${items}</ul>`}</td>
<td class="number found">${figureText(line, value, words)}</td></tr>
`;
}
