/** report.html: one page that needs nothing else, runs nothing, and says the verdict and the next step first. */
import { faultIn, type Words } from "../words/words.ts";
import type { ReportData } from "./data.ts";
import { figures } from "./figures.ts";
import { attribute, type Content, foreign, html, type Markup } from "./markup.ts";
import { night } from "./night.ts";
import { STYLE } from "./style.ts";
import { lossText, unknownText } from "./texts.ts";
import { verdictLines } from "./verdict-lines.ts";

/** Nothing may be loaded or run, whatever a text of the page tries. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function reportHtml(data: ReportData, words: Words): string {
  const { say, language, format } = words;
  const { run } = data;
  const until = run.endedAt === null ? "" : ` – ${format.when(run.endedAt, run.createdAt)}`;
  const page = html`<!doctype html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${attribute(`${say("report.title")} · ${run.name}`)}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<header>
<p class="soft">${say("report.title")}</p>
<h1>${foreign(run.name)}</h1>
<p class="soft">${say(`kind.${run.kind}`)} · ${foreign(run.model)} · ${format.day(run.createdAt)}${until}</p>
</header>
${verdict(data, words)}
${tiles(data, words)}
${night(data, words)}
${figures(data, words)}
<footer>
<p>${foreign(say("report.footer", { version: data.version, at: format.day(data.writtenAt) }))}</p>
<p>${say("report.folder")} <code>${foreign(run.folder)}</code></p>
</footer>
</main>
</body>
</html>
`;
  return page.markup;
}

function verdict(data: ReportData, words: Words): Markup {
  const { say } = words;
  const decision = data.verdict?.decision ?? null;
  const tone = decision ?? (data.status === "needs-you" || data.run.child !== null ? "needs" : "none");
  const word = decision ? say(`verdict.${decision}`) : data.run.child !== null ? say("report.diverged") : say(`status.${data.status}`);
  const why = decision
    ? say(`verdict.${decision}.text`)
    : say(data.run.child !== null ? "report.none.diverged" : data.status === "finished" ? "report.none.finished" : "report.none.open");
  return html`<section class="verdict ${tone}" aria-labelledby="verdict-title">
<h2 id="verdict-title" class="soft">${say("verdict.title")}</h2>
<p class="word" data-decision="${tone}">${word}</p>
<p>${why}</p>
${fault(data, words)}
<div class="next" data-next="${attribute(data.next.name)}">
<h3 class="small soft" style="margin-top:0">${say("report.next")}</h3>
${next(data, words)}
</div>
${data.verdict ? verdictLines(data, data.verdict, words) : null}
</section>`;
}

function fault({ fault }: ReportData, words: Words): Markup | null {
  return fault && html`<p class="bad" data-fault="${attribute(fault.kind)}">${foreign(faultIn(words, fault).message)}</p>`;
}

function next({ next: { name, command, values }, fault, verdict, ollama, gguf }: ReportData, words: Words): Content {
  const { say } = words;
  const levers = (verdict?.levers ?? []).map((lever) => say(`verdict.lever.${lever}`)).join(", ");
  const open = name.startsWith("improve") && levers === "" ? ".open" : "";
  const text = name === "fault" && fault ? faultIn(words, fault).next : say(`report.next.${name}${open}`, { ...values, levers });
  const kept = ollama?.previous ? html`<p class="soft small">${foreign(say("report.previous", { name: ollama.previous }))}</p>` : null;
  const made = gguf && !ollama ? html`<p class="soft small">${say("report.gguf-made")}</p>` : null;
  return [html`<p>${foreign(text)}</p>`, command === null ? null : html`<p><code>${foreign(command)}</code></p>`, kept, made];
}

function tiles(data: ReportData, words: Words): Markup {
  const { say, format } = words;
  const { training, heldOut, heat, memory, energy, better } = data;
  const tile = (name: string, label: string, value: string, detail: string | null) =>
    html`<div data-tile="${attribute(name)}"><dt>${label}</dt><dd><b>${value}</b>${detail === null || detail === "" ? null : html`<span class="soft small">${detail}</span>`}</dd></div>`;
  const { firstLoss, lastLoss, step, totalSteps } = training;
  const steps = totalSteps > 0 ? say("sub.step", { step: format.integer(step), total: format.integer(totalSteps) }) : null;
  const celsius = heat?.heldCelsius ?? null;
  const slower = heat === null ? null : say("report.tile.slower", { loss: format.percent(heat.speedLoss) });
  const peak = memory.trainerPeakBytes;
  return html`<section class="tiles-card compact" style="padding:0;overflow:hidden" aria-label="${attribute(say("tile.title"))}"><dl class="tiles">
${tile("held-out", say("tile.held-out"), heldOut ? `${lossText(heldOut.before, words)} → ${lossText(heldOut.after, words)}` : unknownText(words), better ? say(`result.${better}`) : null)}
${tile("loss", say("tile.loss"), firstLoss === null ? unknownText(words) : `${lossText(firstLoss, words)} → ${lossText(lastLoss, words)}`, steps)}
${tile("time", say("report.tile.time"), format.seconds(data.run.seconds), say("report.tile.work", { duration: format.seconds(training.workSeconds) }))}
${tile("heat", say("report.tile.heat"), celsius === null ? unknownText(words) : `${format.integer(Math.round(celsius))} °C`, slower)}
${tile("memory", say("report.tile.memory"), peak === null ? unknownText(words) : format.bytes(peak), null)}
${tile("energy", say("report.tile.energy"), energy ? format.money(energy.bill.cost, energy.bill.currency) : unknownText(words), energy ? `${format.figure(energy.bill.kwh)} kWh, ${say(`report.energy.${energy.bill.how}`)}` : null)}
</dl></section>`;
}
