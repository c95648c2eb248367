/** The simulated M2 is the published one: left alone it swings, or settles, as docs/facts.md tells. */
import { describe, expect, it } from "vitest";
import { AT_FIRST, houseAt } from "./house.ts";
import { cold, FULL_MHZ, FULL_WATTS, heatUp, speedOf, THROTTLED_MHZ } from "./m2.ts";
import { simulate } from "./night.ts";
import { KINDS, type Kind } from "./scenarios.ts";

const kind = (name: string): Kind => {
  const found = KINDS.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const leftAlone = (name: string) => simulate({ ...kind(name), hours: 3, seed: 1 }, { paces: [{ from: 0, pace: 1 }] });

describe("left alone at full pace", () => {
  it("the fanned one swings between 84 and 108 °C, again and again", () => {
    const { highest, lowestAfterFirst, points } = leftAlone("fanned");
    expect([highest > 107.5 && highest < 109, lowestAfterFirst > 83 && lowestAfterFirst < 84.5]).toEqual([true, true]);
    const tops = points.filter(
      ({ celsius }, index) => celsius > 104 && celsius > (points[index - 1]?.celsius ?? 0) && celsius >= (points[index + 1]?.celsius ?? 0),
    );
    expect(tops.length).toBeGreaterThan(8);
  });

  it("the fanless one peaks near 114 °C and settles about a third slower than the fanned", () => {
    const [fanless, fanned] = [leftAlone("fanless"), leftAlone("fanned")];
    expect(Math.abs(fanless.highest - 114)).toBeLessThan(2);
    const late = fanless.points.slice(-120).map((point) => point.celsius);
    expect(Math.max(...late) - Math.min(...late)).toBeLessThan(5);
    expect(Math.abs(fanless.rows / fanned.rows - 2 / 3)).toBeLessThan(0.06);
  });

  it("at the top clock and power fall as measured: 1,393 to 289 MHz, 29.5 to 7.3 W", () => {
    const { machine, setting } = kind("fanned");
    let heat = { ...cold(setting.roomCelsius), die: 107.9, case: 45 };
    const before = heatUp(machine, heat, 1, 22, false, 1);
    for (let second = 0; second < 60 && heat.mhz === FULL_MHZ; second += 1) heat = heatUp(machine, heat, 1, 22, false, 1);
    const after = heatUp(machine, heat, 1, 22, false, 1);
    expect([before.watts, heat.mhz, heat.level, after.watts]).toEqual([FULL_WATTS, THROTTLED_MHZ, 2, 7.3]);
    expect(speedOf(heat)).toBeCloseTo(289 / 1393);
  });
});

describe("the house", () => {
  it("runs down its battery on a pulled plug, and swaps when another program takes memory", () => {
    const { setting } = kind("eventful");
    let house = houseAt(setting, AT_FIRST, 20, 0, 0);
    const seen: Record<number, typeof house> = {};
    for (let at = 0; at < 8 * 3_600; at += 10) {
      house = houseAt(setting, house, 20, at, 10);
      if (at % 1_800 === 0) seen[at / 3_600] = house;
    }
    expect(seen[1]).toMatchObject({ onBattery: false, batteryPercent: 100, swapUsedBytes: 0, memoryLevel: "normal" });
    expect(seen[2]).toMatchObject({ asleep: true, lidClosed: true });
    expect(seen[3.5]?.swapUsedBytes ?? 0).toBeGreaterThan(0);
    expect(seen[4.5]).toMatchObject({ onBattery: true });
    expect(seen[5]?.batteryPercent ?? 100).toBeLessThan(60);
    expect(seen[7.5]).toMatchObject({ batteryPercent: 100, swapUsedBytes: 0 });
  });
});
