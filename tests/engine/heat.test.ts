/** Rows 21, 22 and 23: in the engine, heat rests and paces a run through control.json, says so in the journal, and never overrides a person. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Control, controlSchema } from "../../electron/core/control.ts";
import type { EventOf } from "../../electron/core/events.ts";
import { statusOf } from "../../electron/core/selectors.ts";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const LONG = { steps: 2_000, seconds: 0.02, save: 500 };
const control = (run: string): Control => controlSchema.parse(JSON.parse(readFileSync(night.runPath(run, "control.json"), "utf8")));
const governed = (run: string) => night.events(run).flatMap((event): EventOf<"governed">[] => (event.type === "governed" ? [event] : []));
const endIt = async (run: string) => {
  await night.call("run-stop", { run });
  await night.untilEnded(run);
};

describe("a heat wave", () => {
  it("rests the run, says at what temperature, and lets it go on when it is cool; nothing is started anew", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    night.sensors.celsius = 95;
    await night.until("rests", () => control(run).desired === "rest");
    expect(governed(run).at(-1)).toMatchObject({ action: "rest", reason: "red", celsius: 95, level: "nominal" });
    const resting = await night.untilState(run, "obeyed", (state) => state.obeyed?.desired === "rest");
    expect(statusOf(resting)).toBe("resting");
    const { step } = night.state(run);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(night.state(run).step).toEqual(step);
    night.sensors.celsius = 60;
    await night.untilState(run, "goes on", (state) => (state.step?.step ?? 0) > (step?.step ?? 0) + 2);
    expect(governed(run).find((event) => event.action === "resume")).toMatchObject({ pace: 0.8, reason: "cooled" });
    await night.until("full pace again", () => control(run).pace === 1);
    const [first, ...later] = governed(run).map((event) => event.mono);
    expect(later.every((mono, index) => mono - ([first, ...later][index] ?? 0) > 0)).toBe(true);
    expect(night.startsOf(run, "train")).toBe(1);
    await endIt(run);
  });

  it("a person's pause is a pause, however hot or cool it is", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    night.sensors.celsius = 95;
    await night.until("rests", () => control(run).desired === "rest");
    night.sensors.celsius = 60;
    await night.call("run-pause", { run });
    const paused = await night.untilState(run, "paused", (state) => state.process === null && state.asked.pause);
    expect(paused.exits.at(-1)).toMatchObject({ code: 0 });
    expect(control(run).desired).toBe("stop");
    await night.call("run-resume", { run });
    await night.untilState(run, "trains again", (state) => (state.step?.step ?? 0) > (paused.step?.step ?? 0));
    expect(control(run).desired).toBe("run");
    await endIt(run);
  });

  it("an engine that is new takes up what stands in control.json: a resting run goes on when it is cool", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    night.sensors.celsius = 95;
    await night.untilState(run, "rests", (state) => state.obeyed?.desired === "rest");
    await night.stop();
    night.sensors.celsius = 60;
    night.startLean();
    await night.untilState(run, "goes on", (state) => state.obeyed?.desired === "run");
    expect(night.startsOf(run, "train")).toBe(1);
    await endIt(run);
  });
});

describe("what is seen", () => {
  it("is journalled at most every 30 s and folded into temperature and pace over time", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    night.sensors.celsius = 82.5;
    await night.until("some looks", () => night.count(run, "conditions") >= 4);
    const looks = night.events(run).flatMap((event) => (event.type === "conditions" ? [event] : []));
    expect(looks.at(-1)).toMatchObject({
      temperature: 82.5,
      thermalLevel: "nominal",
      watts: null,
      unknown: expect.arrayContaining([{ reading: "watts", why: "a test" }]),
    });
    // The night's clock is ten times faster than the journal's.
    const gaps = looks.slice(1).map((look, index) => look.mono - (looks[index]?.mono ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(2.8);
    const { temperature, pace } = night.state(run);
    expect(temperature.buckets.at(-1)).toMatchObject({ high: 82.5 });
    expect(pace.buckets.at(-1)?.high).toBeGreaterThan(0);
    await endIt(run);
  });

  it.each<[string, number | null]>([
    ["nothing", null],
    ["NaN", Number.NaN],
    ["less than nothing", -40],
  ])("%s: the stated pace, said once, and full pace again when it sees", async (_name, celsius) => {
    night.sensors.celsius = celsius;
    night.sensors.level = null;
    const run = await night.begin(LONG);
    await night.until("conservative", () => control(run).pace === 0.8);
    expect(governed(run)).toMatchObject([{ action: "pace", pace: 0.8, reason: "blind", celsius: null }]);
    await night.untilState(run, "obeyed", (state) => state.obeyed?.pace === 0.8);
    expect(night.count(run, "conditions")).toBeLessThanOrEqual(2);
    night.sensors.celsius = 60;
    await night.until("full pace again", () => control(run).pace === 1);
    await endIt(run);
  });

  it("row 23: sensors that hang are as good as none, and a reading that comes late does no harm", async () => {
    let answer: (() => void) | null = null;
    const { sensors } = night;
    await night.stop();
    night.startLean({
      sensors: {
        read: () =>
          new Promise((resolve) => {
            answer = () => sensors.read().then(resolve);
          }),
      },
    });
    const run = await night.begin(LONG);
    await night.until("conservative", () => control(run).pace === 0.8, 60_000);
    (answer as (() => void) | null)?.();
    await endIt(run);
    expect(night.reports).toEqual([]);
  });

  it("row 22: flapping each second, it still rests and goes on, with commands at most every 10 s", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    night.sensors.celsius = null;
    const flap = setInterval(() => {
      night.sensors.level = night.sensors.level === "nominal" ? "heavy" : "nominal";
    }, 100);
    try {
      await night.until("both happened", () => ["rest", "resume"].every((action) => governed(run).some((event) => event.action === action)), 60_000);
    } finally {
      clearInterval(flap);
    }
    const times = governed(run).map((event) => event.mono);
    expect(Math.min(...times.slice(1).map((mono, index) => mono - (times[index] ?? 0)))).toBeGreaterThan(0.9);
    night.sensors.level = "nominal";
    await endIt(run);
  });
});
