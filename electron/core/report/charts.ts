/** The report's pictures as SVG; each says the same in words for those who do not see it. Colours are classes, so that dark and print have theirs. */
import type { CurveData } from "../words/curve-data.ts";
import type { Words } from "../words/words.ts";
import type { ReportData, TimePoint } from "./data.ts";
import { attribute, html, type Markup, place } from "./markup.ts";

const WIDTH = 720;
const HEIGHT = 210;
const EDGE = { left: 44, right: 40, top: 12, bottom: 26 } as const;
const [INNER_WIDTH, INNER_HEIGHT] = [WIDTH - EDGE.left - EDGE.right, HEIGHT - EDGE.top - EDGE.bottom];

interface Scale {
  readonly from: number;
  readonly to: number;
}
interface Axes {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}
interface Dot {
  readonly x: number;
  readonly y: number;
}

function axesOf(xs: Scale, ys: Scale): Axes {
  const share = (value: number, { from, to }: Scale) => (to > from ? (value - from) / (to - from) : 0.5);
  return { x: (value) => EDGE.left + share(value, xs) * INNER_WIDTH, y: (value) => EDGE.top + (1 - share(value, ys)) * INNER_HEIGHT };
}

/** Round values within the scale, about four of them: steps of 1, 2 or 5 times a power of ten. */
export function ticks({ from, to }: Scale, wanted = 4): readonly number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.min(12, Math.floor(to / step + 1e-9) - first + 1) }, (_one, index) => Number(((first + index) * step).toPrecision(10)));
}

export function lossChart(data: CurveData, words: Words): Markup | null {
  const spans = data.rows.flatMap(({ span }) =>
    span?.mean == null ? [] : [{ x: (span.from + span.to) / 2, mean: span.mean, low: span.low ?? span.mean, high: span.high ?? span.mean }],
  );
  const heldOut = data.rows.flatMap(({ step, heldOut: loss }) => (loss === null ? [] : [{ x: step, y: loss }]));
  if (spans.length + heldOut.length < 2) return null;
  const highs = [...spans.map(({ high }) => high), ...heldOut.map(({ y }) => y)];
  const ys = { from: 0, to: 1.05 * Math.max(...highs, 1e-9) };
  const xs = { from: 0, to: Math.max(data.totalSteps, ...data.rows.map(({ step }) => step), 1) };
  const axes = axesOf(xs, ys);
  const { format, say } = words;
  const [first, last] = [spans[0], spans.at(-1)];
  const label = [
    first && last ? say("report.chart.loss-text", { first: format.loss(first.mean), last: format.loss(last.mean) }) : "",
    heldOut.length > 0 ? say("report.chart.held-out-text", { first: format.loss(heldOut[0]?.y ?? null), last: format.loss(heldOut.at(-1)?.y ?? null) }) : "",
  ];
  return picture(label.filter(Boolean).join(" "), [
    grid(axes, ticks(ys), (value) => format.loss(value)),
    bottom(axes, ticks(xs, 6), (value) => format.integer(value), say("report.chart.steps")),
    ...data.checkpoints.map((step) => html`<path class="sealed" d="M${place(axes.x(step))} ${place(HEIGHT - EDGE.bottom)}v-6"/>`),
    area(spans.map(({ x, low, high }) => ({ x: axes.x(x), low: axes.y(low), high: axes.y(high) }))),
    polyline(
      "train",
      spans.map(({ x, mean }) => ({ x: axes.x(x), y: axes.y(mean) })),
    ),
    polyline(
      "held-out",
      heldOut.map(({ x, y }) => ({ x: axes.x(x), y: axes.y(y) })),
    ),
    ...heldOut.map(({ x, y }) => html`<circle class="held-out" cx="${place(axes.x(x))}" cy="${place(axes.y(y))}" r="3"/>`),
    ...data.notFinite.slice(0, 50).map((step) => html`<text class="bad" x="${place(axes.x(step))}" y="${place(EDGE.top + 8)}">×</text>`),
  ]);
}

/** Temperature on the left, pace in per cent on the right. */
export function heatChart({ temperature, pace }: Pick<ReportData["curves"], "temperature" | "pace">, words: Words): Markup | null {
  if (Math.max(temperature.length, pace.length) < 2) return null;
  const { format, say } = words;
  const last = Math.max(temperature.at(-1)?.minute ?? 0, pace.at(-1)?.minute ?? 0, 1);
  const hours = last > 180;
  const xs = { from: 0, to: last };
  const [coolest, hottest] = [Math.min(...temperature.map(({ low }) => low)), Math.max(...temperature.map(({ high }) => high))];
  const known = temperature.length > 0;
  const ys = known ? { from: Math.floor((coolest - 5) / 10) * 10, to: Math.ceil((hottest + 3) / 10) * 10 } : { from: 0, to: 105 };
  const [heat, share] = [axesOf(xs, ys), axesOf(xs, { from: 0, to: 105 })];
  const label = [
    known ? say("report.chart.heat-text", { low: format.integer(coolest), high: format.integer(hottest) }) : say("report.chart.heat-unknown"),
    pace.length > 0 ? say("report.chart.pace-text", { low: format.percent(Math.min(...pace.map(({ low }) => low)) / 100) }) : "",
  ];
  const dots = (points: readonly TimePoint[], { x, y }: Axes) => points.map(({ minute, mean }) => ({ x: x(minute), y: y(mean) }));
  const minutes = hours ? ticks({ from: 0, to: last / 60 }, 6).map((hour) => hour * 60) : ticks(xs, 6);
  return picture(label.filter(Boolean).join(" "), [
    known ? grid(heat, ticks(ys), (value) => `${format.integer(value)}°`) : grid(share, [0, 50, 100], (value) => format.percent(value / 100)),
    bottom(
      heat,
      minutes,
      (value) => format.loss(hours ? value / 60 : value).replace(/[.,]00$/, ""),
      say(hours ? "report.chart.hours" : "report.chart.minutes"),
    ),
    known ? right(share, [0, 50, 100], (value) => format.percent(value / 100)) : null,
    polyline("pace", dots(pace, share)),
    area(
      temperature.map(({ minute, low, high }) => ({ x: heat.x(minute), low: heat.y(low), high: heat.y(high) })),
      "heat-area",
    ),
    polyline("heat", dots(temperature, heat)),
  ]);
}

function picture(label: string, parts: readonly (Markup | null)[]): Markup {
  return html`<svg role="img" aria-label="${attribute(label)}" viewBox="0 0 ${place(WIDTH)} ${place(HEIGHT)}">${parts}</svg>`;
}

function grid({ y }: Axes, values: readonly number[], write: (value: number) => string): Markup {
  const lines = values.map(
    (value) =>
      html`<path class="grid" d="M${place(EDGE.left)} ${place(y(value))}h${place(INNER_WIDTH)}"/><text class="end" x="${place(EDGE.left - 6)}" y="${place(y(value) + 4)}">${write(value)}</text>`,
  );
  return html`${lines}`;
}

function right({ y }: Axes, values: readonly number[], write: (value: number) => string): Markup {
  return html`${values.map((value) => html`<text x="${place(WIDTH - EDGE.right + 5)}" y="${place(y(value) + 4)}">${write(value)}</text>`)}`;
}

function bottom({ x }: Axes, values: readonly number[], write: (value: number) => string, unit: string): Markup {
  const marks = values.map((value) => html`<text class="middle" x="${place(x(value))}" y="${place(HEIGHT - 9)}">${write(value)}</text>`);
  return html`<path class="axis" d="M${place(EDGE.left)} ${place(HEIGHT - EDGE.bottom)}h${place(INNER_WIDTH)}"/>${marks}<text class="end" x="${place(WIDTH - 2)}" y="${place(HEIGHT - 9)}">${unit}</text>`;
}

function polyline(name: string, dots: readonly Dot[]): Markup | null {
  const [first, ...rest] = dots;
  if (!first || rest.length === 0) return null;
  return html`<path class="line ${name}" d="M${pair(first)}${rest.map((dot) => html`L${pair(dot)}`)}"/>`;
}

function area(points: readonly { readonly x: number; readonly low: number; readonly high: number }[], name = "train-area"): Markup | null {
  const dots = [...points.map(({ x, high }) => ({ x, y: high })), ...points.toReversed().map(({ x, low }) => ({ x, y: low }))];
  const [first, ...rest] = dots;
  if (!first || points.length < 2) return null;
  return html`<path class="${name}" d="M${pair(first)}${rest.map((dot) => html`L${pair(dot)}`)}Z"/>`;
}

function pair({ x, y }: Dot): Markup {
  return html`${place(x)} ${place(y)}`;
}
