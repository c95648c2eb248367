/** Nothing that cannot be made again is ever offered to be cleared away. */
import { expect, test } from "vitest";
import { EMPTY_HOME, type HomeState } from "../../electron/core/home.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { roomOf } from "../../electron/core/storage.ts";
import { entry, sample } from "./samples.ts";

const DAY_MS = 86_400_000;
const now = 30 * DAY_MS;
const run = { id: "a-20261123-220000-0001", name: "a", campaign: "a", kind: "full", addedAt: 0, outcome: "finished", closedAt: 10 * DAY_MS } as const;
const parts = [
  { name: "export", files: 2, bytes: 2_000 },
  { name: "checkpoints", files: 5, bytes: 300 },
  { name: "events.jsonl", files: 1, bytes: 7 },
];
const version = { name: "a", run: run.id, candidate: "a:cand", previous: null, digest: "sha256:1", at: 1, bytes: 2_000, verdict: "go" } as const;
const look = (change: Partial<HomeState["runs"][number]> = {}, some = parts, home = EMPTY_HOME, days = 7) => {
  const { clearableBytes, stays, bytes } = roomOf({ ...run, ...change }, some, home, { now, days });
  return { clearableBytes, stays, bytes };
};

test("the merged model of a run that ended long ago can go, and nothing else of it", () => {
  expect(look()).toEqual({ clearableBytes: 2_000, stays: null, bytes: 2_307 });
});

test.each([
  ["one under way", look({ outcome: null, closedAt: null }), "open"],
  ["one that was deployed", look({}, parts, { ...EMPTY_HOME, versions: [version] }), "deployed"],
  ["one of this week", look({ closedAt: now - 6 * DAY_MS }), "new"],
  ["one of a month that was asked for", look({}, parts, EMPTY_HOME, 28), "new"],
  ["one without a checkpoint", look({}, parts.slice(0, 1)), "no-checkpoint"],
  ["one with nothing to clear", look({}, parts.slice(1)), "nothing"],
])("%s stays whole", (_name, { clearableBytes, stays: why }, stays) => {
  expect([clearableBytes, why]).toEqual([0, stays]);
});

test("cleared, merge and export count as left out and are done again when a deployment is asked for", () => {
  const done = ["merge", "export"].map((phase) => entry(sample("phase-finished", { phase: phase as "merge" })));
  const before = reduceAll(EMPTY_RUN, [entry(sample("run-created")), ...done, entry(sample("merged")), entry(sample("gguf-written"))]);
  expect([before.phases.merge.status, before.gguf === null]).toEqual(["done", false]);
  const after = reduceAll(before, [entry(sample("cleared"))]);
  expect([after.phases.merge.status, after.phases.export.status, after.merged, after.gguf]).toEqual(["skipped", "skipped", null, null]);
  const again = reduceAll(after, [entry(sample("asked", { command: "deploy" }))]);
  expect([again.phases.merge.status, again.phases.export.status, again.phases.deploy.status]).toEqual(["waiting", "waiting", "waiting"]);
});
