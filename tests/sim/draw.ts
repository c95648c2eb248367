/** A night as a picture a person can read: temperature, pace and speed over the hours, one above the other. SVG without scripts. */
import type { HeatSettings } from "../../electron/core/governor/settings.ts";
import type { Span } from "./house.ts";
import type { Outcome, Point } from "./night.ts";

export interface Picture {
  readonly title: string;
  /** Sentences under it. */
  readonly lines: readonly string[];
  readonly hours: number;
  readonly beginsHour: number;
  readonly governed: Outcome;
  readonly unmanaged: Outcome;
  readonly best: readonly { readonly from: number; readonly pace: number }[];
  readonly settings: HeatSettings;
  readonly asleep: readonly Span[];
  readonly fanBlockedFrom: number | null;
}

const WIDTH = 1280;
const LEFT = 76;
const RIGHT = 150;
const GAP = 46;
const TOP = 150;
const COLOURS = {
  ink: "#1f2430",
  soft: "#5c6474",
  line: "#d9dde5",
  grey: "#9aa3b2",
  heat: "#d9480f",
  case: "#e8a33d",
  pace: "#1c6dd0",
  speed: "#0c8599",
} as const;
const OKAY = "#2b8a3e";
const RED = "#c92a2a";
/** Speed is told over a quarter of an hour: a long row in a micro-batch is no change of speed. */
const SPEED_POINTS = 30;

interface Panel {
  readonly name: string;
  readonly top: number;
  readonly height: number;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly unit: string;
}

export function draw(picture: Picture): string {
  const heights = [340, 180, 180];
  const tops = heights.map((_, index) => TOP + heights.slice(0, index).reduce((sum, height) => sum + height + GAP, 0));
  const bottom = (tops[2] ?? 0) + (heights[2] ?? 0);
  const most = Math.ceil(Math.max(...smooth(picture.unmanaged.points), ...smooth(picture.governed.points)) / 10) * 10;
  const heat: Panel = { name: "Temperature", top: tops[0] ?? 0, height: 340, low: 20, high: 115, ticks: [20, 40, 60, 80, 100], unit: " °C" };
  const pace: Panel = { name: "Pace (share of the time at work)", top: tops[1] ?? 0, height: 180, low: 0, high: 100, ticks: [0, 25, 50, 75, 100], unit: " %" };
  const speed: Panel = { name: "Speed (rows a minute)", top: tops[2] ?? 0, height: 180, low: 0, high: most, ticks: ticksTo(most), unit: "" };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 56}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="15">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(LEFT, 44, picture.title, `font-size="26" font-weight="600" fill="${COLOURS.ink}"`),
    ...picture.lines.map((line, index) => text(LEFT, 74 + 22 * index, line, `fill="${COLOURS.soft}" font-size="16"`)),
    ...spans(picture, bottom),
    ...drawHeat(picture, heat),
    ...drawPace(picture, pace),
    ...drawSpeed(picture, speed),
    ...hours(picture, bottom),
    "</svg>",
  ].join("\n");
}

function drawHeat({ governed, unmanaged, settings, hours }: Picture, panel: Panel): string[] {
  const values = (points: readonly Point[], of: (point: Point) => number) => points.map((point): Place => [point.at, of(point)]);
  const limit = (celsius: number, name: string, colour: string) => [
    path(
      [
        [0, celsius],
        [hours * 3_600, celsius],
      ],
      panel,
      hours,
      `stroke="${colour}" stroke-width="1.5" stroke-dasharray="6 5"`,
    ),
    text(WIDTH - RIGHT + 8, y(celsius, panel) + 5, `${name} ${celsius} °C`, `fill="${colour}"`),
  ];
  return [
    ...frame(panel),
    path(
      values(unmanaged.points, (point) => point.celsius),
      panel,
      hours,
      `stroke="${COLOURS.grey}" stroke-width="1"`,
    ),
    path(
      values(governed.points, (point) => point.caseCelsius),
      panel,
      hours,
      `stroke="${COLOURS.case}" stroke-width="2"`,
    ),
    path(
      values(governed.points, (point) => point.celsius),
      panel,
      hours,
      `stroke="${COLOURS.heat}" stroke-width="2"`,
    ),
    ...limit(settings.targetCelsius, "target", OKAY),
    ...limit(settings.redCelsius, "red", RED),
    ...legend(panel, [
      ["governed", COLOURS.heat],
      ["its case", COLOURS.case],
      ["left alone", COLOURS.grey],
    ]),
  ];
}

function drawPace({ governed, best, hours }: Picture, panel: Panel): string[] {
  const constant = best.flatMap(({ from, pace }, index): Place[] => [
    [from, 100 * pace],
    [best[index + 1]?.from ?? hours * 3_600, 100 * pace],
  ]);
  const stairs = governed.points.flatMap(({ at, pace }, index): Place[] => [
    [at, 100 * (governed.points[index - 1]?.pace ?? pace)],
    [at, 100 * pace],
  ]);
  return [
    ...frame(panel),
    path(stairs, panel, hours, `stroke="${COLOURS.pace}" stroke-width="2"`),
    path(constant, panel, hours, `stroke="${COLOURS.ink}" stroke-width="1.5" stroke-dasharray="2 4"`),
    ...legend(panel, [
      ["governed", COLOURS.pace],
      ["best constant", COLOURS.ink],
    ]),
  ];
}

function drawSpeed({ governed, unmanaged, hours }: Picture, panel: Panel): string[] {
  const values = ({ points }: Outcome) => smooth(points).map((value, index): Place => [points[index]?.at ?? 0, value]);
  return [
    ...frame(panel),
    path(values(unmanaged), panel, hours, `stroke="${COLOURS.grey}" stroke-width="1.5"`),
    path(values(governed), panel, hours, `stroke="${COLOURS.speed}" stroke-width="2"`),
    ...legend(panel, [
      ["governed", COLOURS.speed],
      ["left alone", COLOURS.grey],
    ]),
  ];
}

/** Rows a minute, each the mean of the points around it. */
function smooth(points: readonly Point[]): number[] {
  return points.map((_, index) => {
    const around = points.slice(Math.max(1, index - SPEED_POINTS / 2), index + SPEED_POINTS / 2);
    return (60 * around.reduce((sum, point) => sum + point.speed, 0)) / Math.max(1, around.length);
  });
}

type Place = readonly [at: number, value: number];

function path(places: readonly Place[], panel: Panel, hours: number, style: string): string {
  const points = places.map(([at, value]) => `${x(at, hours).toFixed(1)},${y(value, panel).toFixed(1)}`);
  return `<polyline fill="none" stroke-linejoin="round" ${style} points="${points.join(" ")}"/>`;
}

function x(at: number, hours: number): number {
  return LEFT + ((WIDTH - LEFT - RIGHT) * at) / (hours * 3_600);
}

function y(value: number, { top, height, low, high }: Panel): number {
  return top + height - (height * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
}

function frame(panel: Panel): string[] {
  const lines = panel.ticks.flatMap((tick) => [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick, panel)}" y2="${y(tick, panel)}" stroke="${COLOURS.line}"/>`,
    text(LEFT - 10, y(tick, panel) + 5, `${tick}${panel.unit}`, `text-anchor="end" fill="${COLOURS.soft}"`),
  ]);
  return [...lines, text(LEFT, panel.top - 12, panel.name, `font-weight="600" fill="${COLOURS.ink}"`)];
}

function legend(panel: Panel, entries: readonly (readonly [string, string])[]): string[] {
  return entries.flatMap(([name, colour], index) => {
    const right = WIDTH - RIGHT - 130 * (entries.length - 1 - index);
    return [
      `<line x1="${right - 110}" x2="${right - 88}" y1="${panel.top - 17}" y2="${panel.top - 17}" stroke="${colour}" stroke-width="3"/>`,
      text(right - 82, panel.top - 12, name, `fill="${COLOURS.soft}"`),
    ];
  });
}

function spans({ asleep, fanBlockedFrom, hours }: Picture, bottom: number): string[] {
  const drawn = asleep.flatMap(({ from, to }) => [
    `<rect x="${x(from, hours)}" y="${TOP}" width="${x(to, hours) - x(from, hours)}" height="${bottom - TOP}" fill="#eef1f6"/>`,
    text((x(from, hours) + x(to, hours)) / 2, bottom - 8, "asleep", `text-anchor="middle" fill="${COLOURS.soft}"`),
  ]);
  if (fanBlockedFrom === null) return drawn;
  const at = x(fanBlockedFrom, hours);
  const line = `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${bottom}" stroke="${RED}" stroke-dasharray="3 4"/>`;
  return [...drawn, line, text(at + 6, TOP + 330, "fan blocked", `fill="${RED}"`)];
}

function hours({ hours: count, beginsHour }: Picture, bottom: number): string[] {
  return Array.from({ length: Math.floor(count) + 1 }, (_, hour) =>
    text(x(hour * 3_600, count), bottom + 28, `${String((beginsHour + hour) % 24).padStart(2, "0")}:00`, `text-anchor="middle" fill="${COLOURS.soft}"`),
  );
}

function ticksTo(most: number): number[] {
  const step = most > 60 ? 20 : 10;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

function text(at: number, top: number, words: string, style: string): string {
  return `<text x="${at.toFixed(1)}" y="${top.toFixed(1)}" ${style}>${words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
}
