/** What happened and what Thortime did about it, the curves, and the answers before and after. */
import type { Cause } from "../events.ts";
import { tell } from "../words/happenings.ts";
import { whyText } from "../words/why.ts";
import { faultIn, sayIfKnown, type Words } from "../words/words.ts";
import { markChanged, type ShownAnswer, type ShownCategory } from "./answers.ts";
import { heatChart, lossChart } from "./charts.ts";
import type { ReportData } from "./data.ts";
import { attribute, foreign, html, type Markup } from "./markup.ts";

export function night(data: ReportData, words: Words): Markup {
  return html`${happened(data, words)}${curves(data, words)}${answers(data, words)}`;
}

/** More checkpoints than this would push the telling lines from the page; they are counted further below. */
const CHECKPOINTS_TOLD = 4;
const LINES_TOLD = 18;

function happened(data: ReportData, words: Words): Markup {
  const { say, format } = words;
  const seals = data.happened.filter(({ event }) => event.type === "checkpoint-sealed").length;
  const worth = seals > CHECKPOINTS_TOLD ? data.happened.filter(({ event }) => event.type !== "checkpoint-sealed") : data.happened;
  const all = tell(worth, words).toReversed();
  const lines = all.slice(-LINES_TOLD);
  const rows = lines.map(
    ({ at, text, detail, tone }) =>
      html`<li><time datetime="${attribute(new Date(at).toISOString())}">${format.when(at, data.run.createdAt)}</time><span class="${tone === "plain" ? "" : tone}">${foreign(text)}${detail === null ? null : html` <span class="soft small">${foreign(detail)}</span>`}</span></li>`,
  );
  return html`<section id="happened" aria-labelledby="happened-title"><h2 id="happened-title">${say("happened.title")}</h2>
<ul>${deeds(data, words).map((text) => html`<li>${foreign(text)}</li>`)}</ul>
${rows.length === 0 ? null : html`<h3>${say("report.log")}</h3><ol class="log small">${rows}</ol>`}
${all.length > lines.length ? html`<p class="soft small">${say("report.log-more", { count: format.integer(all.length - lines.length) })}</p>` : null}
${data.run.damages > 0 ? html`<p class="soft small">${say("happened.damages", { count: format.integer(data.run.damages) })}</p>` : null}
</section>
`;
}

const UNASKED: readonly Cause[] = ["memory-kill", "display-watchdog", "stalled", "reboot", "crash", "unknown"];

/** Counted over the whole night; that nothing went wrong is said as well. */
function deeds(data: ReportData, words: Words): readonly string[] {
  const { say, format } = words;
  const { tally, memory, run, fault, heat } = data;
  const times = (key: string, count: number) => (count > 0 ? [say(`report.did.${key}`, { count: format.integer(count) })] : []);
  const ends = UNASKED.flatMap((cause) => (tally.ends[cause] ? [`${format.integer(tally.ends[cause])} × ${say(`report.cause.${cause}`)}`] : []));
  const slower = heat !== null && heat.speedLoss >= 0.01 ? [say("report.did.slower", { loss: format.percent(heat.speedLoss) })] : [];
  const batches = memory.microBatchTokens === null ? [] : [say("report.did.batches", { tokens: format.integer(memory.microBatchTokens) })];
  const lines = memory.maxSeqLength === null ? batches : [...batches, say("report.did.rows", { tokens: format.integer(memory.maxSeqLength) })];
  const all = [
    ...(run.against ? [say("report.did.against")] : []),
    ...(run.parent === null ? [] : [say("report.did.parent", { parent: run.parent })]),
    ...(ends.length > 0 ? [say("report.did.unasked", { causes: ends.join(", ") })] : []),
    ...times("resumes", tally.resumes),
    ...lines,
    ...times("rests", tally.rests),
    ...slower,
    ...times("pauses", tally.pauses),
    ...times("stalls", tally.stalls),
    ...times("full-disks", tally.fullDisks),
    ...times("refused", tally.refusedCheckpoints),
    ...(fault === null || run.child !== null ? [] : [say("report.did.fault", { message: faultIn(words, fault).message })]),
    ...(run.child === null ? [] : [say("report.did.child", { child: run.child })]),
  ];
  return all.length > 0 ? all : [say("report.did.nothing")];
}

function curves({ curves: { loss, temperature, pace }, heat }: ReportData, words: Words): Markup {
  const { say } = words;
  const [losses, warmth] = [lossChart(loss, words), heatChart({ temperature, pace }, words)];
  const key = (name: string, text: string) => html`<li><span class="k-${name}"></span>${text}</li>`;
  const lossKey = html`<ul class="key">${key("train", say("chart.train"))}${key("held-out", say("chart.held-out"))}${key("sealed", say("chart.checkpoint"))}</ul>`;
  const heatKey = html`<ul class="key">${temperature.length > 0 ? key("heat", say("report.chart.heat")) : null}${key("pace", say("report.chart.pace"))}</ul>`;
  const blind =
    temperature.length === 0
      ? html`<p class="soft small">${say("report.heat-unknown")}${heat?.whyUnknown ? html` (${foreign(whyText(words, heat.whyUnknown))})` : null}</p>`
      : null;
  return html`<section id="curves" aria-labelledby="curves-title"><h2 id="curves-title">${say("report.curves")}</h2>
<h3 style="margin-top:0">${say("chart.title")}</h3>
${losses ? html`<figure class="compact" style="margin:0">${losses}${lossKey}</figure>` : html`<p class="soft">${say("report.chart.no-loss")}</p>`}
<h3>${say("report.chart.heat-and-pace")}</h3>
${warmth ? html`<figure class="compact" style="margin:0">${warmth}${heatKey}</figure>` : null}
${blind}
</section>
`;
}

function answers({ answers: categories, baseline }: ReportData, words: Words): Markup {
  const { say } = words;
  const daily = baseline?.name ?? null;
  if (categories.length === 0)
    return html`<section id="answers" aria-labelledby="answers-title"><h2 id="answers-title">${say("answers.title")}</h2><p class="soft">${say("report.no-answers")}</p></section>
`;
  return html`<section id="answers" aria-labelledby="answers-title"><h2 id="answers-title">${say("answers.title")}</h2>
${categories.map((category) => categoryOf(category, daily, words))}
</section>
`;
}

function categoryOf({ category, before, after, baseline, answers: shown, more }: ShownCategory, daily: string | null, words: Words): Markup {
  const { say, format } = words;
  const share = ({ passed, of }: ShownCategory["before"]) => (of > 0 ? `${format.integer(passed)}/${format.integer(of)}` : say("verdict.unknown"));
  const theirs = daily !== null && baseline.of > 0 ? ` · ${say("verdict.baseline.passed", { name: daily, count: share(baseline) })}` : "";
  const passed = say("report.passed", { before: share(before), after: share(after) }) + theirs;
  return html`<h3>${foreign(sayIfKnown(words, `category.${category}`) ?? category)} <span class="soft small">${foreign(passed)}</span></h3>
${shown.map((answer) => pair(answer, daily, words))}
${more > 0 ? html`<p class="soft small">${say("report.more-answers", { count: format.integer(more) })}</p>` : null}
`;
}

function pair({ text, before, after, baseline, failedBefore, failedAfter, failedBaseline }: ShownAnswer, daily: string | null, words: Words): Markup {
  const { say } = words;
  const changed = before !== null && after !== null ? say(before === after ? "report.same" : "report.changed") : "";
  const marked = before !== null && after !== null && before !== after ? markChanged(before, after) : null;
  const news = marked?.map((word) => (word.own ? html`<ins>${word.text.trimEnd()}</ins>${word.text.slice(word.text.trimEnd().length)}` : word.text)) ?? null;
  const side = (name: string, said: string | null, failed: ShownAnswer["failedAfter"], body: readonly (Markup | string)[] | null, chip: string) =>
    html`<div class="side"><h4><span>${foreign(name)}${chip === "" ? null : ` · ${chip}`}</span>${mark(failed, words)}</h4><p class="said">${spoken(said, body, words)}</p></div>`;
  return html`<div class="pair"><p>${foreign(text)}</p><div class="sides">${side(say("answers.before"), before, failedBefore, null, "")}${side(say("answers.after"), after, failedAfter, news, changed)}${daily !== null && baseline !== null ? side(daily, baseline, failedBaseline, null, "") : null}</div></div>
`;
}

function spoken(said: string | null, body: readonly (Markup | string)[] | null, { say }: Words): Markup {
  if (said === null) return html`<span class="soft">${say("answers.not-asked")}</span>`;
  if (said.trim() === "") return html`<span class="soft">${say("answers.nothing")}</span>`;
  return body ? html`<bdi>${body}</bdi>` : foreign(said);
}

function mark(failed: ShownAnswer["failedAfter"], { say }: Words): Markup | null {
  if (failed === null) return null;
  if (failed.length === 0) return html`<span class="good">✓ ${say("report.check.passed")}</span>`;
  return html`<span class="bad">✗ ${failed.map(({ check }) => say(`verdict.check.${check}`).replace(/:$/, "")).join(", ")}</span>`;
}
