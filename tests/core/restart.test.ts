/** Faults rows 6 and 20: a crash loop ends with a person being asked; no clock makes a wait instant for ever, or eternal. */
import { describe, expect, it } from "vitest";
import { CRASH_WINDOW_MS, CRASHES_ALLOWED, decideRestart } from "../../electron/core/restart.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { rounds } from "./seeded.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function crashed(...secondsAgo: readonly number[]): RunState {
  return { ...EMPTY_RUN, exits: secondsAgo.map((ago) => ({ at: NOW - ago * 1000, verb: "train" as const, code: 1, signal: null })) };
}

const decide = (state: RunState, now = NOW) => decideRestart(state, "train", now);

describe("back-off", () => {
  it.each<[string, readonly number[], ReturnType<typeof decide>]>([
    ["no crash", [], { do: "start" }],
    ["one, just now", [0], { do: "wait", untilMs: NOW + 2_000 }],
    ["one, 1.9 s ago", [1.9], { do: "wait", untilMs: NOW + 100 }],
    ["one, 2 s ago", [2], { do: "start" }],
    ["two, just now", [3, 0], { do: "wait", untilMs: NOW + 10_000 }],
    ["two, 10 s ago", [13, 10], { do: "start" }],
    ["two, the first one long ago", [400, 0], { do: "wait", untilMs: NOW + 2_000 }],
    ["many, all long ago", [900, 800, 700, 600, 500], { do: "start" }],
  ])("%s", (_name, ago, expected) => {
    expect(decide(crashed(...ago))).toEqual(expected);
  });
});

describe("giving up", () => {
  it("after 3 crashes in 5 minutes, naming the last one", () => {
    const decision = decide(crashed(200, 100, 0));
    expect(decision).toMatchObject({
      do: "give-up",
      fault: { kind: "run.crashed", message: expect.stringContaining("3 times in 5 minutes (last: exit code 1)") },
    });
  });

  it.each([
    [{ code: null, signal: "SIGKILL" }, "signal SIGKILL"],
    [{ code: 139, signal: null }, "exit code 139"],
    [{ code: null, signal: null }, "an unknown cause"],
  ])("says %j as %s", (how, words) => {
    const state = { ...EMPTY_RUN, exits: [30, 20, 10].map((ago) => ({ at: NOW - ago, verb: "merge" as const, ...how })) };
    expect(decideRestart(state, "merge", NOW)).toMatchObject({ do: "give-up", fault: { message: expect.stringContaining(words) } });
  });

  it("not after 3 crashes in a little more than 5 minutes", () => {
    expect(decide(crashed(CRASH_WINDOW_MS / 1000, 100, 20))).toEqual({ do: "start" });
  });

  it("at once where the verb named its failure, and with its own words", () => {
    const fault = { kind: "data.empty", message: "The file is empty.", next: "Choose another file." };
    expect(decide({ ...EMPTY_RUN, pendingFault: fault })).toEqual({ do: "give-up", fault });
  });
});

describe("the clock jumps", () => {
  it.each([
    ["back an hour", -HOUR],
    ["back 4 minutes", -4 * MINUTE],
    ["on a day", 24 * HOUR],
  ])("%s after a crash: it starts, and does not wait for a time that was", (_name, jump) => {
    expect(decide(crashed(0), NOW + jump)).toEqual({ do: "start" });
  });

  it("a crash loop across a jump back still ends, after at most twice as many crashes", () => {
    let state = crashed(6, 3);
    let now = NOW - HOUR;
    for (let crashes = 0; crashes < CRASHES_ALLOWED; crashes += 1) {
      expect(decide(state, now).do).not.toBe("give-up");
      state = { ...state, exits: [...state.exits, { at: now, verb: "train", code: 1, signal: null }] };
      now += 11_000;
    }
    expect(decide(state, now).do).toBe("give-up");
  });

  it("whatever the exits and the clock, a wait is never longer than 10 s", () => {
    rounds(500, (random) => {
      const state = crashed(...Array.from({ length: random.below(3) }, () => random.below(8_000) - 4_000));
      const decision = decide(state, NOW);
      if (decision.do !== "wait") return;
      expect(decision.untilMs - NOW).toBeGreaterThan(0);
      expect(decision.untilMs - NOW).toBeLessThanOrEqual(10_000);
    });
  });
});
