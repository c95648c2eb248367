/** Promise 2 for heat: what screens tell of temperature, pace and cost is folded from the journal, bounded, and unknown where it is unknown. */
import { describe, expect, it } from "vitest";
import { MAX_BUCKETS } from "../../electron/core/curve.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { heatCost } from "../../electron/core/governor/cost.ts";
import { conditionsBody, knowsAnything } from "../../electron/core/governor/look.ts";
import { nothingKnown } from "../../electron/core/reading.ts";
import { because } from "../../electron/core/reason.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const fold = (bodies: readonly (readonly [EventBody, number])[], from: RunState = EMPTY_RUN) =>
  bodies.reduce((state, [body, at]) => reduce(state, entry(body, { at })), from);
const TRAINING = fold([
  [sample("run-created"), 0],
  [sample("spawned"), 0],
]);

describe("the curves over time", () => {
  it("temperature and pace have a point each half minute; a rest is pace 0, and the unknown is left out", () => {
    const state = fold(
      [
        [sample("conditions", { temperature: 70 }), 1_000],
        [sample("obeyed", { desired: "run", pace: 0.6 }), 20_000],
        [sample("conditions", { temperature: 84 }), 31_000],
        [sample("obeyed", { desired: "rest", pace: 0.6 }), 40_000],
        [sample("conditions", { temperature: null }), 61_000],
      ],
      TRAINING,
    );
    expect(state.temperature.buckets.map(({ firstStep, high }) => [firstStep, high])).toEqual([
      [1, 70],
      [2, 84],
    ]);
    expect(state.pace.buckets.map(({ firstStep, high }) => [firstStep, high])).toEqual([
      [1, 100],
      [2, 60],
      [3, 0],
    ]);
  });

  it("a week of looks stays bounded, spikes survive, and a clock set back does no harm", () => {
    let state = TRAINING;
    for (let look = 0; look < 20_000; look += 1) state = fold([[sample("conditions", { temperature: look === 7_777 ? 107 : 80 }), look * 30_000]], state);
    state = fold([[sample("conditions", { temperature: 60 }), 5_000]], state);
    expect(state.temperature.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
    expect(Math.max(...state.temperature.buckets.map(({ high }) => high))).toBe(107);
    const places = state.temperature.buckets.map(({ firstStep }) => firstStep);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("outside training there is no pace", () => {
    const state = fold([
      [sample("run-created"), 0],
      [sample("spawned", { verb: "merge" }), 0],
      [sample("conditions"), 1_000],
    ]);
    expect([state.pace.buckets.length, state.temperature.buckets.length]).toEqual([0, 1]);
  });
});

describe("what it cost", () => {
  it("the temperature held for nine tenths of the time, the highest, and the share of rest", () => {
    const looks = Array.from({ length: 20 }, (_, index) => [sample("conditions", { temperature: index === 19 ? 88 : 84 }), index * 30_000] as const);
    const state = fold([...looks, [sample("step", { seconds: 94, restSeconds: 6 }), 700_000]], TRAINING);
    expect(heatCost(state)).toEqual({ heldCelsius: 84, highestCelsius: 88, speedLoss: 0.06 });
  });

  it("unknown stays unknown, and before the first step there is nothing to tell", () => {
    expect(heatCost(TRAINING)).toBeNull();
    expect(heatCost(fold([[sample("step"), 0]], TRAINING))).toMatchObject({ heldCelsius: null, highestCelsius: null });
  });
});

describe("what a look writes", () => {
  it("numbers no machine can have are unknown, and each unknown says why", () => {
    const known = <T>(value: T) => ({ value, source: "test", at: 0 });
    const body = conditionsBody({
      ...nothingKnown("not asked"),
      temperature: known(Number.NaN),
      watts: known(-3),
      swapUsedBytes: known(1.6),
      batteryPercent: known(0),
    });
    expect(body).toMatchObject({ temperature: null, watts: null, swapUsedBytes: 2, batteryPercent: 0 });
    expect(body.unknown).toContainEqual({ reading: "temperature", why: [because("senseless")] });
    expect(body.unknown).toContainEqual({ reading: "lidClosed", why: "not asked" });
    expect([knowsAnything(body), knowsAnything(conditionsBody(nothingKnown("x")))]).toEqual([true, false]);
  });
});

describe("what happened", () => {
  it("a pace that changes all night is one line, with its newest value; rests are lines of their own", () => {
    const pace = (value: number) => [sample("obeyed", { desired: "run", pace: value, why: "heat" }), 0] as const;
    const state = fold(
      [pace(0.9), pace(0.8), pace(0.7), [sample("governed"), 0], [sample("governed", { action: "pace", reason: "hot" }), 0], pace(0.6)],
      TRAINING,
    );
    expect(state.happenings.map(({ event }) => (event.type === "obeyed" ? event.pace : event.type))).toEqual([0.7, "governed", 0.6]);
  });
});
