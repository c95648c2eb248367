/** The home's own journal: which runs there are, oldest first, and what is deployed. */
import { expect, it } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { EMPTY_HOME, type HomeState, reduceHome, VERSIONS_KEPT } from "../../electron/core/home.ts";
import { ALL_SAMPLES, entry, sample } from "./samples.ts";
import { rounds } from "./seeded.ts";

const fold = (bodies: readonly EventBody[], from: HomeState = EMPTY_HOME) =>
  bodies.reduce((state, body, index) => reduceHome(state, entry(body, { at: index })), from);
const added = (run: string) => sample("run-added", { run });

it("lists runs oldest first, with how they ended", () => {
  const state = fold([added("a"), added("b"), sample("run-closed", { run: "a", outcome: "stopped" })]);
  expect(state.runs.map(({ id, outcome, addedAt }) => [id, outcome, addedAt])).toEqual([
    ["a", "stopped", 0],
    ["b", null, 1],
  ]);
});

it("a reopened run is open again", () => {
  expect(fold([added("a"), sample("run-closed", { run: "a" }), sample("run-reopened", { run: "a" })]).runs[0]?.outcome).toBeNull();
});

it("a run listed twice (a kill between its making and its listing) stands there once", () => {
  expect(fold([added("a"), added("b"), added("a")]).runs.map((run) => run.id)).toEqual(["a", "b"]);
});

it("what is said of a run nobody knows changes nothing", () => {
  expect(fold([added("a"), sample("run-closed", { run: "x" }), sample("run-reopened", { run: "x" })])).toEqual(fold([added("a")]));
});

it("keeps the newest versions only", () => {
  const versions = Array.from({ length: VERSIONS_KEPT + 5 }, (_, index) => sample("version-deployed", { digest: String(index) }));
  const state = fold(versions);
  expect(state.versions).toHaveLength(VERSIONS_KEPT);
  const { run } = sample("run-added");
  const unknown = { bytes: null, verdict: null };
  expect(state.versions.at(-1)).toEqual({ name: "a", run, candidate: "a:cand-0001", previous: null, digest: "104", at: 104, ...unknown });
  expect(state.versions[0]?.digest).toBe("5");
});

it("a campaign made again is the newer one", () => {
  expect(fold([sample("campaign-created"), sample("campaign-created", { data: "new.jsonl" })]).campaigns).toEqual([
    { id: "a", name: "a", data: "new.jsonl", model: "m" },
  ]);
});

it("counts damages and is not changed by a run's events", () => {
  const damaged = reduceHome(fold([added("a")]), { damage: { kind: "broken-line", offset: 0, detail: "" } });
  expect(damaged).toEqual({ ...fold([added("a")]), damages: 1 });
  const foreign = ALL_SAMPLES.filter((body) => !/^(campaign|run-(added|closed|reopened)|version|schedule|night|notice|notified|battery)/.test(body.type));
  expect(foreign.length).toBeGreaterThan(20);
  expect(fold(foreign, damaged)).toEqual(damaged);
});

it("a fold in two halves, the first carried as JSON, is the whole fold", () => {
  rounds(30, (random) => {
    const bodies = Array.from({ length: 40 }, () => random.pick(ALL_SAMPLES));
    const half = random.below(bodies.length);
    const first = bodies.slice(0, half).reduce((state, body) => reduceHome(state, entry(body)), EMPTY_HOME);
    const carried = JSON.parse(JSON.stringify(first)) as HomeState;
    const whole = bodies.reduce((state, body) => reduceHome(state, entry(body)), EMPTY_HOME);
    expect(bodies.slice(half).reduce((state, body) => reduceHome(state, entry(body)), carried)).toEqual(whole);
  });
});

it("an undo that was begun stands until it is done, one for each name", () => {
  const begun = fold([sample("version-undo-begun"), sample("version-undo-begun", { name: "b" }), sample("version-undo-begun", { keep: "sha256:3" })]);
  expect(begun.undos).toEqual([
    { name: "b", serve: "sha256:1", keep: "sha256:2" },
    { name: "a", serve: "sha256:1", keep: "sha256:3" },
  ]);
  expect(fold([sample("version-undone")], begun).undos.map(({ name }) => name)).toEqual(["b"]);
});
