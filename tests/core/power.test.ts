/** Row 24: A battery that runs down pauses a run once, power lets it go on; what is unknown stops no night. */
import { describe, expect, test } from "vitest";
import { NO_POWER_STATE, powerStep, powerWarnings } from "../../electron/core/evening/power.ts";
import { draftsOfPower } from "../../electron/core/notices/drafts.ts";
import type { Conditions } from "../../electron/core/reading.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { BLIND, FINE, known } from "./conditions.ts";

const battery = (percent: number): Conditions => ({ ...FINE, onBattery: known(true), batteryPercent: known(percent) });

/** Looks every 10 s; what was done at each. */
function watch(looks: readonly Conditions[], below = 30): string[] {
  let state = NO_POWER_STATE;
  return looks.map((conditions, index) => {
    const { state: next, step } = powerStep(state, conditions, below, index * 10);
    state = next;
    return step.do;
  });
}

describe("battery", () => {
  test("pauses once under the limit", () => {
    expect(watch([battery(31), battery(30), battery(29), battery(28)])).toEqual(["nothing", "nothing", "pause", "nothing"]);
  });
  test("goes on with power that stays", () => {
    expect(watch([battery(20), FINE, FINE, FINE, FINE])).toEqual(["pause", "nothing", "nothing", "nothing", "go-on"]);
  });
  test("a loose plug is waited out", () => {
    expect(watch([battery(20), FINE, battery(20), FINE, battery(20), FINE])).not.toContain("go-on");
  });
  test("unknown is no reason to stop, nor to go on", () => {
    expect(watch([BLIND, BLIND])).toEqual(["nothing", "nothing"]);
    expect(watch([battery(20), BLIND, BLIND, BLIND, BLIND, BLIND])).not.toContain("go-on");
  });
  test("a limit of 0 never pauses", () => {
    expect(watch([battery(0), battery(0)], 0)).toEqual(["nothing", "nothing"]);
  });
});

test("a closed lid and Low Power Mode are said", () => {
  expect(powerWarnings({ ...FINE, lowPowerMode: known(true), lidClosed: known(true) })).toEqual(["low-power-mode", "lid-closed"]);
  expect(powerWarnings(BLIND)).toEqual([]);
});

test("once for each training, and only while it runs", () => {
  const train = { ...EMPTY_RUN.phases.train, status: "running", startedAt: 5 } as const;
  const running: RunState = {
    ...EMPTY_RUN,
    id: "a",
    process: { verb: "train", pid: 1, start: "1", token: "t", boot: "b" },
    phases: { ...EMPTY_RUN.phases, train },
  };
  const ids = (state: RunState, now: number) => draftsOfPower(state, ["lid-closed"], now).map((one) => one.id);
  expect(ids(running, 10)).toEqual(["a:lid-closed:5"]);
  expect(ids(running, 99)).toEqual(["a:lid-closed:5"]);
  expect(ids({ ...running, process: null }, 10)).toEqual([]);
});
