/** Faults rows 6 and 20: a crash loop ends with a person being asked; no clock makes a wait instant for ever, or eternal. */
import { describe, expect, it } from "vitest";
import type { Cause } from "../../electron/core/events.ts";
import { CRASH_WINDOW_MS, CRASHES_ALLOWED, decideRestart } from "../../electron/core/restart.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { rounds } from "./seeded.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RUNGS = 3;

function crashed(...secondsAgo: readonly number[]): RunState {
  return {
    ...EMPTY_RUN,
    exits: secondsAgo.map((ago) => ({ at: NOW - ago * 1000, verb: "train" as const, code: 1, signal: null, cause: "crash" as const, sealed: 0 })),
  };
}

const decide = (state: RunState, now = NOW) => decideRestart(state, "train", now, RUNGS);

describe("row 6: back-off", () => {
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

describe("row 6: giving up", () => {
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
    const state = { ...EMPTY_RUN, exits: [30, 20, 10].map((ago) => ({ at: NOW - ago, verb: "merge" as const, cause: null, sealed: 0, ...how })) };
    expect(decideRestart(state, "merge", NOW, RUNGS)).toMatchObject({ do: "give-up", fault: { message: expect.stringContaining(words) } });
  });

  it("not after 3 crashes in a little more than 5 minutes", () => {
    expect(decide(crashed(CRASH_WINDOW_MS / 1000, 100, 20))).toEqual({ do: "start" });
  });

  it("crashes count from the newest checkpoint on: a start that sealed one got further", () => {
    const ends = [120, 80, 40, 0].map((ago, index) => ({
      at: NOW - ago * 1000,
      verb: "train" as const,
      code: 1,
      signal: null,
      cause: "crash" as const,
      sealed: index,
    }));
    expect(decide({ ...EMPTY_RUN, exits: ends, sealed: 3 })).toEqual({ do: "wait", untilMs: NOW + 2_000 });
    const stuck = ends.map((end, index) => ({ ...end, sealed: Math.min(index, 1) }));
    expect(decide({ ...EMPTY_RUN, exits: stuck, sealed: 1 })).toMatchObject({ do: "give-up", fault: { message: expect.stringContaining("3 times") } });
    expect(decide({ ...EMPTY_RUN, exits: stuck.slice(0, 3), sealed: 1 })).toMatchObject({ do: "start" });
  });

  it("at once where the verb named its failure, and with its own words", () => {
    const fault = { kind: "data.empty", message: "The file is empty.", next: "Choose another file." };
    expect(decide({ ...EMPTY_RUN, pendingFault: fault })).toEqual({ do: "give-up", fault });
  });
});

type Ends = readonly (readonly [secondsAgo: number, cause: Cause | null])[];

describe("rows 6, 10, 24 and 29: by cause", () => {
  const FAULT = { kind: "data.empty", message: "The file is empty.", next: "Choose another file." };
  const ended = (ends: Ends, change: Partial<RunState> = {}): RunState => ({
    ...EMPTY_RUN,
    exits: ends.map(([ago, cause]) => ({ at: NOW - ago * 1000, verb: "train" as const, code: 1, signal: null, cause, sealed: 0 })),
    ...change,
  });
  const START = { do: "start" };
  const gaveUp = (kind: string) => expect.objectContaining({ do: "give-up", fault: expect.objectContaining({ kind }) });

  it.each<[string, Ends, Partial<RunState>, unknown]>([
    ["another boot: at once", [[0, "reboot"]], {}, START],
    [
      "two reboots: at once",
      [
        [9, "reboot"],
        [0, "reboot"],
      ],
      {},
      START,
    ],
    [
      "three within an hour: the machine may not bear it",
      [
        [3_000, "reboot"],
        [1_500, "reboot"],
        [0, "reboot"],
      ],
      {},
      gaveUp("run.reboots"),
    ],
    [
      "three in a night",
      [
        [9_000, "reboot"],
        [6_000, "reboot"],
        [0, "reboot"],
      ],
      {},
      START,
    ],
    ["asked", [[0, "asked"]], {}, START],
    [
      "nothing known counts as a crash",
      [
        [9, "unknown"],
        [8, "unknown"],
        [0, "unknown"],
      ],
      {},
      gaveUp("run.crashed"),
    ],
    [
      "ended for standing still counts as a crash",
      [
        [9, "stalled"],
        [8, "crash"],
        [0, "stalled"],
      ],
      {},
      gaveUp("run.crashed"),
    ],
    [
      "a reboot between does not",
      [
        [9, "crash"],
        [8, "reboot"],
        [0, "crash"],
      ],
      {},
      { do: "wait", untilMs: NOW + 10_000 },
    ],
    ["memory: after a moment", [[0, "memory-kill"]], { memoryKills: 1 }, { do: "wait", untilMs: NOW + 2_000 }],
    [
      "memory: on its third rung within minutes",
      [
        [60, "memory-kill"],
        [30, "memory-kill"],
        [5, "memory-kill"],
      ],
      { memoryKills: 3 },
      START,
    ],
    [
      "memory: past the last rung",
      [
        [90, "memory-kill"],
        [60, "memory-kill"],
        [30, "memory-kill"],
        [0, "memory-kill"],
      ],
      { memoryKills: 4 },
      gaveUp("run.memory"),
    ],
    [
      "memory: past the last rung, and yet further than before",
      [[0, "memory-kill"]],
      { memoryKills: 9, sealed: 4, sealedBefore: 3 },
      { do: "wait", untilMs: NOW + 2_000 },
    ],
    ["memory: a person said to go on from there", [], { memoryKills: 4 }, START],
    [
      "memory kills are not crashes",
      [
        [9, "memory-kill"],
        [8, "memory-kill"],
        [0, "crash"],
      ],
      { memoryKills: 2 },
      { do: "wait", untilMs: NOW + 2_000 },
    ],
    ["the watchdog: once more", [[5, "display-watchdog"]], {}, START],
    [
      "the watchdog: twice in an hour",
      [
        [3_500, "display-watchdog"],
        [0, "display-watchdog"],
      ],
      {},
      gaveUp("run.display-watchdog"),
    ],
    [
      "the watchdog: twice in a night",
      [
        [9_000, "display-watchdog"],
        [5, "display-watchdog"],
      ],
      {},
      START,
    ],
    ["a full disk", [[0, "named-fault"]], { pendingFault: { ...FAULT, kind: "disk.full" } }, { do: "await-space" }],
    [
      "room again: at once",
      [
        [9, "named-fault"],
        [8, "named-fault"],
        [0, "named-fault"],
      ],
      {},
      START,
    ],
    [
      "a divergence",
      [[0, "named-fault"]],
      { pendingFault: { ...FAULT, kind: "run.diverged" } },
      { do: "retry-gentler", fault: { ...FAULT, kind: "run.diverged" } },
    ],
    ["a child's divergence", [[0, "named-fault"]], { parent: "p", pendingFault: { ...FAULT, kind: "run.diverged" } }, gaveUp("run.diverged")],
    ["a divergence that has its child", [[0, "named-fault"]], { child: "c", pendingFault: { ...FAULT, kind: "run.diverged" } }, gaveUp("run.diverged")],
    ["a named fault", [[0, "named-fault"]], { pendingFault: FAULT }, { do: "give-up", fault: FAULT }],
  ])("%s", (_name, ends, change, expected) => {
    expect(decide(ended(ends, change))).toEqual(expected);
  });

  it("a merge killed for memory has no ladder: it is a crash", () => {
    const state = ended([
      [9, "memory-kill"],
      [8, "memory-kill"],
      [0, "memory-kill"],
    ]);
    const merging = { ...state, exits: state.exits.map((exit) => ({ ...exit, verb: "merge" as const })) };
    expect(decideRestart(merging, "merge", NOW, RUNGS)).toEqual(gaveUp("run.crashed"));
  });
});

describe("row 20: the clock jumps", () => {
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
      state = { ...state, exits: [...state.exits, { at: now, verb: "train", code: 1, signal: null, cause: "crash", sealed: 0 }] };
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
