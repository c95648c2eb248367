/** Energy is measured where watts are known and called an estimate where they are not; sleep draws nothing that we claim. */
import { describe, expect, test } from "vitest";
import { addLook, billOf, CLOUDS, cloudCosts, estimateEnergy, NO_ENERGY } from "../../electron/core/evening/energy.ts";
import type { Ports } from "../../electron/core/ports.ts";
import { DEFAULT_SETTINGS, readSettings } from "../../electron/core/settings.ts";
import { changeSettings } from "../../electron/engine/settings.ts";
import { BLIND, FINE, known } from "./conditions.ts";

const TARIFF = { currency: "EUR", perKwh: 0.4 };
const hour = (conditions: typeof FINE, share: number, from = 0) => {
  let energy = { ...NO_ENERGY, lookedAt: from };
  for (let second = 10; second <= 3600; second += 10) energy = addLook(energy, conditions, share, from + second) as typeof energy;
  return energy;
};

describe("energy", () => {
  test("measured: an hour at 39 W of package is 50 W at the wall", () => {
    expect(billOf(hour({ ...FINE, watts: known(39) }, 1), TARIFF)).toMatchObject({
      how: "measured",
      kwh: expect.closeTo(0.05, 6),
      cost: expect.closeTo(0.02, 6),
    });
  });
  test("estimated: an hour of training by the stated model, an idle one less", () => {
    expect(billOf(hour(BLIND, 1), TARIFF)).toMatchObject({ how: "estimated", kwh: expect.closeTo(0.06, 6) });
    expect(billOf(hour(BLIND, 0), TARIFF)?.kwh).toBeCloseTo(0.008, 6);
    expect(billOf(estimateEnergy(3600, 0), TARIFF)).toMatchObject({ how: "estimated", kwh: expect.closeTo(0.06, 6) });
  });
  test("a part of each is called mixed", () => {
    const first = hour(FINE, 1);
    expect(billOf(addLook(first, BLIND, 1, 3610), TARIFF)?.how).toBe("mixed");
  });
  test("eight hours of sleep between two looks are not claimed", () => {
    const before = hour(FINE, 1);
    expect(addLook(before, FINE, 1, 3600 + 8 * 3600).measuredJoules).toBe(before.measuredJoules);
  });
  test("nothing seen is unknown, not 0", () => {
    expect(billOf(NO_ENERGY, TARIFF)).toBeNull();
  });
});

test("the cloud's hours follow the work and the model, and the table is the user's", () => {
  const [small] = cloudCosts(1_000_000, 2.6e9, 10, CLOUDS);
  const [large] = cloudCosts(1_000_000, 26e9, 10, CLOUDS);
  expect(small).toMatchObject({ name: "RunPod A100", hours: expect.closeTo(0.5 + 1e6 / 6000 / 3600, 6) });
  expect((large?.hours ?? 0) - 0.5).toBeCloseTo(10 * ((small?.hours ?? 0) - 0.5));
  expect(small?.usdPerYear).toBeCloseTo(10 * (small?.usd ?? 0));
  expect(cloudCosts(1, 1, 1, [])).toEqual([]);
});

describe("settings", () => {
  test("none are all defaults, and silent", () => {
    expect(readSettings(null)).toEqual({ settings: DEFAULT_SETTINGS, problem: null, language: null });
    expect(readSettings("{}")).toEqual({ settings: DEFAULT_SETTINGS, problem: null, language: null });
  });
  test("a language is told as chosen only where the file names one that there is", () => {
    expect(readSettings('{"language":"tr"}').language).toBe("tr");
    expect(readSettings('{"targetCelsius":80}').language).toBeNull();
    expect(readSettings('{"language":"xx"}').language).toBeNull();
    const file: { text: string | null } = { text: null };
    const write = (text: string) => {
      file.text = text;
    };
    const ports = { person: { readSettings: () => file.text, writeSettings: write } } as unknown as Ports;
    expect(changeSettings(ports, { targetCelsius: 80 }).language).toBeNull();
    expect(readSettings(file.text)).toMatchObject({ settings: { targetCelsius: 80, language: "en" }, language: null });
    expect(changeSettings(ports, { language: "en" }).language).toBe("en");
    expect(changeSettings(ports, { targetCelsius: 81 }).language).toBe("en");
    expect(readSettings(file.text).language).toBe("en");
  });
  test("a wrong key costs itself and is named", () => {
    const { settings, problem } = readSettings(JSON.stringify({ language: "tr", targetCelsius: "hot", quietHours: null, colour: "red" }));
    expect(settings).toMatchObject({ language: "tr", quietHours: null, targetCelsius: 85 });
    expect(problem).toContain("targetCelsius");
    expect(problem).toContain("colour");
  });
  test.each(["", "[", "7", "null", '"x"', "[]"])("%j is all defaults, and said", (text) => {
    const read = readSettings(text);
    expect(read.settings).toEqual(DEFAULT_SETTINGS);
    expect(read.problem).not.toBeNull();
  });
});
