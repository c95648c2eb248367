/** The promise: of all 80 % intervals shown, 70–90 % hold the truth, over generated nights of every kind (simulated ones and recorded runs: tests/sim/forecast.test.ts). */
import { describe, expect, test } from "vitest";
import { costOf, runEnd, STEPS_FOR_ETA, trainingEnd, trainingLeft } from "../../electron/core/eta.ts";
import { foldTiming, NO_TIMING } from "../../electron/core/evening/timing.ts";
import type { Event, EventOf } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { simulateRun, WEATHERS, type Weather } from "./recorded-runs.ts";
import { entry, sample } from "./samples.ts";

interface Tally {
  held: number;
  early: number;
  late: number;
  asked: number;
  /** Width over what was left. */
  width: number;
}

/** Asks after each step that `when` names, and compares with when training really ended. */
function ask(events: readonly Event[], when: (state: RunState) => boolean, tally: Tally): void {
  const truth = events.find((event) => event.type === "train-finished")?.at ?? 0;
  let state = EMPTY_RUN;
  for (const event of events) {
    state = reduce(state, { event });
    if (event.type !== "step" || !when(state)) continue;
    const end = trainingEnd(state, event.at);
    if (!end) continue;
    tally.asked += 1;
    tally.width += (end.toMs - end.fromMs) / (truth - event.at);
    if (truth < end.fromMs) tally.early += 1;
    else if (truth > end.toMs) tally.late += 1;
    else tally.held += 1;
  }
}

const NOTHING: Tally = { held: 0, early: 0, late: 0, asked: 0, width: 0 };

function overSeeds(weather: Weather, seeds: number): Tally {
  const tally = { ...NOTHING };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const share = ((seed * 37) % 90) / 100 + 0.05;
    const events = simulateRun(seed, weather);
    // Nobody can foresee a pause: it is asked about once it is over, from the first step on.
    const past = (state: RunState) => weather !== "paused" || state.process?.token !== FIRST_TOKEN;
    let asked = false;
    const once = (state: RunState) => {
      if (asked || !past(state) || (state.step?.step ?? 0) < Math.max(STEPS_FOR_ETA, share * state.totalSteps)) return false;
      asked = true;
      return true;
    };
    ask(events, once, tally);
  }
  return tally;
}

function summary(name: string, { held, early, late, asked, width }: Tally): string {
  const percent = (share: number) => `${((100 * share) / asked).toFixed(0)} %`;
  return `${name}: ${percent(held)} of ${asked} held (${early} ended earlier, ${late} later), mean width ${percent(width)} of what was left`;
}

describe("calibration", () => {
  const all: Tally = { ...NOTHING };

  test.each(WEATHERS)("%s nights: the interval is neither a guess nor a boast", (weather) => {
    const one = overSeeds(weather, 150);
    for (const key of ["held", "early", "late", "asked", "width"] as const) all[key] += one[key];
    const said = summary(weather, one);
    if (process.env["THORTIME_SAY"]) process.stdout.write(`${said}\n`);
    expect(one.asked).toBeGreaterThan(weather === "paused" ? 60 : 140);
    expect(one.held / one.asked, said).toBeGreaterThan(0.65);
    expect(one.held / one.asked, said).toBeLessThan(0.96);
    expect(one.width / one.asked, said).toBeLessThan(0.6);
  });

  test("all of them together: 70 to 90 in 100", () => {
    expect(all.held / all.asked, summary("all", all)).toBeGreaterThan(0.7);
    expect(all.held / all.asked, summary("all", all)).toBeLessThan(0.9);
  });
});

describe("the pieces", () => {
  const steps = (costs: readonly (readonly [number, number])[]) =>
    costs.map(([paddedTokens, wallSeconds], index) => ({ step: index + 1, paddedTokens, wallSeconds, loss: 1 }));

  test("a step's cost by the length of its batch", () => {
    const cost = costOf(
      steps([
        [100, 3],
        [200, 5],
        [400, 9],
      ]),
    );
    expect(cost.each).toBeCloseTo(1);
    expect(cost.perToken).toBeCloseTo(0.02);
  });

  test("neither part is negative, whatever the noise says", () => {
    expect(
      costOf(
        steps([
          [100, 5],
          [200, 4],
          [400, 1],
        ]),
      ).perToken,
    ).toBe(0);
    const steep = costOf(
      steps([
        [100, 0.1],
        [200, 5],
        [400, 20],
      ]),
    );
    expect(steep.each).toBeGreaterThanOrEqual(0);
    expect(steep.perToken * 233.3).toBeCloseTo(8.37, 1);
  });

  test("long batches ahead are seen coming: a plan whose epoch is half over in steps, but not in tokens", () => {
    const halves = (first: number, second: number) => {
      const state = midway(first);
      return trainingEnd({ ...state, prepared: { ...prepared(), paddedTokens: 50 * first + 50 * second } }, state.step?.at ?? 0);
    };
    const even = halves(1000, 1000);
    const long = halves(1000, 3000);
    if (!even || !long) throw new Error("both are known");
    expect(long.fromMs).toBeGreaterThan(even.toMs);
  });

  test("unknown where it would be a guess: few steps, no trainer, paused, stopping, over", () => {
    const state = midway(1000);
    const now = state.step?.at ?? 0;
    expect(trainingEnd(state, now)).not.toBeNull();
    const early = { ...state, timing: { ...state.timing, steps: state.timing.steps.slice(0, STEPS_FOR_ETA - 1) } };
    expect(trainingEnd(early, now)).toBeNull();
    // What was measured before step 1 says when, from the first step on; slower where it rests.
    const { calibration } = reduce(early, entry(sample("calibrated", { secondsPerStep: 2 })));
    const left = (pace: number) => trainingLeft({ ...early, calibration, obeyed: { desired: "run", why: "", pace } })?.mean ?? 0;
    const steps = 2 * (early.totalSteps - (early.step?.step ?? 0));
    expect(left(1)).toBeGreaterThanOrEqual(steps);
    expect(left(0.5) - left(1)).toBeCloseTo(steps, 6);
    expect(trainingEnd({ ...state, process: null }, now)).toBeNull();
    expect(trainingEnd({ ...state, asked: { pause: true, stop: false, checkpoints: 0 } }, now)).toBeNull();
    expect(trainingEnd({ ...state, asked: { pause: false, stop: true, checkpoints: 0 } }, now)).toBeNull();
    expect(trainingEnd(EMPTY_RUN, now)).toBeNull();
  });

  test("after a sleep of hours it counts from now, and the sleep is no slow step", () => {
    const state = midway(1000);
    const at = state.step?.at ?? 0;
    const before = trainingEnd(state, at);
    const after = trainingEnd(state, at + 3 * 3600_000);
    if (!before || !after) throw new Error("both are known");
    expect(after.toMs - before.toMs).toBeCloseTo(3 * 3600_000, -4);
  });

  test("right after a resume it is known already, and the new process loads first", () => {
    const events = simulateRun(3, "paused");
    let state = EMPTY_RUN;
    const resumed = events.findIndex((event) => event.type === "resumed");
    for (const event of events.slice(0, resumed + 1)) state = reduce(state, { event });
    const now = events[resumed]?.at ?? 0;
    const truth = events.at(-1)?.at ?? 0;
    const end = trainingEnd(state, now);
    if (!end) throw new Error("known");
    expect(end.fromMs).toBeGreaterThan(now);
    expect(Math.abs((end.fromMs + end.toMs) / 2 - truth)).toBeLessThan(0.3 * (truth - now));
  });

  test("a machine that heat held down comes back cool from its pause, and is done a little sooner; one that nobody held is not", () => {
    const state = midway(1000);
    const later = (state.step?.at ?? 0) + 3600_000;
    const asked = (heldPace: number) => trainingEnd({ ...state, timing: { ...state.timing, heldPace } }, later);
    const [held, free] = [asked(0.5), asked(1)];
    if (!held || !free) throw new Error("both are known");
    expect(held.toMs).toBeLessThan(free.toMs);
    expect(held.toMs - later).toBeGreaterThan(0.5 * (free.toMs - later));
  });

  test("the blind pace is counted from the moment it is ordered, not once its slower steps are seen", () => {
    const state = midway(1000);
    const now = state.step?.at ?? 0;
    const event = { ...at(now), ...BLIND };
    const [before, after] = [trainingEnd(state, now), trainingEnd(reduce(state, { event }), now)];
    if (!before || !after) throw new Error("both are known");
    expect((after.toMs - now) / (before.toMs - now)).toBeCloseTo(1 / 0.8, 1);
  });

  test("the blind pace is foreseen where nothing tells the heat: not where something does, and not twice", () => {
    const state = midway(1000);
    const now = state.step?.at ?? 0;
    const left = (conditions: RunState["conditions"], timing = state.timing) => trainingLeft({ ...state, conditions, timing })?.mean ?? 0;
    expect(left(looked({})) / left(null)).toBeCloseTo(1 / 0.8, 1);
    expect(left(looked({ temperature: 60 }))).toBe(left(null));
    expect(left(looked({ thermalLevel: "nominal" }))).toBe(left(null));
    const ordered = reduce(state, { event: { ...at(now), ...BLIND } }).timing;
    expect(left(looked({}), ordered)).toBe(left(null, ordered));
    expect(left(looked({}), { ...state.timing, pace: 0.5 })).toBe(left(null));
  });

  test("a quiet while counts by its length, not by its steps: after twelve seconds the next minute is less sure than after a minute and a half", () => {
    const widthOf = (seconds: number, remaining: number) => {
      const steps = Array.from({ length: 48 }, (_none, index) => ({ step: index + 1, paddedTokens: 1000, wallSeconds: seconds, loss: 1 }));
      const state = { ...midway(1000), totalSteps: 48 + remaining };
      const step = { ...NEWEST, step: 48 };
      const plan = { ...prepared(), steps: 48 + remaining, stepsPerEpoch: 48 + remaining, paddedTokens: 1000 * (48 + remaining) };
      const timing = { ...state.timing, steps, epoch: { number: 1, paddedTokens: 48_000, steps: 48 } };
      const end = trainingEnd({ ...state, step, prepared: plan, timing }, step.at);
      return end ? (end.toMs - end.fromMs) / 60_000 : 0;
    };
    // Both have about a minute left.
    expect(widthOf(0.25, 240)).toBeGreaterThan(1.1 * widthOf(2, 30));
    expect(widthOf(2, 30)).toBeGreaterThan(0);
  });

  test("evaluations ahead are known from the plan's rhythm before a second one was seen", () => {
    const state = midway(1000);
    const left = (evalSteps: number | null) =>
      trainingLeft({ ...state, timing: { ...state.timing, evalSteps, evaluations: [{ step: 0, seconds: 10 }] } })?.mean ?? 0;
    expect(left(10) - left(100)).toBeCloseTo(9 * 10);
    expect(left(null)).toBe(left(100));
  });

  test("the rhythm is the newest process's, as a plan may be cut before it begins", () => {
    const started = (evalSteps: number | undefined) =>
      ({ ...at(1), by: "trainer", type: "train-started", fromStep: 0, totalSteps: 9, ...(evalSteps === undefined ? {} : { evalSteps }) }) as const;
    expect(foldTiming(NO_TIMING, started(25)).evalSteps).toBe(25);
    expect(foldTiming({ ...NO_TIMING, evalSteps: 25 }, started(undefined)).evalSteps).toBeNull();
  });

  test("seals and early tests stand between two steps and make neither slower; what is left has as many of them", () => {
    const mark = { boot: "boot", mono: 10 };
    const step = { type: "step", step: 1, epoch: 0.1, loss: 1, gradNorm: 1, learningRate: 0, tokens: 9, supervisedTokens: 9, paddedTokens: 9 } as const;
    const tested = { type: "early-tested", step: 1, answers: [], seconds: 3, share: 0.03, skipped: null } as const;
    const sealed = { type: "checkpoint-sealed", step: 1, path: "c", bytes: 1, seconds: 1, why: "w" } as const;
    const lines = [sealed, tested, { ...step, seconds: 2, restSeconds: 0 }].map((body) => ({ ...at(1), by: "trainer", mono: 16, ...body }) as Event);
    const timing = lines.reduce(foldTiming, { ...NO_TIMING, mark });
    expect(timing.steps.map((one) => one.wallSeconds)).toEqual([2]);
    expect(timing.checkpoints).toEqual({ seconds: 4, steps: 1 });
    const state = midway(1000);
    const left = (seconds: number) => trainingLeft({ ...state, timing: { ...state.timing, checkpoints: { seconds, steps: 50 } } })?.mean ?? 0;
    expect(left(20) - left(0)).toBeCloseTo(20);
  });

  test("the run ends after its training: answers, merge and export are added", () => {
    const state = midway(1000);
    const now = state.step?.at ?? 0;
    const answered = { ...state, phases: { ...state.phases, before: { ...state.phases.before, seconds: 600 } } };
    const [training, whole] = [trainingEnd(answered, now), runEnd(answered, now)];
    if (!training || !whole) throw new Error("both are known");
    // The answers before took ten minutes: so will those after, give or take half.
    expect(whole.fromMs - training.fromMs).toBeGreaterThan(300_000);
    expect(whole.toMs - training.toMs).toBeGreaterThan(600_000);
    expect(whole.toMs - training.toMs).toBeLessThan(1_500_000);
  });
});

const FIRST_TOKEN = "t1";
const NEWEST = { step: 50, epoch: 0.5, loss: 1, gradNorm: 1, learningRate: 0, at: 1_000_000 };
const BLIND = { type: "governed", action: "pace", pace: 0.8, microBatchTokens: null, reason: "blind", celsius: null, level: null, slower: null } as const;

function at(ms: number) {
  return { v: 1, at: ms, mono: 2, boot: "boot", by: "engine", n: 1, attempt: 1 } as const;
}

function looked(seen: Partial<Pick<EventOf<"conditions">, "temperature" | "thermalLevel">>): EventOf<"conditions"> {
  return { ...at(1), ...sample("conditions"), temperature: null, thermalLevel: null, ...seen };
}

function prepared() {
  const event = simulateRun(1, "calm").find((one) => one.type === "prepared");
  if (event?.type !== "prepared") throw new Error("no such line");
  return { ...event, steps: 100, stepsPerEpoch: 100, epochs: 1 };
}

/** Step 50 of 100 in one epoch, 2 s for 1,000 padded tokens. */
function midway(paddedTokens: number): RunState {
  const steps = Array.from({ length: 50 }, (_none, index) => {
    const tokens = paddedTokens * (1 + 0.2 * Math.sin(index));
    return { step: index + 1, paddedTokens: tokens, wallSeconds: tokens * 0.002 * (1 + 0.02 * Math.cos(3 * index)), loss: 1 };
  });
  return {
    ...EMPTY_RUN,
    process: { verb: "train", pid: 1, start: "1", token: "t", boot: "boot" },
    step: NEWEST,
    totalSteps: 100,
    prepared: prepared(),
    timing: { ...NO_TIMING, steps, mark: { boot: "boot", mono: 1 }, epoch: { number: 1, paddedTokens: 50 * paddedTokens, steps: 50 } },
  };
}
