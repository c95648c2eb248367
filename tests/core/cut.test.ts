/** "Fit to 06:00", made: a cut is less of what the plan has, changes nothing twice, and is refused once training has begun, with what can be done instead. */
import { describe, expect, test } from "vitest";
import { parseCall } from "../../electron/core/api.ts";
import { cutOf, cutPlan, evaluationsOf, whyNotCut } from "../../electron/core/evening/cut.ts";
import type { EventBody, EventOf } from "../../electron/core/events.ts";
import { plannedSteps } from "../../electron/core/plan.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { planOf } from "./plans.ts";
import { eventOf, SAMPLES, sample } from "./samples.ts";

const ROWS = { rows: 3200, heldOutRows: 361, stepsPerEpoch: 200, steps: 600, epochs: 3 };
const PREPARED = { ...SAMPLES.prepared, ...ROWS };
const prepared = eventOf(PREPARED) as EventOf<"prepared">;

function foldOf(...bodies: readonly EventBody[]): RunState {
  return bodies.reduce((state, body) => reduce(state, { event: eventOf(body) }), EMPTY_RUN);
}

const READY: readonly EventBody[] = [
  SAMPLES["run-created"],
  sample("phase-started", { phase: "prepare" }),
  PREPARED,
  sample("phase-finished", { phase: "prepare" }),
];

describe("what a cut makes of the plan", () => {
  test("epochs, rows and evaluations, the evaluations at equal distances over what is left", () => {
    const cut = cutOf(
      [
        { cut: "evaluations", to: 3 },
        { cut: "epochs", to: 2 },
        { cut: "rows", to: 1600 },
      ],
      planOf(),
      prepared,
    );
    expect(cut).toEqual({ epochs: 2, rows: 1600, evalSteps: 100 });
    const plan = cutPlan(planOf(), cut);
    expect([plan.training.num_train_epochs, plan.training.eval_steps, plan.data.rows]).toEqual([2, 100, 1600]);
    const steps = plannedSteps(plan.training, 1600);
    expect([steps, evaluationsOf(plan, { ...prepared, steps })]).toEqual([200, 3]);
    expect(cutPlan(plan, cut)).toEqual(plan);
  });

  test("a plan that counts steps counts epochs from then on, else fewer rows would only be met more often", () => {
    const plan = planOf({ max_steps: 600 });
    const cut = cutOf([{ cut: "rows", to: 1600 }], plan, prepared);
    expect(plannedSteps(cutPlan(plan, cut).training, 1600)).toBe(300);
    const { training } = cutPlan(plan, cutOf([{ cut: "epochs", to: 1 }], plan, prepared));
    expect([training.max_steps, training.num_train_epochs]).toEqual([-1, 1]);
  });

  test.each([
    ["epochs", 3],
    ["epochs", 4],
    ["rows", 3200],
    ["evaluations", 1],
    ["evaluations", 7],
  ] as const)("%s to %i is no cut", (cut, to) => {
    expect(() => cutOf([{ cut, to }], planOf(), prepared)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ kind: "usage.cut" }) }));
  });

  test.each([
    [[]],
    [
      [
        { cut: "rows", to: 5 },
        { cut: "rows", to: 4 },
      ],
    ],
    [[{ cut: "rows", to: 0 }]],
    [[{ cut: "layers", to: 2 }]],
  ])("the door refuses %j", (cuts) => {
    expect(() => parseCall("run-cut", { run: "r", cuts } as never)).toThrow();
  });
});

describe("when", () => {
  test("once the rows are prepared, and until training begins", () => {
    expect(whyNotCut(foldOf(...READY))).toBeNull();
    expect(whyNotCut(foldOf(...READY, sample("asked", { command: "pause" })))).toBeNull();
  });

  test.each<[string, string, readonly EventBody[]]>([
    ["before they are", "run.unprepared", [SAMPLES["run-created"]]],
    ["while something works", "run.busy", [...READY, sample("spawned", { verb: "answer" })]],
    ["in training", "run.begun", [...READY, sample("phase-started", { phase: "train" })]],
    ["paused in training", "run.begun", [...READY, sample("phase-started", { phase: "train" }), SAMPLES.step, sample("asked", { command: "pause" })]],
    ["after its end", "run.ended", [...READY, SAMPLES["run-ended"]]],
  ])("not %s: %s, with a next step", (_when, kind, bodies) => {
    const fault = whyNotCut(foldOf(...bodies));
    expect(fault?.kind).toBe(kind);
    expect(fault?.next.length).toBeGreaterThan(10);
  });

  test("other rows or epochs are prepared anew; other evaluations are not", () => {
    const answered: readonly EventBody[] = [...READY, sample("phase-started", { phase: "before" }), sample("phase-finished", { phase: "before" })];
    const cut = foldOf(...answered, sample("plan-cut", { epochs: 2, rows: null, evalSteps: 50 }));
    expect([cut.phases.prepare.status, cut.prepared, cut.phases.before.status]).toEqual(["waiting", null, "done"]);
    expect(cut.cut).toEqual({ epochs: 2, rows: null, evalSteps: 50 });
    const again = foldOf(...answered, sample("plan-cut", { epochs: null, rows: null, evalSteps: 300 }));
    expect([again.phases.prepare.status, again.prepared?.rows]).toEqual(["done", 3200]);
  });

  test("cuts made one after the other add up", () => {
    const state = foldOf(
      ...READY,
      sample("plan-cut", { epochs: 2, rows: null, evalSteps: 50 }),
      PREPARED,
      sample("plan-cut", { epochs: null, rows: 900, evalSteps: 40 }),
    );
    expect(state.cut).toEqual({ epochs: 2, rows: 900, evalSteps: 40 });
  });
});
