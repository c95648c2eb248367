/** What has to go so that a plan ends by 06:00: the least that is enough, gentlest first, and never more than asked for. */
import { describe, expect, test } from "vitest";
import { cutFlags, estimateSpeed, fitTo, forecastWork, latestSeconds, measuredSpeed, type Workload } from "../../electron/core/evening/fit.ts";
import { rounds } from "./seeded.ts";

/** About the user's night: 3,242 rows, 0.6 M padded tokens an epoch at 150 a second. */
const WORK: Workload = {
  rows: 3242,
  epochs: 3,
  tokensPerEpoch: 600_000,
  tokensPerEvaluation: 60_000,
  evaluations: 7,
  besides: { mean: 600, variance: 120 ** 2 },
};
const SPEED = measuredSpeed(150);
const HOUR = 3600;

describe("fit to the window", () => {
  test("what fits is left alone", () => {
    expect(fitTo(8 * HOUR, WORK, SPEED)).toMatchObject({ fits: true, cuts: [], possible: true });
  });

  test.each([
    [4, ["evaluations"]],
    [3.2, ["evaluations", "epochs"]],
    [1, ["evaluations", "epochs", "rows"]],
  ])("%s hours", (hours, cuts) => {
    const fit = fitTo(hours * HOUR, WORK, SPEED);
    expect(fit.cuts.map((one) => one.cut)).toEqual(cuts);
    expect(fit).toMatchObject({ fits: false, possible: true });
    expect(latestSeconds(fit.after)).toBeLessThanOrEqual(hours * HOUR);
  });

  test("what no cut can save is said", () => {
    expect(fitTo(300, WORK, SPEED).possible).toBe(false);
  });

  test("the last cut made is the least that is enough; the proposal always fits when it says so", () => {
    rounds(200, (random) => {
      const work = { ...WORK, epochs: 1 + random.below(6), tokensPerEpoch: 10_000 + random.below(2_000_000), evaluations: 2 + random.below(20) };
      const seconds = 60 * (20 + random.below(600));
      const fit = fitTo(seconds, work, SPEED);
      if (fit.possible) expect(latestSeconds(fit.after)).toBeLessThanOrEqual(seconds);
      if (fit.fits) expect(fit.after).toEqual(fit.forecast);
      const only = fit.cuts.length === 1 ? fit.cuts[0] : undefined;
      if (fit.possible && only?.cut === "evaluations") {
        const more = { ...work, evaluations: only.to + 1 };
        expect(latestSeconds(forecastWork(more, SPEED)) > seconds || more.evaluations === work.evaluations).toBe(true);
      }
    });
  });
});

test("the cuts are said as a plan's own values, and the evaluations they make are as many as were left", () => {
  const cuts = [
    { cut: "evaluations", to: 3 },
    { cut: "epochs", to: 2 },
    { cut: "rows", to: 1600 },
  ] as const;
  expect(cutFlags(cuts, { ...WORK, rows: 3200 }, 200)).toEqual(["--set eval_steps=100", "--set num_train_epochs=2", "--rows 1600"]);
  expect(cutFlags([], WORK, 200)).toEqual([]);
});

describe("the speed before the first step", () => {
  test("estimated from the model's size it is wide, measured it is narrow", () => {
    const [guess, seen] = [estimateSpeed(2.6e9), measuredSpeed(165)];
    expect(guess.tokensPerSecond).toBeCloseTo(165);
    const width = (one: typeof seen) => latestSeconds(forecastWork(WORK, one)) / forecastWork(WORK, one).mean;
    expect(width(guess)).toBeGreaterThan(width(seen));
    expect(guess.source).toBe("estimated");
  });
});
