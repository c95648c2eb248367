/**
 * Issue "Cool, awake and on time": the 80 % interval holds the truth in 70–90 % of cases, over simulated nights (seeds nothing was chosen on), over real
 * runs of the whole engine, and under the soak's faults; right after a resume and a sleep too. Constants were chosen on the recordings here but the fresh
 * ones, which came after the rule stood (docs/log.md). Not covered: a Mac's own nights.
 */
import { describe, expect, it } from "vitest";
import { coverageOf, momentsOf } from "../core/forecast-moments.ts";
import { simulateRun } from "../core/recorded-runs.ts";
import { ALL_SOURCES, judgeForecast, recordedMoments, wholeRunMoments } from "./forecast.ts";

const HELD_OUT_SEEDS = Array.from({ length: 20 }, (_none, index) => 21 + index);

describe("simulated nights", () => {
  const { simulated, byNight, byMoment } = judgeForecast(HELD_OUT_SEEDS);

  it("70 to 90 in 100 moments, over all of them", () => {
    expect(simulated.moments).toBeGreaterThan(1_000);
    expect(simulated.heldShare, JSON.stringify(byNight)).toBeGreaterThanOrEqual(0.7);
    expect(simulated.heldShare, JSON.stringify(byNight)).toBeLessThanOrEqual(0.9);
  });

  it("an interval a person can use: half of them narrower than a quarter of what is left", () => {
    expect(simulated.medianWidth).toBeLessThan(0.25);
  });

  it.each(["resumed", "woke"] as const)("right after it has %s", (kind) => {
    expect(byMoment[kind]?.moments).toBeGreaterThan(10);
    expect(byMoment[kind]?.heldShare, JSON.stringify(byMoment)).toBeGreaterThanOrEqual(0.7);
  });
});

describe("recorded runs", () => {
  it.each([...ALL_SOURCES, "whole run"] as const)("%s: 70 to 90 in 100 moments", (source) => {
    const coverage = coverageOf(source === "whole run" ? wholeRunMoments() : recordedMoments(source));
    expect(coverage.moments).toBeGreaterThan(20);
    expect(coverage.heldShare, JSON.stringify(coverage)).toBeGreaterThanOrEqual(0.7);
    expect(coverage.heldShare, JSON.stringify(coverage)).toBeLessThanOrEqual(0.9);
  });
});

describe("what the truth is", () => {
  it("without losses, the time that really was left", () => {
    const events = simulateRun(2, "noisy");
    const end = events.at(-1)?.mono ?? 0;
    const steps = events.filter((event) => event.type === "step");
    const moments = momentsOf(events, steps.length);
    expect(moments.length).toBeGreaterThan(20);
    const late = moments.at(-2);
    const at = steps.at(-2)?.mono ?? 0;
    expect(late?.truth).toBeCloseTo(end - at, 6);
  });

  it("an hour's pause is not in it", () => {
    const events = simulateRun(3, "paused");
    const [first] = momentsOf(events, 12);
    const wall = ((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)) / 1000;
    expect(first?.kind).toBe("under way");
    expect(first?.truth).toBeLessThan(wall);
    expect(momentsOf(events, 12).filter((one) => one.kind === "resumed")).toHaveLength(1);
  });
});
