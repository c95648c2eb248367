/** A campaign's gate: what follows is known before it is made, begins on a GO or a person's word, and never twice. */
import { describe, expect, it } from "vitest";
import { againPlan } from "../../electron/core/again.ts";
import { type Input, parseCall } from "../../electron/core/api.ts";
import { campaignNames, campaignPlan, nextId, nextPlan } from "../../electron/core/campaign.ts";
import { beginsNext, isHeldAtGate } from "../../electron/core/campaign-gate.ts";
import { campaignOf, holdsOf, leversOf, nextPhase } from "../../electron/core/campaign-view.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { FaultError } from "../../electron/core/faults.ts";
import { gentler } from "../../electron/core/gentler.ts";
import { EMPTY_HOME, type HomeState, type RunEntry, type Version } from "../../electron/core/home.ts";
import { isRunId } from "../../electron/core/names.ts";
import { nextAction } from "../../electron/core/next.ts";
import { draftsOfRun } from "../../electron/core/notices/drafts.ts";
import { FULL, QUICK, type RunPlan, runPlanSchema } from "../../electron/core/plan.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { nextStep } from "../../electron/core/report/next-step.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { judge } from "../../electron/core/verdict/gate.ts";
import type { Decision } from "../../electron/core/verdict/judgement.ts";
import { LIMITS } from "../../electron/core/verdict/limits.ts";
import { entry, sample } from "./samples.ts";

const NOW = Date.UTC(2026, 10, 23, 20, 0, 0);
const NAMES = { test: "jessy-test-v1", full: "jessy-maximum-v1" };

function plan(change: Partial<Input<"campaign-start">> = {}, window: { from: string; to: string } | null = null): RunPlan {
  const asked = parseCall("campaign-start", { name: "jessy", data: "d.jsonl", model: "m", ...change });
  const clock = { now: () => NOW, random: () => 0.25 };
  return campaignPlan(asked, { clock, machine: { metal: true }, localModel: false, prompts: [], names: NAMES, window });
}

const created = (of: RunPlan): EventBody => ({
  ...sample("run-created"),
  run: of.id,
  name: of.name,
  kind: of.kind,
  ...(of.from ? { from: of.from } : {}),
  ...(of.next ? { next: { name: of.next.name, window: of.next.window } } : {}),
});
const judged = (decision: Decision): EventBody => sample("judged", { decision, levers: decision === "go" ? [] : ["more-data", "more-epochs"] });
const go: EventBody = { type: "asked", command: "go" };
const fold = (...bodies: readonly EventBody[]): RunState =>
  reduceAll(
    EMPTY_RUN,
    bodies.map((body, index) => entry(body, { at: NOW + index, n: index + 1 })),
  );
const done: readonly EventBody[] = (["fetch", "prepare", "before", "train", "after"] as const).map((phase) => ({ type: "phase-finished", phase, seconds: 1 }));

describe("the plan", () => {
  it("is that of the user's table: a sample of 1,000 with its own gate, then all rows with the night's", () => {
    const test = plan();
    expect(runPlanSchema.parse(JSON.parse(JSON.stringify(test)))).toEqual(test);
    expect([test.name, test.kind, test.campaign, test.data.rows, test.deploy.as]).toEqual(["jessy-test-v1", "quick", "jessy-v1", 1000, "jessy-test-v1"]);
    expect([test.training, test.limits]).toEqual([QUICK, LIMITS.quick]);
    expect(test.next).toMatchObject({ name: "jessy-maximum-v1", kind: "full", rows: null, training: FULL, window: null });
    expect(test.next?.limits).toEqual({ ...LIMITS.full, hoursBelow: 8 });
    expect(test.next?.deploy.as).toBe("jessy-maximum-v1");
  });

  it("values and limits go to both phases, or to the one that is named; the window says how long a night is", () => {
    const change = {
      settings: { learning_rate: "1e-4", seed: 7 },
      testSettings: { max_steps: 40 },
      fullSettings: { learning_rate: 2e-5 },
      limits: { memoryBelowBytes: null },
      testLimits: { lastLossBelow: "1.2" },
      fullLimits: { hoursBelow: 7 },
      deployAs: "jessy-maximum",
      rows: 200,
    };
    const { training, limits, data, next } = plan(change, { from: "22:30", to: "06:00" });
    expect([training.learning_rate, training.seed, training.max_steps, data.rows]).toEqual([1e-4, 7, 40, 200]);
    expect([next?.training.learning_rate, next?.training.seed, next?.training.max_steps]).toEqual([2e-5, 7, -1]);
    expect([limits?.memoryBelowBytes, limits?.lastLossBelow, next?.limits.memoryBelowBytes, next?.limits.lastLossBelow]).toEqual([null, 1.2, null, 0.8]);
    expect([next?.limits.hoursBelow, next?.deploy.as, next?.window]).toEqual([7, "jessy-maximum", { from: "22:30", to: "06:00" }]);
    expect(plan({}, { from: "22:30", to: "06:00" }).next?.limits.hoursBelow).toBe(7.5);
  });

  it("is refused before anything is made, in either of its phases", () => {
    for (const change of [{ name: "../x" }, { fullSettings: { nothing: 1 } }, { testLimits: { lastLossBelow: "low" } }, { deployAs: "a/b" }])
      expect(() => plan(change), JSON.stringify(change)).toThrow(FaultError);
    expect(() => campaignNames("x".repeat(60), new Set())).toThrow(FaultError);
  });

  it("names count on from what the home has", () => {
    expect(campaignNames("jessy", new Set())).toEqual(NAMES);
    expect(campaignNames("jessy", new Set(["jessy-test-v1", "jessy-maximum-v2"]))).toEqual({ test: "jessy-test-v3", full: "jessy-maximum-v3" });
  });
});

describe("what follows", () => {
  it("has one id whenever it is asked for, is a whole plan, and has nothing behind it", () => {
    const test = plan();
    const [one, two] = [nextPlan(test, "go", NOW + 1), nextPlan(test, "no-go", NOW + 9)];
    expect(one?.id).toBe(nextId(test));
    expect([two?.id, isRunId(one?.id ?? "")]).toEqual([one?.id, true]);
    expect(runPlanSchema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
    expect(one).toMatchObject({ name: "jessy-maximum-v1", kind: "full", campaign: "jessy-v1", next: null, data: { rows: null, train: "d.jsonl" } });
    expect([one?.from, two?.from?.verdict]).toEqual([{ run: test.id, why: "gate", lever: null, verdict: "go" }, "no-go"]);
    expect(one && nextPlan(one, "go", NOW)).toBeNull();
  });

  it("takes over what a next try of the test changes, and what a divergence made gentler", () => {
    const test = plan();
    const asked = parseCall("run-again", { run: test.id, lever: "higher-rank", settings: { seed: 1 } });
    const again = againPlan(test, asked, { now: NOW + 1, random: () => 0.5, judged: null });
    expect([again.training.lora_r, again.next?.training.lora_r, again.next?.training.num_train_epochs, again.next?.training.seed]).toEqual([32, 32, 3, 1]);
    expect(nextId(again)).not.toBe(nextId(test));
    const child = gentler(test, { now: NOW + 1, random: () => 0.5, steps: 63 });
    expect([child.training.learning_rate, child.next?.training.learning_rate, child.next?.training.warmup_steps]).toEqual([2e-5, 2e-5, 100]);
  });
});

describe("the gate", () => {
  const test = plan();
  const full = nextPlan(test, "go", NOW) as RunPlan;
  const advanced: EventBody = { type: "campaign-advanced", run: full.id, verdict: "go" };

  it.each<[string, readonly EventBody[], Decision | null, boolean]>([
    ["nothing said yet", [], null, false],
    ["GO", [judged("go")], "go", false],
    ["NO-GO", [judged("no-go")], null, true],
    ["your call", [judged("your-call")], null, true],
    ["NO-GO, and a person's word", [judged("no-go"), go], "no-go", false],
    ["a word before anything was judged", [go], null, false],
    ["a word, and judged anew", [judged("no-go"), go, sample("answers-finished", { stage: "after" }), judged("no-go")], null, true],
    ["GO, and gone on", [judged("go"), advanced], null, false],
    ["gone on, judged anew", [judged("go"), advanced, sample("answers-finished", { stage: "after" }), judged("no-go")], null, false],
  ])("%s", (_name, bodies, begins, held) => {
    const state = fold(created(test), ...bodies);
    expect([beginsNext(state), isHeldAtGate(state)]).toEqual([begins, held]);
  });

  it("a run without a next phase has no such gate, whatever is said", () => {
    const state = fold(created(full), judged("go"), go);
    expect([beginsNext(state), isHeldAtGate(state)]).toEqual([null, false]);
  });

  it("comes before merge and export, not before a stop or a pause, and lets what is left go on", () => {
    const at = (...bodies: readonly EventBody[]) => nextAction(fold(created(test), ...done, ...bodies), NOW, 3).do;
    expect(at()).toBe("judge");
    expect(at(judged("go"))).toBe("begin-next");
    expect(at(judged("go"), advanced)).toBe("spawn");
    expect(at(judged("no-go"))).toBe("spawn");
    expect(at(judged("go"), { type: "asked", command: "stop" })).toBe("end");
    expect(at(judged("go"), { type: "asked", command: "pause" })).toBe("wait");
    const ended: EventBody = { type: "run-ended", outcome: "finished", seconds: 1 };
    const over = (["merge", "export", "deploy"] as const).map((phase): EventBody => ({ type: "phase-skipped", phase, why: "" }));
    expect(at(judged("no-go"), ...over, ended)).toBe("wait");
    expect(at(judged("no-go"), ...over, ended, go)).toBe("begin-next");
    expect(at(judged("no-go"), ...over, ended, go, advanced)).toBe("end");
  });

  it("holding, it calls its person with what to try; open, it says what follows", () => {
    const ended: EventBody = { type: "run-ended", outcome: "finished", seconds: 1 };
    const told = (...bodies: readonly EventBody[]) =>
      draftsOfRun(fold(created(test), ...bodies)).map(({ key, level, values }) => [key, level, values["levers"] ?? values["follows"]]);
    expect(told(judged("no-go"), ended)).toEqual([["gate-no-go", "urgent", "more-data,more-epochs"]]);
    expect(told(judged("your-call"), ended)).toEqual([["gate-your-call", "urgent", "more-data,more-epochs"]]);
    expect(told(judged("go"), advanced, ended)).toEqual([["gate-go", "normal", "jessy-maximum-v1"]]);
    expect(told(judged("no-go"), go, { ...advanced, verdict: "no-go" } as EventBody, ended).map(([key]) => key)).toEqual(["gate-go"]);
  });

  it("the report's next step is the same", () => {
    const ended: EventBody = { type: "run-ended", outcome: "finished", seconds: 1 };
    expect(nextStep(fold(created(test), judged("no-go"), ended))).toMatchObject({ name: "held", command: `thortime again ${test.id}` });
    expect(nextStep(fold(created(test), judged("go"), advanced, ended))).toMatchObject({ name: "follows", command: `thortime status ${full.id} --follow` });
  });
});

describe("the three phases on a screen", () => {
  const test = plan();
  const full = nextPlan(test, "no-go", NOW) as RunPlan;
  const listed = (of: RunPlan, outcome: RunEntry["outcome"]): RunEntry => ({
    id: of.id,
    name: of.name,
    campaign: of.campaign,
    kind: of.kind,
    addedAt: 1,
    outcome,
    closedAt: null,
  });
  const version: Version = { name: "jessy-maximum-v1", run: full.id, candidate: "c", previous: null, digest: "d", at: 1, bytes: null, verdict: "go" };
  const home = (runs: readonly RunEntry[], versions: readonly Version[] = []): HomeState => ({ ...EMPTY_HOME, runs, versions });
  const ended: EventBody = { type: "run-ended", outcome: "finished", seconds: 1 };
  const words = (state: RunState, of: HomeState) =>
    campaignOf(state, of)?.map((phase) => [phase.state, phase.gate?.decision ?? null, phase.gate?.against ?? false]);
  const at = (state: RunState, of: HomeState) => nextPhase(campaignOf(state, of) ?? [])?.name ?? null;

  it("from the test", () => {
    const at = (of: HomeState, ...bodies: readonly EventBody[]) => words(fold(created(test), ...bodies), of);
    const running = { type: "phase-started", phase: "train" } as const;
    const went = { type: "campaign-advanced", run: full.id, verdict: "no-go" } as const;
    expect(at(home([]), running)).toEqual([
      ["under-way", null, false],
      ["waiting", null, false],
      ["waiting", null, false],
    ]);
    expect(at(home([]), running, judged("no-go"), ended)).toEqual([
      ["done", "no-go", false],
      ["held", null, false],
      ["waiting", null, false],
    ]);
    const runs = [listed(test, "finished"), listed(full, null)];
    expect(at(home(runs), judged("no-go"), go, went, ended)).toEqual([
      ["done", "no-go", true],
      ["under-way", null, false],
      ["waiting", null, false],
    ]);
    const over = home([listed(test, "finished"), listed(full, "finished")], [version]);
    expect(at(over, judged("no-go"), go, went, ended)).toEqual([
      ["done", "no-go", true],
      ["done", "go", false],
      ["done", null, false],
    ]);
  });

  it("from the night", () => {
    const at = (...bodies: readonly EventBody[]) => words(fold(created(full), ...bodies), home([listed(test, "finished"), listed(full, null)]));
    expect(at({ type: "phase-started", phase: "train" })).toEqual([
      ["done", "no-go", true],
      ["under-way", null, false],
      ["waiting", null, false],
    ]);
    const held = { type: "phase-skipped", phase: "deploy", why: "", verdict: "no-go" } as const;
    expect(at(judged("no-go"), held, ended)).toEqual([
      ["done", "no-go", true],
      ["done", "no-go", false],
      ["held", null, false],
    ]);
    const deployed = sample("deployed", { verdict: "no-go" });
    expect(at(judged("no-go"), deployed, ended)).toEqual([
      ["done", "no-go", true],
      ["done", "no-go", true],
      ["done", null, false],
    ]);
  });

  it("is at its first phase that is not over", () => {
    const [both, over] = [home([listed(test, null)]), home([listed(test, "finished"), listed(full, "finished")], [version])];
    const went = { type: "campaign-advanced", run: full.id, verdict: "go" } as const;
    expect(at(fold(created(test)), both)).toBe("test");
    expect(at(fold(created(test), judged("no-go"), ended), both)).toBe("full");
    expect(at(fold(created(full), judged("go")), over)).toBe("full");
    expect(at(fold(created(full), judged("go"), ended), over)).toBe("deploy");
    expect(at(fold(created(test), judged("go"), went, ended), over)).toBeNull();
  });

  it("what only the night's own journal says is not guessed, and a deleted night is said to be gone", () => {
    const went = { type: "campaign-advanced", run: full.id, verdict: "go" } as const;
    const state = fold(created(test), judged("go"), went, ended);
    const [, night, deploy] = campaignOf(state, home([listed(test, "finished"), listed(full, "finished")])) ?? [];
    expect([night?.gate, deploy?.state]).toEqual([{ reached: true, decision: null, against: false }, "unseen"]);
    const gone = campaignOf(state, home([listed(test, "finished")]));
    expect(gone?.map((phase) => [phase.state, phase.run])).toEqual([
      ["done", test.id],
      ["gone", null],
      ["waiting", null],
    ]);
    const alone = campaignOf(fold(created(full)), home([listed(full, null)]));
    expect(alone?.[0]).toMatchObject({ state: "gone", run: null, gate: { reached: true, decision: "no-go" } });
    expect(nextPhase(alone ?? [])?.name).toBe("full");
  });

  it("a night that is tried again still belongs to it, and its test is the campaign's newest", () => {
    const again = againPlan(full, parseCall("run-again", { run: full.id }), { now: NOW + 5, random: () => 0.5, judged: null });
    const state = fold({ ...created(full), run: again.id, campaign: full.campaign, from: again.from } as EventBody);
    const phases = campaignOf(state, home([listed(test, "finished"), listed(full, "finished"), listed(again, null)]));
    expect(phases?.map((phase) => [phase.run, phase.gate?.reached ?? null, phase.gate?.decision ?? null])).toEqual([
      [test.id, true, null],
      [again.id, false, null],
      [again.id, null, null],
    ]);
  });

  it("what a person may do where a gate holds: nothing once the test was stopped, or the model is in Ollama", () => {
    const held = { type: "phase-skipped", phase: "deploy", why: "", verdict: "no-go" } as const;
    const stopped: EventBody = { type: "run-ended", outcome: "stopped", seconds: 1 };
    expect(holdsOf(fold(created(test), judged("no-go"), held, ended))).toBe("test");
    expect(holdsOf(fold(created(test), judged("no-go"), stopped))).toBeNull();
    expect(holdsOf(fold(created(test), judged("no-go"), go))).toBeNull();
    expect(holdsOf(fold(created(full), judged("no-go"), held, ended))).toBe("full");
    expect(holdsOf(fold(created(full), judged("no-go"), held, sample("deployed", { verdict: "no-go" }), ended))).toBeNull();
    expect(holdsOf(fold(created(full), judged("go")))).toBeNull();
  });

  it("a button pulls levers that go by themselves: a sample grows, all rows do not", () => {
    expect(leversOf(fold(created(test), judged("no-go")))).toEqual(["more-data", "more-epochs"]);
    expect(leversOf(fold(created(full), judged("no-go")))).toEqual(["more-epochs"]);
    expect(leversOf(fold(created(test), judged("go")))).toEqual([]);
  });

  it("a run of no campaign has none", () => expect(campaignOf(fold(sample("run-created")), EMPTY_HOME)).toBeNull());
});

describe("in its window", () => {
  const asked = plan();
  const limits = { ...LIMITS.full, hoursBelow: 8 };
  const line = (...bodies: readonly EventBody[]) => judge(fold(...bodies), { ...asked, limits }).lines.find(({ criterion }) => criterion === "in-window");

  it.each<[number, boolean]>([
    [6.5, true],
    [8, false],
    [20, false],
  ])("%f hours: %s", (hours, passed) => {
    const bodies: readonly EventBody[] = [
      { type: "phase-started", phase: "train" },
      { type: "phase-finished", phase: "train", seconds: hours * 3600 },
    ];
    expect(line(...bodies)).toMatchObject({ value: hours, limit: 8, passed });
  });

  it("how long an unfinished training took is unknown, and a run without a window is not asked", () => {
    expect(line({ type: "phase-started", phase: "train" })).toMatchObject({ value: null, passed: null });
    expect(judge(fold(), { ...asked, limits: LIMITS.full }).lines.map(({ criterion }) => criterion)).not.toContain("in-window");
  });
});
