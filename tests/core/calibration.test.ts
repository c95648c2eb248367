/** What a calibration found as figures for a sentence, and what a run that is still to be measured will probably process. */
import { expect, test } from "vitest";
import { calibrated, expectedPaddedTokens } from "../../electron/core/calibration.ts";
import type { EventOf } from "../../electron/core/events.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, eventOf, sample } from "./samples.ts";

const found = (change: Partial<EventOf<"calibrated">> = {}) => calibrated(eventOf(sample("calibrated", change)) as EventOf<"calibrated">);

test.each<[Partial<EventOf<"calibrated">>, ReturnType<typeof calibrated>]>([
  [{ microBatchTokens: 2048 }, { long: [1, 2048], short: [8, 256], times: 10.4 / 6.1 }],
  [{ microBatchTokens: 64 }, { long: [1, 2048], short: [1, 256], times: 10.4 / 6.1 }],
  [
    { microBatchTokens: 8192, planSecondsPerStep: 6.3 },
    { long: [4, 2048], short: [32, 256], times: 1 },
  ],
  [
    { microBatchTokens: 2048, planSecondsPerStep: null },
    { long: [1, 2048], short: [8, 256], times: null },
  ],
  [
    { microBatchTokens: 2048, planSecondsPerStep: 4 },
    { long: [1, 2048], short: [8, 256], times: 1 },
  ],
])("%j", (change, expected) => expect(found(change)).toEqual(expected));

const prepared = sample("prepared", { tokens: 1000, paddedTokens: 2000, stepsPerEpoch: 10 });
const measured = sample("calibrated", { paddedTokensPerStep: 103 });
const state = (...bodies: Parameters<typeof entry>[0][]): RunState =>
  reduceAll(
    EMPTY_RUN,
    bodies.map((body) => entry(body)),
  );

test.each<[string, RunState, boolean, RunState | null, number]>([
  ["not prepared yet", state(), true, null, 0],
  ["cut as it is written", state(prepared), false, null, 2000],
  ["measured itself", state(prepared, measured), true, state(prepared), 1030],
  ["the test before was measured", state(prepared), true, state(prepared, measured), 1030],
  ["nothing was measured yet", state(prepared), true, state(prepared), 1080],
  ["hardly any padding as it is written", state(sample("prepared", { tokens: 1000, paddedTokens: 1010 })), true, null, 1010],
])("padded tokens of an epoch: %s", (_name, run, calibrate, before, expected) => expect(expectedPaddedTokens(run, calibrate, before)).toBe(expected));
