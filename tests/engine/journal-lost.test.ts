/** Faults row 15: a journal deleted, cut short or replaced under a living engine is damage that is said; no crash, no second trainer. */
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunState } from "../../electron/core/state.ts";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const journalOf = (run: string) => night.runPath(run, "events.jsonl");
const LONG = { steps: 30, seconds: 0.15, save: 10 };

/** What the engine itself holds, damages it has seen included. */
function watch(run: string): { state: RunState | null } {
  const seen: { state: RunState | null } = { state: null };
  const api = night.engine?.api;
  api?.subscribe(`run:${run}`, (update) => {
    // The first damage of a loss always comes as a snapshot; what follows it is not needed here.
    if ("snapshot" in update) seen.state = update.snapshot;
  });
  return seen;
}

describe("row 15: under a living trainer", () => {
  it.each<[string, (path: string) => void]>([
    ["deleted", (path) => rmSync(path)],
    ["cut to nothing", (path) => truncateSync(path, 0)],
    ["cut to half", (path) => truncateSync(path, readFileSync(path).length >> 1)],
    [
      "replaced by noise",
      (path) => {
        writeFileSync(`${path}.noise`, "\0\0noise\n".repeat(1000));
        renameSync(`${path}.noise`, path);
      },
    ],
    [
      "replaced by an older copy",
      (path) => {
        const lines = readFileSync(path, "utf8").split("\n");
        writeFileSync(`${path}.old`, `${lines.slice(0, 4).join("\n")}\n`);
        renameSync(`${path}.old`, path);
      },
    ],
  ])("%s: the trainer is followed on, nothing is started beside it, and the run ends", async (_name, harm) => {
    const run = await night.begin(LONG);
    const { process } = await night.untilTraining(run, 3);
    const seen = watch(run);
    harm(journalOf(run));
    await night.until("the engine saw it", () => (seen.state?.damages ?? 0) > 0);
    const found = await night.untilState(run, "followed on", (state) => state.process?.verb === "train" && (state.step?.step ?? 0) > 3);
    expect(found.process).toEqual(process);
    expect(night.verbs()).toHaveLength(1);
    const state = await night.untilEnded(run);
    expect(state).toMatchObject({ id: run, ended: { outcome: "finished" }, trained: { steps: 30 } });
  });
});

describe("row 15: of a run at rest", () => {
  it("a paused run does not start by itself: it needs its person, and goes on from its checkpoint when told", async () => {
    const run = await night.begin(LONG);
    await night.untilTraining(run, 3);
    await night.call("run-pause", { run });
    const paused = await night.untilState(run, "paused", (state) => state.process === null && state.asked.pause);
    rmSync(journalOf(run));
    const lost = await night.untilState(run, "said", (state) => state.phases.fetch.status === "failed");
    expect(lost.phases.fetch.fault).toMatchObject({
      kind: "run.log-lost",
      message: expect.stringContaining("night was lost"),
      next: expect.stringContaining(run),
    });
    await sleep(500);
    expect([night.verbs(), night.startsOf(run, "train")]).toEqual([[], 1]);
    await night.call("run-resume", { run });
    await night.untilEnded(run);
    expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: paused.step?.step });
  });

  it("a run that has ended does not come to life", async () => {
    const run = await night.begin();
    await night.untilEnded(run);
    await night.until("closed", () => night.homeState().runs[0]?.outcome === "finished");
    const seen = watch(run);
    const starts = night.starts(run);
    rmSync(journalOf(run));
    await night.until("the engine saw it", () => (seen.state?.damages ?? 0) > 0);
    await sleep(1_000);
    expect(night.starts(run)).toEqual(starts);
    expect(existsSync(journalOf(run))).toBe(false);
    expect(night.engine?.isIdle()).toBe(true);
  });
});

describe("row 15: of the home", () => {
  it.each<[string, (path: string) => void]>([
    ["deleted", (path) => rmSync(path)],
    ["cut to nothing", (path) => truncateSync(path, 0)],
  ])("%s: its runs are listed again from their folders, and the living one goes on", async (_name, harm) => {
    const done = await night.begin({}, { name: "done" });
    await night.untilEnded(done);
    const run = await night.begin({ steps: 20, seconds: 0.1 });
    await night.untilTraining(run, 2);
    harm(join(night.home, "events.jsonl"));
    await night.until("listed again", () => night.homeState().runs.length === 2);
    await night.untilEnded(run);
    await night.until("closed", () => night.homeState().runs.every((entry) => entry.outcome === "finished"));
    expect(night.homeState().runs.map(({ id }) => id)).toEqual([done, run]);
    expect([night.startsOf(run, "train"), night.startsOf(done, "train")]).toEqual([1, 1]);
  });

  it("lost while no engine was there: the next one lists its runs again", async () => {
    const run = await night.begin();
    await night.untilEnded(run);
    await night.stop();
    copyFileSync(join(night.home, "events.jsonl"), join(night.path, "kept"));
    rmSync(join(night.home, "events.jsonl"));
    night.startLean();
    await night.until("listed and closed", () => night.homeState().runs[0]?.outcome === "finished");
    expect(night.homeState().runs).toMatchObject([{ id: run, name: "night" }]);
    expect(night.startsOf(run, "train")).toBe(1);
  });
});
