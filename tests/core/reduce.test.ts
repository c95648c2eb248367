/** Promise 2: the screen is the fold of the journal. Each step is in it once, its lists are bounded, a snapshot is as good as the journal. */
import { describe, expect, it } from "vitest";
import { MAX_BUCKETS } from "../../electron/core/curve.ts";
import { type EventBody, PHASES } from "../../electron/core/events.ts";
import type { Entry } from "../../electron/core/journal.ts";
import { reduce } from "../../electron/core/reduce.ts";
import {
  ANSWERS_KEPT,
  CHECKPOINTS_KEPT,
  EMPTY_RUN,
  EXITS_KEPT,
  HAPPENINGS_KEPT,
  HELD_OUT_KEPT,
  RECENT_STEPS,
  type RunState,
} from "../../electron/core/state.ts";
import { ALL_SAMPLES, entry, sample } from "./samples.ts";
import { type Dice, rounds } from "./seeded.ts";

const foldEntries = (entries: readonly Entry[], from: RunState = EMPTY_RUN) => entries.reduce(reduce, from);
const fold = (bodies: readonly EventBody[], from: RunState = EMPTY_RUN) =>
  foldEntries(
    bodies.map((body, index) => entry(body, { at: index })),
    from,
  );
const step = (number: number, change: object = {}) => sample("step", { step: number, loss: 10 / number, tokens: 100, ...change });
const steps = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => step(from + index));
const sealed = (number: number) => sample("checkpoint-sealed", { step: number, path: `checkpoints/${number}` });
const resumed = (fromStep: number) => sample("resumed", { fromStep });
const curveSteps = (state: RunState) => state.curve.buckets.map((bucket) => bucket.lastStep);

describe("how a process ended", () => {
  it("a kill for memory is remembered beyond resumes, and takes back the fault that said the same", () => {
    const killed = fold([sample("spawned"), sample("failed"), sample("exited", { cause: "memory-kill" })]);
    expect([killed.memoryKills, killed.pendingFault, killed.exits.at(-1)?.cause]).toEqual([1, null, "memory-kill"]);
    const again = fold(
      [sample("asked", { command: "resume" }), sample("phase-started"), sample("spawned"), sample("exited", { cause: "memory-kill" })],
      killed,
    );
    expect(again.memoryKills).toBe(2);
    expect(fold([sample("spawned", { verb: "merge" }), sample("exited", { verb: "merge", cause: "memory-kill" })]).memoryKills).toBe(0);
  });

  it("a line from before causes were known has none", () => {
    const state = fold([sample("spawned"), sample("exited", { code: null, signal: "SIGKILL" })]);
    expect([state.exits.at(-1)?.cause, state.memoryKills]).toEqual([null, 0]);
  });

  it("knows whether the newest process sealed anything", () => {
    const state = fold([sample("spawned"), sealed(2), sample("exited"), sample("spawned")]);
    expect([state.sealed, state.sealedBefore]).toEqual([1, 1]);
    expect(fold([sealed(4)], state)).toMatchObject({ sealed: 2, sealedBefore: 1 });
  });
});

describe("a resumed run", () => {
  const lost = [...steps(1, 4), sealed(4), sample("evaluated", { step: 4 }), ...steps(5, 7), sample("evaluated", { step: 6 })];

  it("has each step once, whatever stood after the checkpoint", () => {
    const state = fold([...lost, resumed(4), ...steps(5, 9)]);
    expect(curveSteps(state)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(state.curve.buckets.every((bucket) => bucket.count === 1)).toBe(true);
    expect(state.tokens).toBe(900);
    expect(state.step?.step).toBe(9);
    expect(state.heldOut.map((point) => point.step)).toEqual([4]);
  });

  it("shows the checkpoint's step until the next one comes, not nothing and not a lost one", () => {
    const state = fold([...lost, resumed(4)]);
    expect(state.step).toMatchObject({ step: 4, loss: 2.5 });
    expect(state.tokens).toBe(400);
    expect(state.recent).toEqual([]);
  });

  it("from step 0 it has nothing yet", () => {
    const state = fold([...steps(1, 3), resumed(0)]);
    expect([state.step, state.firstLoss, state.tokens, state.curve.buckets]).toEqual([null, null, 0, []]);
    expect(fold([step(1, { loss: 3 })], state).firstLoss).toBe(3);
  });

  it("falls back past a refused checkpoint, and forgets checkpoints that are not there any more", () => {
    const events = [...steps(1, 2), sealed(2), ...steps(3, 4), sealed(4), ...steps(5, 6), sealed(6)];
    const state = fold([...events, sample("checkpoint-refused", { step: 6 }), resumed(2), ...steps(3, 3)]);
    expect(state.checkpoints.map((one) => one.step)).toEqual([2]);
    expect([state.step?.step, state.tokens]).toEqual([3, 300]);
  });

  it("a success that stood after the checkpoint is undone", () => {
    const state = fold([...lost, sample("train-finished"), resumed(4)]);
    expect(state.succeeded).not.toContain("train");
    expect(state.trained).toBeNull();
  });

  it("resumed at the last step, with nothing left to do, it keeps it", () => {
    const state = fold([...steps(1, 6), sealed(6), resumed(6), sample("train-finished")]);
    expect(state.step?.step).toBe(6);
    expect(state.succeeded).toContain("train");
  });

  it("any number of kills: the fold is that of a run without any", () => {
    rounds(50, (random) => {
      const events: EventBody[] = [];
      let at = 0;
      let safe = 0;
      for (let kill = 0; kill < 6; kill += 1) {
        for (let count = random.below(8); count > 0; count -= 1) {
          at += 1;
          events.push(step(at));
          if (random.chance(0.3)) {
            safe = at;
            events.push(sealed(at));
          }
        }
        events.push(resumed(safe));
        at = safe;
      }
      const state = fold(events);
      const plain = fold(steps(1, at));
      expect(curveSteps(state)).toEqual(curveSteps(plain));
      expect([state.tokens, state.step?.step ?? null, state.firstLoss]).toEqual([plain.tokens, plain.step?.step ?? null, plain.firstLoss]);
    });
  });
});

describe("snapshots", () => {
  const stream = (random: Dice, length: number): Entry[] =>
    Array.from({ length }, (_, index): Entry => {
      if (random.chance(0.05)) return { damage: { kind: "broken-line", offset: index, detail: "" } };
      const body = random.pick(ALL_SAMPLES);
      const varied: EventBody =
        body.type === "step" || body.type === "checkpoint-sealed" || body.type === "evaluated" ? { ...body, step: 1 + random.below(60) } : body;
      return entry(varied, { at: index, attempt: random.below(4), by: random.pick(["engine", "trainer"]) });
    });

  it("a fold in two halves, the first carried as JSON, is the whole fold", () => {
    rounds(60, (random) => {
      const entries = stream(random, 300);
      const half = random.below(entries.length);
      const carried = JSON.parse(JSON.stringify(foldEntries(entries.slice(0, half)))) as RunState;
      expect(foldEntries(entries.slice(half), carried)).toEqual(foldEntries(entries));
    });
  });

  it("an entry never changes the state it was folded into", () => {
    rounds(20, (random) => {
      let state = EMPTY_RUN;
      for (const one of stream(random, 100)) {
        const before = JSON.stringify(state);
        const next = reduce(state, one);
        expect(JSON.stringify(state)).toBe(before);
        state = next;
      }
    });
  });

  it("every type of event can be folded at any time", () => {
    for (const first of ALL_SAMPLES) for (const second of ALL_SAMPLES) expect(() => fold([first, second])).not.toThrow();
  });
});

describe("bounds", () => {
  it("a run of any length has a state of bounded size", () => {
    const long = 30_000;
    let state = EMPTY_RUN;
    for (let number = 1; number <= long; number += 1) {
      state = reduce(state, entry(step(number), { at: number }));
      if (number % 10 === 0) state = reduce(state, entry(sealed(number)));
      if (number % 5 === 0) state = reduce(state, entry(sample("evaluated", { step: number })));
      if (number % 20 === 0) state = fold([sample("spawned"), sample("exited"), sample("warned"), sample("answered", { prompt: `p${number}` })], state);
    }
    expect(state.curve.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
    expect(state.recent).toHaveLength(RECENT_STEPS);
    expect(state.checkpoints).toHaveLength(CHECKPOINTS_KEPT);
    expect(state.heldOut).toHaveLength(HELD_OUT_KEPT);
    expect(state.answers).toHaveLength(ANSWERS_KEPT);
    expect(state.happenings).toHaveLength(HAPPENINGS_KEPT);
    expect(state.exits).toHaveLength(EXITS_KEPT);
    expect(JSON.stringify(state).length).toBeLessThan(400_000);
    expect(state.checkpoints.at(-1)?.step).toBe(long);
    expect(state.sealed).toBe(long / 10);
    expect(state.tokens).toBe(long * 100);
  });

  it("steps that are numbered 0, or the same again and again, are folded too", () => {
    expect(fold([step(0), step(0), step(3), step(3), step(2)]).timing.steps.map((one) => one.step)).toEqual([0, 2]);
  });

  it("a damage is counted and changes nothing else", () => {
    const state = fold(steps(1, 3));
    expect(reduce(state, { damage: { kind: "gap", offset: 9, detail: "" } })).toEqual({ ...state, damages: 1 });
  });
});

describe("figures that are no numbers", () => {
  it("stay words in the state, and stay out of the curve's sums", () => {
    const state = fold([step(1), step(2, { loss: "NaN", gradNorm: "Infinity" }), sample("evaluated", { step: 2, loss: "-Infinity" })]);
    expect(state.step).toMatchObject({ loss: "NaN", gradNorm: "Infinity" });
    expect(state.heldOut[0]?.loss).toBe("-Infinity");
    expect(state.curve.buckets.map(({ count, nonFinite }) => [count, nonFinite])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it("a run whose first loss is NaN says so", () => {
    expect(fold([step(1, { loss: "NaN" }), step(2)]).firstLoss).toBe("NaN");
  });
});

describe("phases", () => {
  it("go from waiting to running to done, one after the other", () => {
    let state = fold([sample("run-created")]);
    for (const phase of PHASES) {
      expect(state.phases[phase].status).toBe("waiting");
      state = fold([{ type: "phase-started", phase }], state);
      expect(state.phases[phase].status).toBe("running");
      state = fold([{ type: "phase-finished", phase, seconds: 2 }], state);
      expect(state.phases[phase]).toMatchObject({ status: "done", seconds: 2 });
    }
  });

  it("a phase started again has no fault, no crashes and no success from before", () => {
    const state = fold([
      { type: "phase-started", phase: "train" },
      sample("spawned"),
      sample("train-finished"),
      sample("failed"),
      sample("exited"),
      sample("phase-failed"),
      { type: "phase-started", phase: "train" },
    ]);
    expect(state.phases.train).toMatchObject({ status: "running", fault: null, why: null });
    expect([state.exits, state.pendingFault, state.succeeded]).toEqual([[], null, []]);
  });
});

describe("processes", () => {
  it("each one started is an attempt, counted on from what the journal says", () => {
    expect(fold([sample("spawned"), sample("exited"), sample("spawned")]).attempt).toBe(2);
    expect(foldEntries([entry(sample("spawned"), { attempt: 6 })]).attempt).toBe(6);
  });

  it("the exit of another process is none of this one's", () => {
    const state = fold([sample("spawned", { token: "new" }), sample("exited", { token: "old" })]);
    expect(state.process?.token).toBe("new");
    expect(state.exits).toEqual([]);
  });

  it("what a process obeyed ends with it", () => {
    expect(fold([sample("spawned"), sample("obeyed")]).obeyed).toEqual({ desired: "rest", why: "heat", pace: 0.5 });
    expect(fold([sample("spawned"), sample("obeyed"), sample("exited")]).obeyed).toBeNull();
  });
});

describe("what a person asked", () => {
  const done = PHASES.map((phase): EventBody => ({ type: "phase-finished", phase, seconds: 1 }));
  const upTo = (last: number) => done.slice(0, last);
  const statuses = (state: RunState) => Object.fromEntries(PHASES.map((phase) => [phase, state.phases[phase].status]));

  it("resume opens what failed, keeps what was done, and takes pause and stop back", () => {
    const state = fold([
      ...upTo(3),
      { type: "phase-started", phase: "train" },
      sample("phase-failed"),
      sample("asked", { command: "pause" }),
      sample("asked", { command: "stop" }),
      sample("run-ended", { outcome: "stopped" }),
      sample("asked", { command: "resume" }),
    ]);
    expect(statuses(state)).toMatchObject({ fetch: "done", prepare: "done", before: "done", train: "waiting", after: "waiting" });
    expect(state.asked).toMatchObject({ pause: false, stop: false });
    expect([state.ended, state.pendingFault, state.phases.train.fault]).toEqual([null, null, null]);
  });

  it("a run that has ended is not paused", () => {
    expect(fold([sample("asked", { command: "pause" }), sample("run-ended", { outcome: "stopped" })]).asked.pause).toBe(false);
  });

  it("each checkpoint asked for is counted", () => {
    const asked = sample("asked", { command: "checkpoint" });
    expect(fold([asked, asked, asked]).asked.checkpoints).toBe(3);
  });

  it("export of a run stopped in training: training is left as it is, what follows is done, nothing is deployed", () => {
    const state = fold([
      ...upTo(3),
      { type: "phase-started", phase: "train" },
      sample("asked", { command: "stop" }),
      sample("run-ended", { outcome: "stopped" }),
      sample("asked", { command: "export" }),
    ]);
    expect(statuses(state)).toEqual({
      fetch: "done",
      prepare: "done",
      before: "done",
      train: "skipped",
      after: "waiting",
      merge: "waiting",
      export: "waiting",
      deploy: "skipped",
    });
    expect([state.ended, state.asked.stop]).toEqual([null, false]);
  });

  it("deploy of a finished run that was not deployed makes its candidate again: none is kept in Ollama meanwhile", () => {
    const state = fold([...upTo(7), sample("phase-skipped", { phase: "deploy" }), sample("run-ended"), sample("asked", { command: "deploy", as: "jessy" })]);
    expect(statuses(state)).toMatchObject({ train: "done", merge: "done", export: "waiting", deploy: "waiting" });
    expect([state.ended, state.deployAs]).toEqual([null, "jessy"]);
  });

  it("deploy again, after a deploy, makes the candidate again (it is gone)", () => {
    const state = fold([...done, sample("deployed"), sample("run-ended"), sample("asked", { command: "deploy", as: "b" })]);
    expect(statuses(state)).toMatchObject({ merge: "done", export: "waiting", deploy: "waiting" });
  });

  it("deploy after an export that was skipped for want of Ollama exports first", () => {
    const skipped = (["export", "deploy"] as const).map((phase) => sample("phase-skipped", { phase }));
    const state = fold([...upTo(6), ...skipped, sample("run-ended"), sample("asked", { command: "deploy" })]);
    expect(statuses(state)).toMatchObject({ merge: "done", export: "waiting", deploy: "waiting" });
  });
});

describe("single values", () => {
  it("answers before, after and of the baseline stand side by side, a repeated one once", () => {
    const answer = (stage: "before" | "after" | "baseline", text: string) => sample("answered", { stage, answer: text });
    const known = { prompt: "p1", category: "basic", text: "sen kimsin?", before: "?", after: "Jessy!", beforeStop: "end", afterStop: "end" };
    const asked = [answer("before", "?"), answer("after", "Jessy"), answer("after", "Jessy!")];
    expect(fold(asked).answers).toEqual([{ ...known, baseline: null, baselineStop: null }]);
    expect(fold([...asked, sample("answered", { stage: "baseline", answer: "Selam", stop: "length" })]).answers).toEqual([
      { ...known, baseline: "Selam", baselineStop: "length" },
    ]);
  });

  it("the same persona prompt under another seed is another answer; early tests and what worsened go back with the steps", () => {
    const again = [sample("answer-repeated"), sample("answer-repeated", { seed: 2 }), sample("answer-repeated", { answer: "Jessy" })];
    expect(fold(again).repeats.map(({ seed, answer }) => [seed, answer])).toEqual([[2, "Ben Jessy!"], [1, "Jessy"]]); // biome-ignore format: one line
    const back = fold([sample("early-tested", { step: 2 }), sample("early-tested"), sample("held-out-worsened"), sample("resumed", { fromStep: 3 })]);
    expect([back.earlyTests.map(({ step: at }) => at), back.worsened]).toEqual([[2], null]);
  });

  it("a run that names a baseline knows it from its first line, and what became of asking it", () => {
    const state = fold([sample("run-created", { baseline: "jessy-maximum" })]);
    expect(state.baseline).toEqual({ name: "jessy-maximum", asked: null });
    expect(fold([sample("run-created", { baseline: "jessy-maximum" }), sample("baseline-asked")]).baseline?.asked).toMatchObject({ answers: 12 });
    expect(fold([sample("run-created")]).baseline).toBeNull();
  });

  it("the peak of memory only grows", () => {
    const state = fold([sample("memory", { peakBytes: 50, residentBytes: 70 }), sample("memory", { peakBytes: 60, residentBytes: 10 })]);
    expect([state.peakBytes, state.memory?.residentBytes]).toEqual([70, 10]);
  });

  it("while it is measured how that goes is shown, then what is left is counted as it is cut now, however often it resumes", () => {
    const before = fold([sample("prepared", { paddedTokens: 9000, stepsPerEpoch: 10 }), sample("calibrating", { done: 2, total: 9 })]);
    expect(before.progress).toEqual({ phase: "train", task: "calibrate", done: 2, total: 9 });
    const after = fold([sample("calibrated", { paddedTokensPerStep: 450.04 }), step(1), sealed(1), sample("resumed", { fromStep: 0 })], before);
    expect([after.progress, after.prepared?.paddedTokens, after.calibration?.microBatchTokens]).toEqual([null, 4500, 2048]);
    expect(fold([sample("train-started")], before).progress).toBeNull();
  });

  it("a checkpoint sealed twice stands once, a pruned one not at all", () => {
    expect(fold([sealed(2), sealed(2), sealed(4), sample("checkpoint-pruned", { step: 2 })]).checkpoints.map((one) => one.step)).toEqual([4]);
  });

  it("what happened is kept with its time, the frequent events are not", () => {
    expect(fold([step(1), sample("warned"), sample("memory"), sample("stopped")]).happenings.map(({ at, event }) => [at, event.type])).toEqual([
      [1, "warned"],
      [3, "stopped"],
    ]);
  });
});
