/** Two runs side by side: only what differs, curves as data, no figure that no event carries. */
import { expect, it } from "vitest";
import { againPlan } from "../../electron/core/again.ts";
import { parseCall } from "../../electron/core/api.ts";
import { compareRuns } from "../../electron/core/compare.ts";
import { MAX_BUCKETS } from "../../electron/core/curve.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { EMPTY_HOME } from "../../electron/core/home.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { removalWarnings } from "../../electron/core/removal.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { planOf } from "./plans.ts";
import { entry, sample } from "./samples.ts";

const fold = (bodies: readonly EventBody[]) =>
  reduceAll(
    EMPTY_RUN,
    bodies.map((body, index) => entry(body, { at: index, n: index + 1 })),
  );
const step = (number: number, loss: number | "NaN" = 10 / number) => sample("step", { step: number, loss });

const plan = planOf();
const asked = parseCall("run-again", { run: plan.id, lever: "higher-rank", settings: { seed: 1 } });
const second = againPlan(plan, asked, { now: plan.createdAt + 1, random: () => 0.5, judged: null });
const judged = sample("judged");

it("settings that differ, and nothing that only names the run", () => {
  const { settings, a, b } = compareRuns({ plan, state: fold([]) }, { plan: second, state: fold([]) });
  expect(settings).toEqual([
    { key: "training.lora_r", a: 16, b: 32 },
    { key: "training.lora_alpha", a: 32, b: 64 },
    { key: "training.seed", a: 3407, b: 1 },
  ]);
  expect([a.from, b.from?.run, b.from?.lever]).toEqual([null, plan.id, "higher-rank"]);
  expect([a.curve, a.heldOutBefore, a.peakBytes, a.decision]).toEqual([[], null, null, null]);
});

it("curves stay bounded, keep their spikes, and know no NaN", () => {
  const state = fold([...Array.from({ length: 5000 }, (_, index) => step(index + 1)), step(5001, "NaN")]);
  const { a } = compareRuns({ plan, state }, { plan: second, state: fold([]) });
  expect(a.curve.length).toBeLessThanOrEqual(MAX_BUCKETS);
  expect(a.curve[0]?.high).toBe(10);
  expect(JSON.stringify(a)).not.toContain("NaN");
  expect([a.steps, a.curve.at(-1)?.step]).toEqual([5001, 5001]);
});

it("a criterion that only one gate looked at stands on its side alone", () => {
  const other = sample("judged", { decision: "go", lines: [{ criterion: "memory", value: 1, limit: 2, passed: true, count: 0, evidence: [] }] });
  const { lines, a, b } = compareRuns({ plan, state: fold([judged]) }, { plan: second, state: fold([other]) });
  expect([a.decision, b.decision]).toEqual(["no-go", "go"]);
  expect(lines).toEqual([
    { criterion: "last-loss", a: judged.lines[0], b: null },
    { criterion: "memory", a: null, b: other.lines[0] },
  ]);
});

it("before a run is deleted, its models in Ollama and its children are named", () => {
  const version = { name: "jessy", run: plan.id, candidate: "c", previous: null, digest: "d", at: 1, bytes: null, verdict: null };
  const child = { id: second.id, name: "jessy", campaign: "jessy", kind: "full" as const, addedAt: 1, outcome: null, closedAt: null, from: plan.id };
  const home = { ...EMPTY_HOME, versions: [version, { ...version, name: "evening" }], runs: [child] };
  expect(removalWarnings(plan.id, home, new Set(["evening"]))).toEqual([
    { kind: "deployed", name: "jessy", answers: false },
    { kind: "deployed", name: "evening", answers: true },
    { kind: "child", run: second.id },
  ]);
  // Ollama away: the newest under its name is taken for the one that answers.
  expect(removalWarnings(plan.id, { ...home, runs: [] }, null).map((one) => one.kind === "deployed" && one.answers)).toEqual([true, true]);
  expect(removalWarnings("another", home, null)).toEqual([]);
});
