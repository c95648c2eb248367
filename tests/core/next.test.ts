/** What a run needs next, from its state alone: each phase in its order, each decision a row of a table. */
import { describe, expect, it } from "vitest";
import { type EventBody, PHASES, type Phase } from "../../electron/core/events.ts";
import { type Action, nextAction } from "../../electron/core/next.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const AT = 1_000_000;
/** Later than any back-off. */
const LATER = AT + 60_000;
/** Of the memory ladder. */
const RUNGS = 3;

const fold = (bodies: readonly EventBody[], from: RunState = EMPTY_RUN) => bodies.reduce((state, body) => reduce(state, entry(body, { at: AT })), from);
const started = (phase: Phase): EventBody => ({ type: "phase-started", phase });
const finished = (phase: Phase): EventBody => ({ type: "phase-finished", phase, seconds: 1 });
const AFTER_THE_GATE: readonly Phase[] = ["merge", "export", "deploy"];
const until = (phase: Phase) => [
  ...PHASES.slice(0, PHASES.indexOf(phase)).map(finished),
  ...(AFTER_THE_GATE.includes(phase) ? [sample("judged", { decision: "go" })] : []),
];
const exit = (code: number): EventBody[] => [sample("spawned"), sample("exited", { code })];
const next = (bodies: readonly EventBody[], now = LATER) => nextAction(fold([sample("run-created"), ...bodies]), now, RUNGS);

describe("a run without trouble", () => {
  const success: Readonly<Record<Phase, EventBody>> = {
    fetch: sample("fetched"),
    prepare: sample("prepared"),
    before: sample("answers-finished", { stage: "before" }),
    train: sample("train-finished"),
    after: sample("answers-finished", { stage: "after" }),
    merge: sample("merged"),
    export: finished("export"),
    deploy: finished("deploy"),
  };
  const start: Readonly<Record<Phase, Action>> = {
    fetch: { do: "spawn", phase: "fetch", verb: "fetch" },
    prepare: { do: "spawn", phase: "prepare", verb: "prepare" },
    before: { do: "spawn", phase: "before", verb: "answer", stage: "before" },
    train: { do: "spawn", phase: "train", verb: "train" },
    after: { do: "spawn", phase: "after", verb: "answer", stage: "after" },
    merge: { do: "spawn", phase: "merge", verb: "merge" },
    export: { do: "export" },
    deploy: { do: "deploy" },
  };

  it.each(PHASES)("%s starts, runs, succeeds, is finished", (phase) => {
    const before = until(phase);
    expect(next(before)).toEqual(start[phase]);
    expect(next([...before, started(phase)])).toEqual(start[phase]);
    if (phase === "export" || phase === "deploy") return;
    expect(next([...before, started(phase), sample("spawned")])).toEqual({ do: "wait", why: "running" });
    expect(next([...before, started(phase), sample("spawned"), success[phase]])).toEqual({ do: "wait", why: "running" });
    expect(next([...before, started(phase), sample("spawned"), success[phase], sample("exited")])).toEqual({ do: "finish-phase", phase });
  });

  it("ends when every phase is done or skipped", () => {
    expect(next(PHASES.map(finished))).toEqual({ do: "end", outcome: "finished" });
    expect(next(PHASES.map((phase) => sample("phase-skipped", { phase })))).toEqual({ do: "end", outcome: "finished" });
    expect(next([...PHASES.map(finished), sample("run-ended")])).toEqual({ do: "wait", why: "ended" });
  });

  it.each([0, 1, 134, 137, 139])("a success stands whatever the exit code (%i)", (code) => {
    const events = [...until("train"), started("train"), sample("spawned"), sample("train-finished"), sample("exited", { code })];
    expect(next(events, AT)).toEqual({ do: "finish-phase", phase: "train" });
  });

  it("a success of another phase does not finish this one", () => {
    expect(next([...until("merge"), started("merge"), sample("fetched"), ...exit(0)])).toEqual(start.merge);
  });

  it("a success from an earlier start of the phase does not count", () => {
    expect(next([...until("merge"), sample("merged"), started("merge")])).toEqual(start.merge);
  });
});

describe("a run in trouble", () => {
  const training = [...until("train"), started("train")];

  it("exit 0 without a success event is a crash", () => {
    expect(next([...training, ...exit(0)], AT)).toEqual({ do: "wait", why: "back-off", untilMs: AT + 2_000 });
    expect(next([...training, ...exit(0)])).toEqual({ do: "spawn", phase: "train", verb: "train" });
  });

  it("the third crash in 5 minutes fails the phase; then it waits for its person", () => {
    const crashes = [...training, ...exit(1), ...exit(1), ...exit(1)];
    const action = next(crashes);
    expect(action).toMatchObject({ do: "fail-phase", phase: "train", fault: { kind: "run.crashed" } });
    if (action.do !== "fail-phase") return;
    expect(next([...crashes, { type: "phase-failed", phase: "train", fault: action.fault }])).toEqual({ do: "wait", why: "needs-you" });
  });

  it("a failure named by the verb fails the phase at once", () => {
    const fault = { kind: "data.empty", message: "The file is empty.", next: "Choose another file." };
    const events = [...training, sample("spawned"), sample("failed", { fault }), sample("exited", { cause: "named-fault" })];
    expect(next(events, AT)).toEqual({ do: "fail-phase", phase: "train", fault });
  });

  it.each(["disk.full", "disk.space"])("%s waits for room, then starts again; a person may say so at once", (kind) => {
    const fault = { kind, message: "Full.", next: "Free some." };
    const full = [...training, sample("spawned"), sample("failed", { fault }), sample("exited", { cause: "named-fault" })];
    expect(next(full, AT)).toEqual({ do: "await-space", phase: "train" });
    expect(next([...full, sample("space-needed")], AT)).toEqual({ do: "await-space", phase: "train" });
    const again = { do: "spawn", phase: "train", verb: "train" };
    expect(next([...full, sample("space-needed"), sample("space-returned")], AT)).toEqual(again);
    expect(next([...full, sample("space-needed"), sample("asked", { command: "resume" })], AT)).toEqual(again);
    expect(next([...full, sample("space-needed"), sample("asked", { command: "pause" })], AT)).toEqual({ do: "wait", why: "paused" });
  });

  it("a divergence is tried once more as a run of its own; after a kill between its lines, the same one", () => {
    const fault = { kind: "run.diverged", message: "NaN.", next: "Be gentler." };
    const diverged = [...training, sample("spawned"), sample("failed", { fault }), sample("exited", { cause: "named-fault" })];
    const retry = { do: "retry-gentler", fault };
    expect(next(diverged)).toEqual(retry);
    const failed = [...diverged, { type: "phase-failed", phase: "train", fault } as const];
    expect(next(failed)).toEqual(retry);
    const ended = [...failed, sample("run-ended", { outcome: "stopped", child: "a-20261123-230000-0002" })];
    expect(next(ended)).toEqual({ do: "wait", why: "ended" });
    const again = [...ended, sample("asked", { command: "resume" }), started("train"), ...diverged.slice(-3)];
    expect(next(again)).toEqual({ do: "fail-phase", phase: "train", fault });
    const child = fold([sample("run-created", { parent: "a-20261123-220000-0001" }), ...diverged]);
    expect(nextAction(child, LATER, RUNGS)).toEqual({ do: "fail-phase", phase: "train", fault });
  });

  it("crashes of one phase are not counted against the next", () => {
    expect(next([...training, ...exit(1), ...exit(1), sample("train-finished"), finished("train"), started("after"), ...exit(1)])).toMatchObject({
      do: "spawn",
    });
  });

  it("resume after a failure starts the phase anew, with a clean slate", () => {
    const failed = [...training, ...exit(1), ...exit(1), ...exit(1), sample("phase-failed"), sample("asked", { command: "resume" })];
    expect(next(failed, AT)).toEqual({ do: "spawn", phase: "train", verb: "train" });
    expect(next([...failed, started("train"), ...exit(1)])).toEqual({ do: "spawn", phase: "train", verb: "train" });
  });
});

describe("what a person asked", () => {
  const training = [...until("train"), started("train"), sample("spawned")];
  const pause = sample("asked", { command: "pause" });
  const stop = sample("asked", { command: "stop" });
  const resume = sample("asked", { command: "resume" });

  it.each<[string, readonly EventBody[], Action]>([
    ["pause waits for the process", [pause], { do: "wait", why: "running" }],
    ["pause, once it is gone", [pause, sample("exited")], { do: "wait", why: "paused" }],
    ["pause and resume", [pause, sample("exited"), resume], { do: "spawn", phase: "train", verb: "train" }],
    ["stop waits for the process", [stop], { do: "wait", why: "running" }],
    ["stop, once it is gone", [stop, sample("exited")], { do: "end", outcome: "stopped" }],
    ["pause, then stop", [pause, stop, sample("exited")], { do: "end", outcome: "stopped" }],
    ["stop beats a success", [stop, sample("train-finished"), sample("exited")], { do: "end", outcome: "stopped" }],
    ["stop and resume", [stop, sample("exited"), sample("run-ended", { outcome: "stopped" }), resume], { do: "spawn", phase: "train", verb: "train" }],
  ])("%s", (_name, events, expected) => {
    expect(next([...training, ...events])).toEqual(expected);
  });

  it("a run that needs its person can be stopped", () => {
    expect(next([...until("train"), started("train"), sample("phase-failed"), stop])).toEqual({ do: "end", outcome: "stopped" });
  });

  it("a run that was never started can be stopped", () => {
    expect(next([stop])).toEqual({ do: "end", outcome: "stopped" });
  });
});

describe("the gate", () => {
  it("judges once, after training and its answers and before anything is made of them", () => {
    const before = [...PHASES.slice(0, PHASES.indexOf("merge")).map(finished)];
    expect(next(before)).toEqual({ do: "judge" });
    expect(next([...before, sample("judged")])).toEqual({ do: "spawn", phase: "merge", verb: "merge" });
    expect(next([...before, sample("judged"), sample("answers-finished", { stage: "after" })])).toEqual({ do: "judge" });
  });
});

describe("the gate before the deployment", () => {
  const judged = (decision: "go" | "no-go" | "your-call") => [...PHASES.slice(0, PHASES.indexOf("deploy")).map(finished), sample("judged", { decision })];
  const again = sample("asked", { command: "deploy" });

  it("opens by itself for GO only; merge and export need none", () => {
    expect(next(judged("go"))).toEqual({ do: "deploy" });
    expect(next(judged("no-go"))).toEqual({ do: "hold-deploy", verdict: "no-go" });
    expect(next(judged("your-call"))).toEqual({ do: "hold-deploy", verdict: "your-call" });
    expect(next([...until("merge").slice(0, -1), sample("judged", { decision: "no-go" })])).toMatchObject({ do: "spawn", phase: "merge" });
  });

  it("a person who asks after the verdict overrules it, until it is judged anew", () => {
    const held = [...judged("no-go"), sample("phase-skipped", { phase: "deploy", verdict: "no-go" }), sample("run-ended")];
    expect(fold(held).phases.deploy).toMatchObject({ status: "skipped", held: "no-go" });
    const asked = [...held, again, started("export"), finished("export")];
    expect([fold(asked).overruled, fold(asked).phases.deploy.held]).toEqual([true, null]);
    expect(next(asked)).toEqual({ do: "deploy" });
    expect(next([...asked, sample("answers-finished", { stage: "after" }), sample("judged", { decision: "no-go" })])).toMatchObject({ do: "hold-deploy" });
  });

  it("who asks before there is a verdict, or for another thing, overrules nothing", () => {
    const early = [
      ...PHASES.slice(0, PHASES.indexOf("after")).map(finished),
      sample("run-ended"),
      again,
      finished("after"),
      sample("judged", { decision: "no-go" }),
    ];
    expect(next([...early, finished("merge"), finished("export")])).toMatchObject({ do: "hold-deploy" });
    expect(fold([...judged("no-go"), sample("run-ended"), sample("asked", { command: "export" })]).overruled).toBe(false);
    expect(fold([...judged("go"), sample("run-ended"), again]).overruled).toBe(false);
  });

  it("a deployment that has begun goes on after a kill", () => {
    expect(next([...judged("go"), started("deploy")])).toEqual({ do: "deploy" });
  });
});
