/**
 * `npm run sim -- [--hours 8] [--seed 1] [--scenario NAME] [--out FILE.svg]` simulates one night and draws it;
 * `npm run sim -- --json [--seeds 20]` judges every scenario over the seeds from `--seed` on; its last line is one JSON object;
 * `npm run sim -- --forecast [--json]` judges the forecast over the same nights and over the recordings of real runs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_HEAT } from "../../electron/core/governor/settings.ts";
import type { Coverage } from "../core/forecast-moments.ts";
import { draw } from "./draw.ts";
import { judgeForecast } from "./forecast.ts";
import { type Outcome, simulate } from "./night.ts";
import { toPng } from "./png.ts";
import { BEGINS_HOUR, bestFor, figuresOf, judge, KINDS, type Kind, scenarioOf } from "./scenarios.ts";
import { holds } from "./search.ts";

/** What every night has to reach: work as a share of that of the best constant pace. */
const LEAST_WORK = { all: 0.97, level: 0.92 } as const;
/** Of 80 % intervals, held: fewer is a boast, more is no news. */
const COVERAGE = { least: 0.7, most: 0.9 } as const;

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    scenario: { type: "string", default: "fan-blocked" },
    level: { type: "boolean", default: false },
    out: { type: "string", default: "out/sim/night.svg" },
    json: { type: "boolean", default: false },
    forecast: { type: "boolean", default: false },
  },
});
const [hours, seed, seeds] = [whole(values.hours, 1, 24), whole(values.seed, 0, 1e9), whole(values.seeds, 1, 1000)];

if (values.forecast) judgeForecasts();
else if (values.json) judgeAll();
else await drawOne(KINDS.find((kind) => kind.name === values.scenario) ?? refuse(`--scenario is one of: ${KINDS.map((kind) => kind.name).join(", ")}`));

function allSeeds(): number[] {
  return Array.from({ length: seeds }, (_, index) => seed + index);
}

function judgeForecasts(): void {
  const { simulated, byNight, byMoment, recorded } = judgeForecast(allSeeds());
  const tell = (name: string, { moments, heldShare, endedEarlier, endedLater, medianWidth }: Coverage) =>
    process.stdout.write(
      `${name.padEnd(28)} ${percent(heldShare)} of ${moments} held (${endedEarlier} ended earlier, ${endedLater} later), median width ${percent(medianWidth)} of what was left\n`,
    );
  for (const part of [byNight, byMoment, recorded, { simulated }]) for (const [name, coverage] of Object.entries(part)) tell(name, coverage);
  const ok = [simulated, ...Object.values(recorded)].every(({ heldShare }) => heldShare >= COVERAGE.least && heldShare <= COVERAGE.most);
  if (values.json) process.stdout.write(`${JSON.stringify({ ok, seed, seeds, coverage: COVERAGE, simulated, byNight, byMoment, recorded })}\n`);
  process.exitCode = ok ? 0 : 1;
}

function judgeAll(): void {
  const all = allSeeds();
  const scenarios: Record<string, ReturnType<typeof judge>> = {};
  for (const kind of KINDS) {
    const figures = judge(kind, all, hours, DEFAULT_HEAT);
    scenarios[kind.name] = figures;
    for (const sense of ["all", "level"] as const) {
      const { nightsHeld, workShare, heldShare, highestCelsius } = figures[sense];
      const name = `${kind.name} (${sense === "all" ? "degrees" : "level only"})`;
      const held = `${nightsHeld}/${seeds} nights held, at or under the target ${percent(heldShare)}, highest ${highestCelsius} °C`;
      process.stdout.write(`${name.padEnd(28)} work ${percent(workShare)} of the best constant pace, ${held}\n`);
    }
  }
  const unmanaged = Object.fromEntries(["fanned", "fanless"].map((name) => [name, swingOf(name)]));
  const ok = Object.values(scenarios).every((one) =>
    (["all", "level"] as const).every((sense) => one[sense].nightsHeld === seeds && one[sense].workShare >= LEAST_WORK[sense]),
  );
  process.stdout.write(`${JSON.stringify({ ok, hours, seed, seeds, leastWork: LEAST_WORK, unmanaged, scenarios })}\n`);
  process.exitCode = ok ? 0 : 1;
}

/** Left alone at full pace: what the public measurements saw (docs/facts.md). */
function swingOf(name: string): { readonly highestCelsius: number; readonly lowestAfterwardsCelsius: number; readonly rows: number } {
  const kind = KINDS.find((one) => one.name === name) ?? refuse(name);
  const { highest, lowestAfterFirst, rows } = leftAlone(kind);
  return { highestCelsius: Number(highest.toFixed(1)), lowestAfterwardsCelsius: Number(lowestAfterFirst.toFixed(1)), rows };
}

function leftAlone({ machine, setting }: Kind): Outcome {
  return simulate({ machine, setting, hours, seed }, { paces: [{ from: 0, pace: 1 }] });
}

async function drawOne(kind: Kind): Promise<void> {
  const scenario = scenarioOf(kind, seed, hours);
  const best = bestFor(scenario, DEFAULT_HEAT);
  const governed = simulate(scenario, { sense: values.level ? "level" : "all" });
  const { workShare, heldShare, highestCelsius, commands } = figuresOf([{ outcome: governed, best }]);
  const paces = best.paces.map(({ pace }) => percent(pace)).join(", then ");
  const lines = [
    `At or under ${DEFAULT_HEAT.targetCelsius} °C for ${percent(heldShare)} of the night, highest ${highestCelsius} °C, ${commands} commands.`,
    `Work: ${percent(workShare)} of what the best constant pace that holds the same limit (${paces}) gets done.`,
  ];
  const { asleep, fanBlockedFrom } = kind.setting;
  const title = `${kind.says}${values.level ? ", only the thermal pressure level known" : ""}`;
  const view = { hours, beginsHour: BEGINS_HOUR, governed, unmanaged: leftAlone(kind), best: best.paces, settings: DEFAULT_HEAT, asleep, fanBlockedFrom };
  const svg = draw({ title, lines, ...view });
  const path = resolve(values.out);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, svg);
  const png = await toPng(svg, path.replace(/(\.svg)?$/, ".png"));
  process.stdout.write(
    [title, ...lines, holds(governed) ? "The limit was held." : "The limit was NOT held.", path, ...(png ? [png] : [])].join("\n").concat("\n"),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function whole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) refuse(`${text}: a whole number from ${least} to ${most} is needed`);
  return value;
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
