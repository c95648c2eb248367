/** The night in figures: heat and what it cost, memory, energy beside the cloud, checkpoints, rows, GGUF and Ollama, settings. */
import { IDLE_WATTS, TRAINING_WATTS } from "../evening/energy.ts";
import type { Why } from "../reason.ts";
import { faultIn, said, type Words } from "../words/words.ts";
import type { ReportData } from "./data.ts";
import { foreign, html, type Markup } from "./markup.ts";
import { facts, unknownText } from "./texts.ts";

export function figures(data: ReportData, words: Words): Markup {
  return html`<div class="two">
${card("heat", "report.heat", heat(data, words), words)}
${card("memory", "report.memory", memory(data, words), words)}
</div>
${card("energy", "report.energy", energy(data, words), words)}
<div class="two">
${card("checkpoints", "report.checkpoints", checkpoints(data, words), words)}
${card("data", "report.data", rows(data, words), words)}
</div>
${card("result", "report.result", result(data, words), words)}
${card("settings", "report.settings", settings(data), words)}
`;
}

function card(name: string, title: string, content: Markup, { say }: Words): Markup {
  return html`<section id="${name}" class="compact" aria-labelledby="${name}-title"><h2 id="${name}-title">${say(title)}</h2>${content}</section>`;
}

function heat({ heat: cost, tally }: ReportData, words: Words): Markup {
  const { say, format } = words;
  const degrees = (celsius: number | null | undefined) =>
    celsius == null ? unknownText(words, cost?.whyUnknown ?? null) : `${format.integer(Math.round(celsius))} °C`;
  return facts([
    { label: say("report.heat.held"), value: degrees(cost?.heldCelsius) },
    { label: say("report.heat.highest"), value: degrees(cost?.highestCelsius) },
    { label: say("report.heat.rests"), value: format.integer(tally.rests) },
    { label: say("report.heat.cost"), value: cost ? say("report.tile.slower", { loss: format.percent(cost.speedLoss) }) : unknownText(words) },
  ]);
}

function memory({ memory: held }: ReportData, words: Words): Markup {
  const { say, format } = words;
  const size = (bytes: number | null, why: Why | null = null) => (bytes === null ? unknownText(words, why) : format.bytes(bytes));
  const swap = held.swapPeakBytes === null ? unknownText(words, held.swapWhyUnknown) : `${size(held.swapFirstBytes)} → ${size(held.swapPeakBytes)}`;
  return facts([
    { label: say("report.memory.trainer"), value: size(held.trainerPeakBytes) },
    { label: say("report.memory.machine"), value: size(held.machinePeakBytes) },
    { label: say("report.memory.swap"), value: swap },
    { label: say("report.memory.swap-written"), value: size(held.swapWrittenBytes) },
    { label: say("report.memory.kills"), value: format.integer(held.kills) },
  ]);
}

function energy({ energy: used, cloud }: ReportData, words: Words): Markup {
  const { say, format } = words;
  if (!used) return html`<p class="soft">${say("report.energy.unknown")}</p>`;
  const { bill, drawn, perKwh } = used;
  const seconds = drawn.measuredSeconds + drawn.estimatedSeconds;
  const how = say(`report.energy.${bill.how}.text`, {
    share: format.percent(seconds > 0 ? drawn.measuredSeconds / seconds : 0),
    training: format.integer(TRAINING_WATTS),
    idle: format.integer(IDLE_WATTS),
  });
  const sum = say("report.energy.sum", {
    kwh: format.figure(bill.kwh),
    tariff: format.money(perKwh, bill.currency),
    cost: format.money(bill.cost, bill.currency),
  });
  return html`<p><b>${sum}</b><br><span class="soft small">${how}</span></p>${cloud ? cloudTable(cloud, used, words) : html`<p class="soft small">${say("report.cloud.unknown")}</p>`}`;
}

function cloudTable(cloud: NonNullable<ReportData["cloud"]>, { bill, drawn }: NonNullable<ReportData["energy"]>, words: Words): Markup {
  const { say, format } = words;
  const row = (name: string, seconds: number, once: string, year: string) =>
    html`<tr><th scope="row">${foreign(name)}</th><td class="number">${format.seconds(seconds)}</td><td class="number">${once}</td><td class="number">${year}</td></tr>
`;
  const home = row(
    say("report.cloud.home"),
    drawn.measuredSeconds + drawn.estimatedSeconds,
    format.money(bill.cost, bill.currency),
    cloud.homePerYear === null ? unknownText(words) : format.money(cloud.homePerYear, bill.currency),
  );
  const head = ["report.cloud.where", "report.cloud.time", "report.cloud.once", "report.cloud.year"].map(
    (key, index) => html`<th scope="col" class="${index === 0 ? "" : "number"}">${say(key)}</th>`,
  );
  return html`<table><thead><tr>${head}</tr></thead><tbody>${home}${cloud.rows.map((one) => row(one.name, one.hours * 3600, format.money(one.usd, "USD"), format.money(one.usdPerYear, "USD")))}</tbody></table>
<p class="soft small">${say("report.cloud.note", { count: format.integer(cloud.perYear) })}</p>`;
}

const CHECKPOINTS_SHOWN = 5;

function checkpoints({ checkpoints: { sealed, kept }, run }: ReportData, words: Words): Markup {
  const { say, format } = words;
  const newest = kept.slice(-CHECKPOINTS_SHOWN).reverse();
  return facts([
    { label: say("report.checkpoints.sealed"), value: format.integer(sealed) },
    ...newest.map(({ step, at, bytes }) => ({
      label: say("chart.step", { step: format.integer(step) }),
      value: `${format.when(at, run.createdAt)} · ${format.bytes(bytes)}`,
    })),
  ]);
}

function rows({ data: { train, heldOut, counts } }: ReportData, words: Words): Markup {
  const { say, format } = words;
  const count = (name: string, value: number) => ({ label: say(`report.data.${name}`), value: format.integer(value) });
  return facts([
    { label: say("report.data.train"), value: html`<code>${foreign(train)}</code>` },
    heldOut === null ? null : { label: say("report.data.held-out"), value: html`<code>${foreign(heldOut)}</code>` },
    ...(counts
      ? [
          {
            label: say("report.data.rows"),
            value: say("report.data.rows-of", { rows: format.integer(counts.rows), heldOut: format.integer(counts.heldOutRows) }),
          },
          count("leaked", counts.leakedRows),
          count("dropped", counts.droppedRows),
          count("truncated", counts.truncatedRows),
          count("tokens", counts.tokensAnEpoch),
          { label: say("report.data.padding"), value: format.percent(counts.paddingShare) },
        ]
      : [{ label: say("report.data.rows"), value: say("report.data.unread") }]),
  ]);
}

function result({ gguf, ollama, smoke, notMade }: ReportData, words: Words): Markup {
  const { say, format } = words;
  const why = notMade && html`${foreign(notMade.fault ? faultIn(words, notMade.fault).message : said(words, notMade.why).text)}`;
  const file =
    gguf &&
    html`<code>${foreign(gguf.path)}</code><br><span class="soft small">${foreign(gguf.quantization)} · ${format.bytes(gguf.bytes)} · SHA-256 ${foreign(gguf.sha256.slice(0, 12))}…</span>`;
  const asked =
    smoke &&
    html`${say(smoke.passed ? "event.smoke-passed" : "event.smoke-failed")}${smoke.passed ? null : html` (${foreign(said(words, smoke.reason).text)})`}<br><span class="soft small">${foreign(smoke.prompt)}</span><br>${foreign(smoke.answer)}`;
  return facts([
    { label: say("result.gguf"), value: file ?? html`${say("report.not-made")}${why ? html` ${why}` : null}` },
    {
      label: say("result.ollama"),
      value: ollama ? foreign(say("result.ollama-live", { name: ollama.name })) : html`${say("report.not-in-ollama")}${file && why ? html` ${why}` : null}`,
    },
    asked && { label: say("report.smoke"), value: asked },
  ]);
}

/** Keys as `run.json` and Hugging Face have them: that is what people know, in every language. */
const SHOWN_SETTINGS = [
  "learning_rate",
  "lr_scheduler_type",
  "warmup_steps",
  "num_train_epochs",
  "max_seq_length",
  "micro_batch_size",
  "gradient_accumulation_steps",
  "micro_batch_tokens",
  "calibrate",
  "lora_r",
  "lora_alpha",
  "lora_dropout",
  "load_in_4bit",
  "dtype",
  "optim",
  "train_on_answer_only",
  "seed",
] as const;

function settings({ settings: training }: ReportData): Markup {
  const value = (of: unknown) => (typeof of === "number" && of !== 0 && Math.abs(of) < 1e-3 ? of.toExponential() : String(of));
  return facts(
    SHOWN_SETTINGS.filter((key) => training[key] !== null).map((key) => ({
      label: html`<code>${key}</code>`,
      value: html`<code>${value(training[key])}</code>`,
    })),
    "settings",
  );
}
