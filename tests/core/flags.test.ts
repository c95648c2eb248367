/** A red flag is raised in the window it states, never on a run that was recorded and went well; the first 30 minutes end in one message. */
import { describe, expect, test } from "vitest";
import { NO_TIMING } from "../../electron/core/evening/timing.ts";
import { watchDrafts } from "../../electron/core/notices/first-half-hour.ts";
import {
  type FlagKind,
  flagsOf,
  LOSS_WINDOW_STEPS,
  MEMORY_PART_SAMPLES,
  RED_S,
  SLOW_WINDOW_STEPS,
  type Surroundings,
} from "../../electron/core/notices/flags.ts";
import { fill } from "../../electron/core/notices/words.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import en from "../../resources/messages/en.json";
import { recordedRuns, simulateRun, WEATHERS } from "./recorded-runs.ts";
import { entry, sample } from "./samples.ts";
import { UTC } from "./zones.ts";

const CALM: Surroundings = { redSeconds: 0, celsius: 78, forecastSeconds: null, logErrors: 0 };
const START = Date.parse("2026-11-23T22:00:00Z");
const kinds = (state: RunState, around: Partial<Surroundings> = {}): FlagKind[] => flagsOf(state, { ...CALM, ...around }).map((flag) => flag.kind);

/** A training of so many steps with this loss and time at each; 2 s and 1,000 tokens where nothing else is said. */
function trained(steps: number, at: (step: number) => { readonly loss?: number; readonly seconds?: number }, change: Partial<RunState> = {}): RunState {
  const timed = Array.from({ length: steps }, (_none, index) => {
    const { loss = 2, seconds = 2 } = at(index + 1);
    return { step: index + 1, paddedTokens: 1000, wallSeconds: seconds, loss };
  });
  return {
    ...EMPTY_RUN,
    id: "a",
    name: "jessy",
    process: { verb: "train", pid: 1, start: "1", token: "t", boot: "boot" },
    phases: { ...EMPTY_RUN.phases, train: { ...EMPTY_RUN.phases.train, status: "running", startedAt: START } },
    step: { step: steps, epoch: 0, loss: 1.9, gradNorm: 1, learningRate: 0, at: START + 2000 * steps },
    firstLoss: 2.4,
    totalSteps: 2 * steps,
    timing: { ...NO_TIMING, steps: timed.slice(-240), mark: { boot: "boot", mono: 1 }, seconds: timed.reduce((sum, one) => sum + one.wallSeconds, 0) },
    ...change,
  };
}

describe("no false alarm", () => {
  test("not one flag at any step of any recorded run", () => {
    for (const events of recordedRuns()) {
      let state = EMPTY_RUN;
      for (const event of events) {
        state = reduce(state, { event });
        if (event.type === "step" || event.type === "memory") expect(kinds(state), `step ${state.step?.step}`).toEqual([]);
      }
    }
  });

  test.each(WEATHERS)("nor in %s weather, which is no fault of the run", (weather) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const state = simulateRun(seed, weather).reduce((folded, event) => (event.type === "train-finished" ? folded : reduce(folded, { event })), EMPTY_RUN);
      const raised = kinds(state).filter((kind) => kind !== "errors");
      expect(raised, `seed ${seed}`).toEqual([]);
    }
  });
});

describe("loss rising", () => {
  const after = (windows: readonly number[]) =>
    trained(windows.length * LOSS_WINDOW_STEPS, (step) => ({ loss: windows[Math.floor((step - 1) / LOSS_WINDOW_STEPS)] ?? 0 }));
  test.each<[readonly number[], boolean]>([
    [[2, 1.8, 1.6, 1.5], false],
    [[2, 1.6, 1.9, 1.9], true],
    [[2, 1.6, 1.6, 1.9], false],
    [[2, 1.6, 1.65, 1.65], false],
    [[0.1, 0.02, 0.05, 0.05], false],
    [[2, 2.5], false],
  ])("medians of %j", (windows, raised) => {
    expect(kinds(after(windows)).includes("loss-rising")).toBe(raised);
  });

  test("a loss that is not a number at a few steps changes no median", () => {
    expect(kinds(trained(160, (step) => ({ loss: step % 17 === 0 ? Number.NaN : 2 })))).toEqual([]);
  });
});

describe("memory growing", () => {
  const after = (parts: readonly number[]) =>
    trained(20, () => ({}), {
      timing: { ...trained(20, () => ({})).timing, memories: parts.flatMap((gigabytes) => Array<number>(MEMORY_PART_SAMPLES).fill(gigabytes * 1e9)) },
    });
  test.each<[readonly number[], boolean]>([
    [[6, 7, 8], true],
    [[6, 6, 8], false],
    [[6, 8, 8], false],
    [[0.1, 0.2, 0.3], false],
    [[6, 6, 6, 7, 8], true],
    [[6, 7], false],
  ])("%j GB", (parts, raised) => {
    expect(kinds(after(parts)).includes("memory-growing")).toBe(raised);
  });
});

describe("the others", () => {
  test("over red for a minute, and only while a temperature is known", () => {
    const state = trained(10, () => ({}));
    expect(kinds(state, { redSeconds: RED_S - 1, celsius: 92 })).toEqual([]);
    expect(kinds(state, { redSeconds: RED_S, celsius: 92 })).toEqual(["hot"]);
    expect(kinds(state, { redSeconds: RED_S, celsius: null })).toEqual([]);
  });

  test("the same work takes half as long again", () => {
    const slower = (times: number, usual = 12) => trained(3 * SLOW_WINDOW_STEPS, (step) => ({ seconds: step > 2 * SLOW_WINDOW_STEPS ? usual * times : usual }));
    expect(kinds(slower(1.3))).toEqual([]);
    expect(kinds(slower(1.7))).toEqual(["slowing"]);
    // A minute in which somebody used the machine.
    expect(kinds(slower(1.7, 1))).toEqual([]);
  });

  test("much slower than forecast", () => {
    const state = trained(100, () => ({}));
    expect(kinds(state, { forecastSeconds: 390 })).toEqual([]);
    expect(kinds(state, { forecastSeconds: 300 })).toEqual(["slow"]);
  });

  test("errors in the log of the living process", () => {
    expect(
      kinds(
        trained(10, () => ({})),
        { logErrors: 2 },
      ),
    ).toEqual(["errors"]);
  });

  test("errors of this training, not what its person asked for", () => {
    const lines = (cause: "crash" | "asked") => [sample("run-created"), sample("phase-started"), sample("spawned"), sample("exited", { cause })];
    const state = (cause: "crash" | "asked") => lines(cause).reduce((folded, body) => reduce(folded, entry(body, { at: START })), EMPTY_RUN);
    expect(kinds(state("crash"))).toEqual(["errors"]);
    expect(kinds(state("asked"))).toEqual([]);
  });
});

describe("the first 30 minutes", () => {
  const memory = sample("memory", { activeBytes: 8.5e9, cacheBytes: 0.2e9, residentBytes: 1e9 });
  const state = trained(900, (step) => ({ loss: 2.4 - (0.5 * step) / 900 }), {
    totalSteps: 13_500,
    memory: { ...memory, at: 0 } as unknown as RunState["memory"],
  });
  const now = START + 30 * 60_000;
  const ask = (change: Partial<Parameters<typeof watchDrafts>[1]> = {}, of = state) =>
    watchDrafts(of, { flags: [], celsius: 78.2, nowMs: now, offset: UTC, ...change });

  test("silent before, one message after, the same one whenever it is asked", () => {
    expect(ask({ nowMs: now - 1 })).toEqual([]);
    const [draft, ...others] = ask();
    expect(others).toEqual([]);
    expect(draft?.level).toBe("normal");
    expect(ask({ nowMs: now + 3600_000 })[0]?.id).toBe(draft?.id);
  });

  test("in the plan's own words", () => {
    const [draft] = ask();
    expect(fill(en["notice.first-half-hour.body"], draft?.values ?? {})).toMatch(
      /^First 30 minutes: loss 2\.4 → 1\.9, 78 °C, 8\.7 GB, on the way to 05:\d\d\. You can sleep\.$/,
    );
  });

  test("an unknown temperature is said to be unknown", () => {
    expect(ask({ celsius: null })[0]?.key).toBe("first-half-hour-no-heat");
  });

  test("what is wrong is said instead, urgently, and each flag once", () => {
    const flags = [{ kind: "hot", values: { celsius: "93" } }] as const;
    const drafts = ask({ flags });
    expect(drafts.map((one) => `${one.level} ${one.key}`)).toEqual(["urgent first-half-hour-bad", "urgent flag-hot"]);
    expect(ask({ flags, nowMs: now + 60_000 }).map((one) => one.id)).toEqual(drafts.map((one) => one.id));
  });

  test("a run that is over by then is told as over", () => {
    expect(ask({}, { ...state, phases: { ...state.phases, train: { ...state.phases.train, status: "done" } } })).toEqual([]);
  });
});
