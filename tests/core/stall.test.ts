/** Fault rows 7, 20 and 21: silence is judged by progress, told twice, ended late; sleep and clocks are no silence. */
import { describe, expect, it } from "vitest";
import type { EventBody, Phase } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { needsYou, offersOf, statusOf } from "../../electron/core/selectors.ts";
import {
  type Finding,
  FORCE_LIMIT_S,
  forceLimitSeconds,
  lookForStall,
  progressMark,
  START_LIMIT_S,
  stallLimitSeconds,
  type Watch,
} from "../../electron/core/stall.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const fold = (bodies: readonly EventBody[], from: RunState = EMPTY_RUN): RunState =>
  bodies.reduce((state, body, index) => reduce(state, entry(body, { at: index })), from);
const step = (number: number, seconds = 1, restSeconds = 0) => sample("step", { step: number, seconds, restSeconds });
const EARLIER = (["fetch", "prepare", "before"] as const).map((phase) => sample("phase-finished", { phase }));
const TRAINING = fold([sample("run-created"), ...EARLIER, sample("phase-started"), sample("spawned"), sample("loaded"), step(1), step(2)]);

/** Looks every `everyS` for `forS`, journals what is found as the engine does, and returns what that was and when. */
function watchFor(state: RunState, forS: number, everyS = 1, phase: Phase = "train", startS = 0) {
  let watch: Watch | null = null;
  let now = state;
  const found: [Finding, number][] = [];
  for (let mono = startS; mono <= startS + forS; mono += everyS) {
    const look = lookForStall(watch, now, phase, mono);
    watch = look.watch;
    if (look.finding === "quiet") continue;
    found.push([look.finding, mono - startS]);
    const body: EventBody = look.finding === "moves-again" ? sample("unstalled") : sample("stalled", { stage: look.finding, seconds: watch.waitedSeconds });
    now = fold([body], now);
  }
  return { found, state: now, watch };
}

describe("row 7: limits", () => {
  const at = (events: readonly EventBody[]) => stallLimitSeconds(fold(events, TRAINING), "train");
  it.each<[string, readonly EventBody[], number]>([
    ["quick steps", [], 120],
    ["eight of the slowest recent step", [step(3, 60), step(4, 10)], 480],
    ["rest between micro-batches belongs to a step", [step(3, 30, 20)], 400],
    ["a lower pace stretches what comes", [step(3, 40), sample("obeyed", { desired: "run", pace: 0.5 })], 640],
    ["a long evaluation was no stall", [sample("evaluated", { seconds: 400 })], 801],
    ["a long checkpoint neither", [sample("checkpoint-sealed", { seconds: 300 })], 601],
    ["loading after a restart", [sample("exited"), sample("spawned"), sample("resumed")], START_LIMIT_S],
  ])("%s", (_name, events, expected) => {
    expect(at(events)).toBe(expected);
  });

  it("force comes after 30 minutes, or after three times what is already long", () => {
    expect(forceLimitSeconds(TRAINING, "train")).toBe(FORCE_LIMIT_S);
    expect(forceLimitSeconds(fold([step(3, 120)], TRAINING), "train")).toBe(3 * 960);
  });

  it.each<Phase>(["fetch", "prepare", "before", "after", "merge"])("%s has a limit of its own, longer than a step's", (phase) => {
    expect(stallLimitSeconds(EMPTY_RUN, phase)).toBeGreaterThanOrEqual(START_LIMIT_S);
  });
});

describe("row 7: silence", () => {
  it("is told, asked about, and ended, each once", () => {
    const { found, state } = watchFor(TRAINING, 3_000);
    expect(found).toEqual([
      [1, 120],
      [2, 240],
      [3, 1_800],
    ]);
    expect(state.stalled).toMatchObject({ stage: 3, seconds: 1_800 });
  });

  it("asks its person from the second stage on, who may pause or stop", () => {
    const first = watchFor(TRAINING, 200).state;
    expect([statusOf(first), needsYou(first)]).toEqual(["training", null]);
    const second = watchFor(TRAINING, 300).state;
    expect(statusOf(second)).toBe("needs-you");
    expect(needsYou(second)).toMatchObject({ kind: "run.stalled", message: expect.stringContaining("4 minutes") });
    expect(offersOf(second)).toEqual(["pause", "stop"]);
  });

  it("a new engine does not tell again what stands in the journal, and waits afresh before it goes further", () => {
    const told = watchFor(TRAINING, 200).state;
    expect(watchFor(told, 239, 1, "train", 5_000).found).toEqual([]);
    expect(watchFor(told, 240, 1, "train", 5_000).found).toEqual([[2, 240]]);
  });

  it.each<[string, EventBody]>([
    ["a step", step(3)],
    ["a checkpoint", sample("checkpoint-sealed")],
    ["an evaluation", sample("evaluated")],
    ["an answer", sample("answered")],
    ["a piece of a file", sample("fetch-progress")],
    ["a merged tensor", sample("merge-progress")],
    ["a success", sample("train-finished")],
  ])("ends with %s", (_name, progress) => {
    const told = watchFor(TRAINING, 130);
    const moved = fold([progress], told.state);
    expect(lookForStall(told.watch, moved, "train", 131)).toMatchObject({ finding: "moves-again", watch: { waitedSeconds: 0 } });
    expect(lookForStall(told.watch, fold([sample("unstalled")], moved), "train", 132).finding).toBe("quiet");
  });

  it.each<[string, EventBody]>([
    ["a warning", sample("warned")],
    ["memory", sample("memory")],
    ["an order obeyed", sample("obeyed", { desired: "run" })],
  ])("output is not progress: %s", (_name, output) => {
    expect(progressMark(fold([output], TRAINING))).toBe(progressMark(TRAINING));
  });

  it("nobody is told who rests", () => {
    expect(watchFor(fold([sample("obeyed", { desired: "rest" })], TRAINING), 10_000).found).toEqual([]);
  });

  it("a process that is gone has no silence left", () => {
    expect(fold([sample("exited")], watchFor(TRAINING, 300).state).stalled).toBeNull();
  });
});

describe("rows 20 and 21: sleep and clocks", () => {
  it("a machine that slept 8 hours waits afresh", () => {
    const before = watchFor(TRAINING, 110);
    const woken = lookForStall(before.watch, before.state, "train", 110 + 8 * 3_600);
    expect(woken).toMatchObject({ finding: "quiet", watch: { waitedSeconds: 0 } });
    expect(lookForStall({ ...woken.watch, waitedSeconds: 119 }, before.state, "train", woken.watch.mono + 1).finding).toBe(1);
  });

  it("one that sleeps again and again is never told", () => {
    expect(watchFor(TRAINING, 100_000, 31).found).toEqual([]);
  });

  it("a clock that goes back counts nothing", () => {
    const before = watchFor(TRAINING, 110);
    expect(lookForStall(before.watch, before.state, "train", 5)).toMatchObject({ finding: "quiet", watch: { waitedSeconds: 0, mono: 5 } });
  });
});
