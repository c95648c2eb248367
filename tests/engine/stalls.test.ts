/** Faults rows 7, 20 and 21: a silent trainer is told, asked about and ended late; one whose machine slept is left alone. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needsYou, statusOf } from "../../electron/core/selectors.ts";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const stalls = (run: string) => night.events(run).flatMap((event) => (event.type === "stalled" ? [event] : []));
/** Awake, without a step: each of the engine's waits is as long as it may be without being taken for sleep. */
const AWAKE_LEAP_S = 8;
/** A busy machine looks less often; a larger leap would pass for sleep there. */
const SLOW_MS = 120_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function hangAt(step: number): Promise<string> {
  const run = await night.begin({ steps: 9, save: 2, misbehave: [{ verb: "train", how: "stop-self", at: step, times: 1 }] });
  await night.untilTraining(run, step - 1);
  return run;
}

describe("row 7: a trainer that stands still", () => {
  it("is told, then asked about, then ended by force with its group, and the run goes on from its checkpoint", { timeout: 3 * SLOW_MS }, async () => {
    const run = await hangAt(6);
    night.clock.leapS = AWAKE_LEAP_S;
    await night.until("told", () => stalls(run).length === 1, SLOW_MS);
    expect(stalls(run)[0]).toMatchObject({ stage: 1, phase: "train", step: 5 });
    await night.until("ended by force", () => stalls(run).at(-1)?.stage === 3, SLOW_MS);
    night.clock.leapS = 0;
    const state = await night.untilEnded(run);
    expect(stalls(run).map((event) => event.stage)).toEqual([1, 2, 3]);
    const [told, asked, forced] = stalls(run).map((event) => event.seconds);
    expect(told).toBeGreaterThanOrEqual(120);
    expect(asked).toBeGreaterThanOrEqual(240);
    expect(forced).toBeGreaterThanOrEqual(1_800);
    expect(night.events(run).find((event) => event.type === "exited" && event.verb === "train")).toMatchObject({
      signal: "SIGKILL",
      forced: true,
      cause: "stalled",
    });
    expect([state.ended?.outcome, state.stalled]).toEqual(["finished", null]);
    expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: 4 });
  });

  it("moves again: that is told too, and nothing was ended", async () => {
    const run = await hangAt(6);
    night.clock.leapS = AWAKE_LEAP_S;
    const state = await night.untilState(run, "asked about", ({ stalled }) => stalled?.stage === 2);
    night.clock.leapS = 0;
    expect([statusOf(state), needsYou(state)?.kind]).toEqual(["needs-you", "run.stalled"]);
    process.kill(state.process?.pid ?? 0, "SIGCONT");
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect([night.count(run, "unstalled"), night.startsOf(run, "train")]).toEqual([1, 1]);
  });

  it("can be paused and begun again", async () => {
    const run = await hangAt(6);
    night.clock.leapS = AWAKE_LEAP_S;
    await night.untilState(run, "asked about", ({ stalled }) => stalled?.stage === 2);
    await night.call("run-pause", { run });
    await night.untilState(run, "paused by force", (state) => state.process === null && state.asked.pause);
    night.clock.leapS = 0;
    await night.call("run-resume", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
  });
});

describe("row 21: a machine that sleeps", () => {
  it("8 hours in the middle of a step: nobody is told, nobody is ended", async () => {
    const run = await hangAt(6);
    for (let nights = 0; nights < 5; nights += 1) {
      night.clock.sleptS += 8 * 3_600;
      night.clock.jumpMs += 8 * 3_600_000;
      await sleep(200);
    }
    const { process: living } = night.state(run);
    process.kill(living?.pid ?? 0, "SIGCONT");
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect([stalls(run), night.startsOf(run, "train")]).toEqual([[], 1]);
  });
});
