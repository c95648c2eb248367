/** Promise 1, faults rows 3, 10, 24 and 29: each cause of an end has its own answer, and the journal says which it was. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bootId } from "../../electron/adapters/boot.ts";
import { FolderHome } from "../../electron/adapters/home.ts";
import { type Control, controlSchema } from "../../electron/core/control.ts";
import { runPlanSchema } from "../../electron/core/plan.ts";
import type { Journal } from "../../electron/core/ports.ts";
import { needsYou, statusOf } from "../../electron/core/selectors.ts";
import { Night, NightTrainers } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const causes = (run: string, verb = "train") => night.events(run).flatMap((event) => (event.type === "exited" && event.verb === verb ? [event.cause] : []));
const revisions = (run: string) =>
  night.events(run).flatMap((event) => (event.type === "plan-revised" ? [[event.microBatchTokens, event.maxSeqLength] as const] : []));
const control = (run: string): Control => controlSchema.parse(JSON.parse(readFileSync(night.runPath(run, "control.json"), "utf8")));
const ROWS_OF_4 = { settings: { micro_batch_size: 4, max_seq_length: 2048 } };

/** A home on a disk that is full for one kind of file. */
class FullHome extends FolderHome {
  refuses: "control" | "journal" | null = null;

  override writeControl(run: string, control: Control): void {
    if (this.refuses === "control") throw noSpace();
    super.writeControl(run, control);
  }

  override runJournal(run: string): Journal {
    const journal = super.runJournal(run);
    const append = journal.append.bind(journal);
    journal.append = (body, attempt) => {
      if (this.refuses === "journal") throw noSpace();
      append(body, attempt);
    };
    return journal;
  }
}

function noSpace(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

function trainersOf(home: FolderHome): NightTrainers {
  return new NightTrainers(night, { home });
}

describe("causes", () => {
  it("an ordinary night: every process finished", async () => {
    const run = await night.begin();
    await night.untilEnded(run);
    expect(new Set(night.events(run).flatMap((event) => (event.type === "exited" ? [event.cause] : [])))).toEqual(new Set(["finished"]));
  });

  it("a segfault after success, a silent exit, a named failure, a stop", async () => {
    const run = await night.begin({
      misbehave: [
        { verb: "fetch", how: "segfault-after" },
        { verb: "prepare", how: "silent-exit", times: 1 },
        { verb: "train", how: "fails:data.changed", times: 1 },
      ],
    });
    await night.untilState(run, "it needs its person", (state) => state.phases.train.status === "failed");
    expect([causes(run, "fetch"), causes(run, "prepare"), causes(run)]).toEqual([["segfault-after-success"], ["crash", "finished"], ["named-fault"]]);
    const stopped = await night.begin({ steps: 1000, seconds: 0.05 }, { name: "second" });
    await night.untilTraining(stopped, 2);
    await night.call("run-stop", { run: stopped });
    await night.untilEnded(stopped);
    expect(causes(stopped)).toEqual(["asked"]);
  });

  it("the display watchdog: once more, then its person is told", async () => {
    const run = await night.begin({ misbehave: [{ verb: "train", how: "abort", at: 2 }] });
    const state = await night.untilState(run, "it needs its person", ({ phases }) => phases.train.status === "failed");
    expect(causes(run)).toEqual(["display-watchdog", "display-watchdog"]);
    expect(needsYou(state)).toMatchObject({ kind: "run.display-watchdog", next: expect.stringContaining("display sleep") });
  });
});

describe("row 24: the memory ladder", () => {
  it("each kill is answered by less; after the last rung a person is asked, and may go on from there", async () => {
    const run = await night.begin({ steps: 8, save: 1, misbehave: [{ verb: "train", how: "kill-self", at: 3, times: 4 }] }, ROWS_OF_4);
    // Four kills at step 3: the plan's batches, 4,096 tokens, 2,048, and rows of 1,024.
    const state = await night.untilState(run, "it needs its person", ({ phases }) => phases.train.status === "failed");
    expect(causes(run)).toEqual(["memory-kill", "memory-kill", "memory-kill", "memory-kill"]);
    expect(revisions(run)).toEqual([
      [4096, null],
      [2048, null],
      [1024, 1024],
    ]);
    expect(needsYou(state)).toMatchObject({ kind: "run.memory", next: expect.stringContaining("Close other apps") });
    await night.call("run-resume", { run });
    const ended = await night.untilEnded(run);
    expect([ended.ended?.outcome, ended.revision?.microBatchTokens, ended.memoryKills]).toEqual(["finished", 1024, 4]);
  });

  it("a fault that says memory is full is answered alike, and a control.json that was lost does not take the rung away", async () => {
    const run = await night.begin({ steps: 200, seconds: 0.05, save: 1, misbehave: [{ verb: "train", how: "fails:memory.full", at: 2, times: 1 }] }, ROWS_OF_4);
    await night.untilState(run, "it goes on with less", (state) => state.revision !== null && (state.step?.step ?? 0) > 3);
    expect([causes(run), control(run).microBatchTokens]).toEqual([["memory-kill"], 4096]);
    await night.call("run-pause", { run });
    await night.untilState(run, "paused", (state) => state.process === null);
    await night.stop();
    rmSync(night.runPath(run, "control.json"));
    night.startLean();
    await night.call("run-resume", { run });
    await night.untilState(run, "it goes on with as little", (state) => state.process?.verb === "train" && revisions(run).length === 2);
    expect(control(run)).toMatchObject({ microBatchTokens: 4096, maxSeqLength: null });
    await night.call("run-stop", { run });
    await night.untilEnded(run);
  });
});

describe("row 10: a full disk", () => {
  it("waits for room, says how much, and goes on by itself", async () => {
    let free = 0.4e9;
    let looks = 0;
    const freeBytes = () => {
      looks += 1;
      return Promise.resolve(free);
    };
    await night.stop();
    night.startLean({ freeBytes });
    const run = await night.begin({ steps: 8, save: 2, misbehave: [{ verb: "train", how: "fails:disk.full", at: 5, times: 1 }] });
    const state = await night.untilState(run, "it says so", ({ space }) => space?.waiting === true);
    expect([statusOf(state), needsYou(state)?.message]).toEqual(["needs-you", "The disk is full: free 0.6 GB."]);
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // Ten seconds of its clock: it looks each 30.
    expect(looks - before).toBeLessThanOrEqual(1);
    expect(night.verbs()).toEqual([]);
    free = 5e9;
    const ended = await night.untilEnded(run);
    expect(ended.ended?.outcome).toBe("finished");
    expect([night.count(run, "space-needed"), night.count(run, "space-returned"), night.startsOf(run, "train")]).toEqual([1, 1, 2]);
    expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: 4 });
  });

  it("full where even the fault could not be journalled: the log says it; room that was too little is not tried twice", async () => {
    let free = 2e9;
    await night.stop();
    night.startLean({ freeBytes: () => Promise.resolve(free) });
    const run = await night.begin({ misbehave: [{ verb: "prepare", how: "out-of-space", times: 2 }] });
    const state = await night.untilState(run, "it waits", ({ space }) => space?.waiting === true);
    expect([state.space?.neededBytes, night.startsOf(run, "prepare")]).toEqual([3e9, 2]);
    free = 3e9;
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect(night.startsOf(run, "prepare")).toBe(3);
  });

  it("full for the engine itself: an order that cannot be written waits like any other", async () => {
    const home = new FullHome(night.home);
    home.refuses = "control";
    await night.stop();
    night.startLean({ home, trainers: trainersOf(home), freeBytes: () => Promise.resolve(home.refuses ? 0 : 5e9) });
    const run = await night.begin();
    const state = await night.untilState(run, "it waits", ({ space }) => space?.waiting === true);
    expect([statusOf(state), state.pendingFault?.kind, night.starts(run)]).toEqual(["needs-you", "disk.full", []]);
    home.refuses = null;
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
  });

  it("where not even the journal takes a line, an end is journalled once there is room, with its cause", async () => {
    const home = new FullHome(night.home);
    await night.stop();
    night.startLean({ home, trainers: trainersOf(home), freeBytes: () => Promise.resolve(home.refuses ? 0 : 5e9) });
    const run = await night.begin({ steps: 30, seconds: 0.1, save: 2 });
    const { process: living } = await night.untilTraining(run, 5);
    home.refuses = "journal";
    process.kill(living?.pid ?? 0, "SIGKILL");
    await night.until("the verb is gone", () => night.verbs().length === 0);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([causes(run), night.startsOf(run, "train")]).toEqual([[], 1]);
    // Said once in 30 s of its clock, not at each of its looks.
    expect(night.reports.filter((one) => String(one).includes("ENOSPC")).length).toBeLessThanOrEqual(2);
    home.refuses = null;
    const state = await night.untilEnded(run);
    expect([state.ended?.outcome, causes(run), state.damages]).toEqual(["finished", ["memory-kill", "finished"], 0]);
  });

  it("a person need not wait, and may stop", async () => {
    await night.stop();
    night.startLean({ freeBytes: () => Promise.resolve(0) });
    const run = await night.begin({ misbehave: [{ verb: "train", how: "fails:disk.space", times: 1 }] });
    await night.untilState(run, "it waits", ({ space }) => space?.waiting === true);
    await night.call("run-resume", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    const other = await night.begin({ misbehave: [{ verb: "train", how: "fails:disk.space" }] });
    await night.untilState(other, "it waits", ({ space }) => space?.waiting === true);
    await night.call("run-stop", { run: other });
    expect((await night.untilEnded(other)).ended?.outcome).toBe("stopped");
  });
});

describe("row 29: a divergence", () => {
  it("is tried once more as a run of its own with a gentler plan; the child that diverges asks", async () => {
    const run = await night.begin({ steps: 2000, misbehave: [{ verb: "train", how: "fails:run.diverged", at: 3 }] });
    const parent = await night.untilEnded(run);
    expect([parent.ended?.outcome, parent.phases.train.fault?.kind]).toEqual(["stopped", "run.diverged"]);
    expect(parent.phases.train.fault?.next).toContain("2e-5");
    const child = parent.child ?? "";
    const [plan, gentle] = [run, child].map((id) => runPlanSchema.parse(JSON.parse(readFileSync(night.runPath(id, "run.json"), "utf8"))));
    expect(gentle).toMatchObject({ parent: run, name: plan?.name, training: { learning_rate: 2e-5, warmup_steps: 200, seed: 3408 } });
    const asked = await night.untilState(child, "the child asks", ({ phases }) => phases.train.status === "failed");
    expect([asked.parent, needsYou(asked)?.kind]).toEqual([run, "run.diverged"]);
    expect(night.homeState().runs.map(({ id, outcome }) => [id, outcome])).toEqual([
      [run, "stopped"],
      [child, null],
    ]);
  });

  it("the child goes on in its parent's turn, before a run that was queued meanwhile", async () => {
    const run = await night.begin({ steps: 4, seconds: 0.2, misbehave: [{ verb: "train", how: "fails:run.diverged", at: 2, times: 1 }] });
    const queued = await night.begin({}, { name: "second" });
    const child = (await night.untilEnded(run)).child ?? "";
    await night.untilState(child, "the child works", ({ attempt }) => attempt > 0);
    expect(night.state(queued).attempt).toBe(0);
    await night.call("run-stop", { run: child });
    expect((await night.untilEnded(queued)).ended?.outcome).toBe("finished");
    expect(night.state(child).ended?.outcome).toBe("stopped");
  });

  it("an engine that dies between the two runs' lines makes no second child", async () => {
    const run = await night.begin({ steps: 2000, misbehave: [{ verb: "train", how: "fails:run.diverged", at: 3, times: 1 }] });
    const parent = await night.untilEnded(run);
    await night.stop();
    // As after a kill before the parent's two last lines of its own.
    const path = night.runPath(run, "events.jsonl");
    const lines = readFileSync(path, "utf8").trim().split("\n");
    // The morning report may already stand behind them, by how soon the engine ended.
    const kinds: string[] = lines.map((line) => JSON.parse(line).type);
    const failed = kinds.lastIndexOf("phase-failed");
    expect(kinds[failed + 1]).toBe("run-ended");
    writeFileSync(path, `${lines.slice(0, failed).join("\n")}\n`);
    const homePath = `${night.home}/events.jsonl`;
    writeFileSync(
      homePath,
      readFileSync(homePath, "utf8")
        .split("\n")
        .filter((line) => !line.includes('"run-closed"'))
        .join("\n"),
    );
    night.startLean();
    expect((await night.untilEnded(run)).child).toBe(parent.child);
    expect(night.homeState().runs).toHaveLength(2);
  });
});

describe("row 3: a reboot", () => {
  it("is told from a crash, and the run goes on by itself from the newest checkpoint", async () => {
    const run = await night.begin({ steps: 30, seconds: 0.05, save: 2 });
    await night.untilTraining(run, 5);
    await night.stop();
    // Everything goes at once, keeper and trainer, and nothing is left to say so.
    for (const { pid } of night.processes()) process.kill(pid, "SIGKILL");
    await night.until("all gone", () => night.processes().length === 0);
    const path = night.runPath(run, "events.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(`"boot":"${bootId()}"`, '"boot":"the one before"'));
    night.startLean();
    const state = await night.untilEnded(run);
    expect([state.ended?.outcome, causes(run)]).toEqual(["finished", ["reboot", "finished"]]);
    expect(state.curve.buckets.map((bucket) => bucket.lastStep)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it("keeper and trainer killed in the same boot: nothing is known, nothing is lost", async () => {
    const run = await night.begin({ steps: 30, seconds: 0.05, save: 2 });
    await night.untilTraining(run, 5);
    for (const { pid } of night.processes()) process.kill(pid, "SIGKILL");
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect(causes(run)).toEqual(["unknown", "finished"]);
  });
});
