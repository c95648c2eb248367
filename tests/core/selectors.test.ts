/** What a run's state means to a person, read from journals as a run writes them; and no finish time where it would be a guess. */
import { describe, expect, test } from "vitest";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../electron/core/home.ts";
import { read, START } from "../../electron/core/journal.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { focusedRun, groupStatus, needsYou, offersOf, phaseProgress, progressOf, statusOf, tokensPerSecond, verdictOf } from "../../electron/core/selectors.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { DISK_FULL, homeJournal, type Moment, RUN_ENDED_AT, type RunOptions, runJournal } from "../fixtures/journal.ts";
import { entry, sample } from "./samples.ts";

const OPTIONS = { run: "thortime-practice-20261123-031100-00a1", name: "thortime-practice", startedAt: RUN_ENDED_AT } satisfies Partial<RunOptions>;

function entriesOf(lines: readonly string[]) {
  return read(START, new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""))).entries;
}

function at(moment: Moment, change: Partial<RunOptions> = {}): RunState {
  return entriesOf(runJournal({ ...OPTIONS, moment, ...change })).reduce(reduce, EMPTY_RUN);
}

test("the journals these tests read are whole: every line is an event, no gap, no damage", () => {
  for (const moment of ["training", "resting", "paused", "failed", "stopped", "no-ollama", "finished"] satisfies Moment[])
    expect(at(moment).damages, moment).toBe(0);
});

describe("status, and what may be asked in it", () => {
  test.each([
    ["created", "waiting", ["pause", "stop"]],
    ["preparing", "preparing", ["pause", "stop"]],
    ["training", "training", ["pause", "checkpoint", "stop"]],
    ["resting", "resting", ["pause", "checkpoint", "stop"]],
    ["pausing", "pausing", []],
    ["paused", "paused", ["resume", "stop"]],
    ["failed", "needs-you", ["resume", "stop"]],
    ["exporting", "finishing", ["pause", "stop"]],
    ["stopped", "stopped", ["resume", "deploy"]],
    ["no-ollama", "finished", ["deploy"]],
    ["finished", "finished", []],
  ] as const)("%s is %s", (moment, status, offers) => {
    expect(statusOf(at(moment))).toBe(status);
    expect(offersOf(at(moment))).toEqual(offers);
  });

  test("asked to stop, a living run is stopping and offers nothing", () => {
    const state = reduce(at("training"), entry(sample("asked", { command: "stop" })));
    expect(statusOf(state)).toBe("stopping");
    expect(offersOf(state)).toEqual([]);
  });

  test("the fault a person is asked about is the failed phase's own", () => {
    expect(needsYou(at("failed"))).toEqual(DISK_FULL);
    expect(needsYou(at("training"))).toBeNull();
  });
});

test("progress is the share of training steps, unknown before they are counted", () => {
  expect(progressOf(at("preparing"))).toBeNull();
  expect(progressOf(at("training", { steps: 100, stepsDone: 37 }))).toBe(0.37);
  expect(progressOf(at("exporting"))).toBe(1);
  expect(phaseProgress(at("exporting"), "export")).toBeCloseTo(214_000 / 340_992);
  expect(phaseProgress(at("preparing"), "prepare")).toBeNull();
});

test("groups of phases: what failed, runs, was left out", () => {
  expect(groupStatus(at("failed"), "train")).toBe("failed");
  expect(groupStatus(at("training"), "prepare")).toBe("done");
  expect(groupStatus(at("training"), "compare")).toBe("waiting");
  expect(groupStatus(at("exporting"), "deploy")).toBe("running");
  expect(groupStatus(at("no-ollama"), "deploy")).toBe("skipped");
  expect(groupStatus(at("finished"), "deploy")).toBe("done");
});

test("speed counts rest too, and is unknown before the first step", () => {
  expect(tokensPerSecond(at("preparing"))).toBeNull();
  const recent = [{ seconds: 3, restSeconds: 1, tokens: 400 }];
  expect(tokensPerSecond({ ...EMPTY_RUN, recent })).toBe(100);
});

test("a verdict stands only where the interval leaves zero out", () => {
  const compared = (low: number, high: number) => verdictOf(reduce(EMPTY_RUN, entry(sample("held-out-compared", { low, high }))));
  expect(verdictOf(EMPTY_RUN)).toBeNull();
  expect(compared(-1, -0.1)).toBe("better");
  expect(compared(0.1, 1)).toBe("worse");
  expect(compared(-0.5, 0.1)).toBe("unclear");
  expect(compared(-0.5, 0)).toBe("unclear");
});

test("the run shown first is the newest that has not ended, else the newest", () => {
  const home = (moments: readonly Moment[]): HomeState =>
    entriesOf(homeJournal(moments.map((moment, index) => ({ ...OPTIONS, run: `r${index}`, moment })))).reduce(reduceHome, EMPTY_HOME);
  expect(focusedRun(EMPTY_HOME)).toBeNull();
  expect(focusedRun(home(["finished", "training", "stopped"]))?.id).toBe("r1");
  expect(focusedRun(home(["finished", "stopped"]))?.id).toBe("r1");
});
