/**
 * Issue "Cool, awake and on time": ≤85 °C for 99 % of the night and never 10 s over 90 °C, at 97 % of the work of the best constant pace
 * (92 % where only the pressure level is known). Few seeds here; `npm run sim -- --json` judges twenty. A sleeping machine and one without
 * any sensor are looked at too. Not covered: a real chip.
 */
import { describe, expect, it } from "vitest";
import { COMMAND_EVERY_S, DEFAULT_HEAT } from "../../electron/core/governor/settings.ts";
import { draw } from "./draw.ts";
import { simulate } from "./night.ts";
import { BEGINS_HOUR, bestFor, judge, KINDS, scenarioOf } from "./scenarios.ts";

const SEEDS = [1, 2];
const HOURS = 8;

describe.each(KINDS.map((kind) => [kind.name, kind] as const))("%s", (_name, kind) => {
  it("holds the limit, and nearly all of the work", () => {
    const { all, level } = judge(kind, SEEDS, HOURS, DEFAULT_HEAT);
    expect({ all: all.nightsHeld, level: level.nightsHeld }).toEqual({ all: SEEDS.length, level: SEEDS.length });
    expect(all.workShare).toBeGreaterThanOrEqual(0.97);
    expect(level.workShare).toBeGreaterThanOrEqual(0.92);
  });
});

describe("a governed night", () => {
  const [fanned] = KINDS.filter((kind) => kind.name === "fanned");
  const [blocked] = KINDS.filter((kind) => kind.name === "fan-blocked");
  if (!fanned || !blocked) throw new Error("no such scenario");

  it("has at most one command in 10 s", () => {
    const { said } = simulate(scenarioOf(blocked, 7, HOURS), { sense: "all" });
    expect(said.length).toBeGreaterThan(20);
    expect(Math.min(...said.slice(1).map(({ at }, index) => at - (said[index]?.at ?? 0)))).toBeGreaterThanOrEqual(COMMAND_EVERY_S);
  });

  it("is the same for the same seed, and another for another", () => {
    const rows = (seed: number) => simulate(scenarioOf(fanned, seed, 1), { sense: "all" }).rows;
    const [first, again, other] = [rows(3), rows(3), rows(4)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("with no sensor at all and a level that lies, step time still keeps it from swinging at the top all night", () => {
    const scenario = scenarioOf({ ...fanned, machine: { ...fanned.machine, levelStuck: true } }, 1, HOURS);
    const blind = simulate(scenario, { sense: "none" });
    const alone = simulate(scenario, { paces: [{ from: 0, pace: 1 }] });
    const hot = (points: typeof alone.points) => points.filter((point) => point.celsius > 100).length;
    expect(blind.said[0]).toMatchObject({ reason: "blind", pace: 0.8 });
    expect(hot(blind.points)).toBeLessThan(hot(alone.points) / 4);
  });

  it("is drawn as a picture without scripts, with every hour on it", () => {
    const scenario = scenarioOf(blocked, 1, 6);
    const governed = simulate(scenario, { sense: "all" });
    const { asleep, fanBlockedFrom } = blocked.setting;
    const best = bestFor(scenario, DEFAULT_HEAT).paces;
    const view = { title: "<b>A & B</b>", lines: ["one"], hours: 6, beginsHour: BEGINS_HOUR, governed, unmanaged: governed, best, asleep, fanBlockedFrom };
    const svg = draw({ ...view, settings: DEFAULT_HEAT });
    expect(["22:00", "23:00", "00:00", "04:00", "fan blocked"].filter((text) => !svg.includes(`>${text}<`))).toEqual([]);
    expect([svg.includes("<script"), svg.includes("<b>"), svg.includes("NaN")]).toEqual([false, false, false]);
  });
});
