/** What is over stays at hand: tried again, compared, carried away and back, deleted; never by accident and never half. */
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { createParcels } from "../../electron/adapters/parcels.ts";
import { eventOf, lineOf, sample } from "../core/samples.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { Night, PYTHON, TRAINER } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.start();
});
afterEach(() => night.end());

async function finished(change: Parameters<Night["begin"]>[1] = {}): Promise<string> {
  const run = await night.begin({}, change);
  await night.untilEnded(run);
  await night.until("it is closed", () => night.homeState().runs.find((one) => one.id === run)?.outcome != null);
  return run;
}

describe("again", () => {
  it("takes the verdict's proposal, names its origin, and can be compared with it", async () => {
    const first = await finished({ limits: { ...ANY_RESULT, lastLossBelow: 0.01 } });
    const { run, lever } = await night.call("run-again", { run: first, lever: "suggested", limits: { lastLossBelow: null } });
    expect([lever, night.state(first).judged?.levers[0]]).toEqual(["more-epochs", "more-epochs"]);
    const state = await night.untilEnded(run);
    expect([state.from, state.parent, state.judged?.decision, state.name]).toEqual([
      { run: first, why: "again", lever: "more-epochs", verdict: "no-go" },
      null,
      "go",
      "night",
    ]);
    expect(night.homeState().runs.map(({ id, from }) => [id, from])).toEqual([
      [first, undefined],
      [run, first],
    ]);
    const { a, b, settings } = await night.call("runs-compare", { a: first, b: run });
    expect([a.decision, b.decision, a.curve.length]).toEqual(["no-go", "go", 6]);
    expect(settings.map(({ key }) => key)).toEqual(["training.num_train_epochs", "limits.lastLossBelow"]);
  });

  it("the night check says what the run before was measured to do best here", async () => {
    const first = await finished();
    const line = lineOf(eventOf(sample("calibrated"), { at: Date.now(), n: 10_000, by: "trainer" }));
    appendFileSync(night.runPath(first, "events.jsonl"), line);
    const { run } = await night.call("run-again", { run: first, lever: "more-epochs" });
    await night.untilEnded(run);
    const check = async (of: string) => (await night.call("preflight", { run: of })).checks.find(({ id }) => id === "calibration");
    expect(await check(first)).toMatchObject({ verdict: "ok", key: "check.calibration.faster", values: { run: "night", times: "1.7" } });
    expect(await check(run)).toEqual(await check(first));
    await night.call("run-delete", { run: first, really: true });
    expect(await check(run)).toBeUndefined();
  });

  it("what cannot be met makes no run: a lever at its end, a living run of that name", async () => {
    const first = await finished();
    await expect(night.call("run-again", { run: first, lever: "more-epochs", value: "1000" })).rejects.toMatchObject({ fault: { kind: "usage.lever" } });
    await expect(night.call("run-again", { run: first, lever: "other-base" })).rejects.toMatchObject({ fault: { kind: "usage.lever" } });
    const living = await night.begin({ steps: 200, seconds: 0.1 });
    await expect(night.call("run-again", { run: first })).rejects.toMatchObject({ fault: { kind: "run.exists" } });
    await night.call("run-stop", { run: living });
    await night.untilEnded(living);
    expect(night.homeState().runs).toHaveLength(2);
  });
});

describe("delete", () => {
  it("names what goes and does nothing until it is said; then folder, list and history know it no more, also for the next engine", async () => {
    const run = await finished();
    const look = await night.call("run-delete", { run });
    expect(look).toMatchObject({ run, deleted: false, warnings: [{ kind: "deployed", name: "night" }] });
    expect(look.parts.map(({ name }) => name)).toEqual(expect.arrayContaining(["checkpoints", "run.json", "events.jsonl"]));
    expect(look.bytes).toBe(look.parts.reduce((sum, part) => sum + part.bytes, 0));
    expect(existsSync(night.runPath(run, "run.json"))).toBe(true);
    const done = await night.call("run-delete", { run, really: true });
    expect([done.deleted, existsSync(night.runPath(run)), night.homeState().runs]).toEqual([true, false, []]);
    expect(night.history.projected.has(run)).toBe(false);
    await expect(night.call("run-delete", { run })).rejects.toMatchObject({ fault: { kind: "run.unknown" } });
    await night.stop();
    night.start();
    expect([night.homeState().runs, night.reports, readdirSync(join(night.home, "runs"))]).toEqual([[], [], []]);
  });

  it("a living or paused run is not deleted", async () => {
    const run = await night.begin({ steps: 200, seconds: 0.1 });
    await night.untilTraining(run);
    await expect(night.call("run-delete", { run, really: true })).rejects.toMatchObject({ fault: { kind: "run.living" } });
    await night.call("run-pause", { run });
    await night.untilState(run, "paused", (state) => state.process === null && state.asked.pause);
    await expect(night.call("run-delete", { run, really: true })).rejects.toMatchObject({ fault: { kind: "run.living" } });
    expect((await night.call("run-delete", { run })).deleted).toBe(false);
    await night.call("run-stop", { run });
    await night.untilEnded(run);
  });

  it("cut off after its line the run is there again, whole; cut off within the folder the rest is swept", async () => {
    const [run, other] = [await finished(), await finished({ name: "other" })];
    await night.stop();
    const home = new FolderHome(night.home);
    const journal = home.homeJournal();
    journal.append({ type: "run-deleted", run, name: "night", bytes: 1 }, 0);
    journal.append({ type: "run-deleted", run: other, name: "other", bytes: 1 }, 0);
    journal.close();
    home.deleteRun(other);
    night.start();
    await night.until("it is listed again, and closed", () => night.homeState().runs[0]?.outcome === "finished");
    expect(night.homeState().runs.map(({ id }) => id)).toEqual([run]);
    expect(night.state(run).ended?.outcome).toBe("finished");
  });
});

describe("carried", () => {
  it("to another home and back: the same run, under a new id where its own is taken, without what did not come along", async () => {
    const run = await finished();
    const file = join(night.path, "run.tar.gz");
    const packed = await night.call("run-pack", { run, path: file });
    expect(packed).toMatchObject({ path: file, files: expect.any(Number), bytes: expect.any(Number) });
    await expect(night.call("run-pack", { run, path: file })).rejects.toMatchObject({ fault: { kind: "data.parcel" } });
    await expect(night.call("run-pack", { run, path: "run.tar.gz" })).rejects.toMatchObject({ fault: { kind: "data.path" } });
    const clash = await night.call("run-import", { path: file });
    expect([clash.from, clash.run === run]).toEqual([run, false]);
    await night.call("run-delete", { run, really: true });
    const back = await night.call("run-import", { path: file });
    expect(back).toEqual({ run, from: run });
    for (const id of [run, clash.run]) {
      const state = night.state(id);
      expect([state.id, state.ended?.outcome, state.gguf, state.deployed, state.phases.export.status]).toEqual([id, "finished", null, null, "skipped"]);
      expect([state.curve.buckets.length, state.checkpoints.length, state.judged?.decision, state.damages]).toEqual([6, 3, "go", 0]);
    }
    expect(night.homeState().runs.map(({ id, outcome }) => [id, outcome])).toEqual([
      [clash.run, "finished"],
      [run, "finished"],
    ]);
    await night.call("run-deploy", { run });
    const deployed = await night.untilState(run, "deployed from its checkpoint", (state) => state.ended !== null && state.deployed !== null);
    expect([deployed.deployed?.name, night.startsOf(run, "fetch"), night.startsOf(run, "train")]).toEqual(["night", 1, 0]);
  });

  it("row 40: what is no run of ours leaves nothing behind", async () => {
    const run = await night.begin({ steps: 200, seconds: 0.1 });
    await night.untilTraining(run);
    await expect(night.call("run-pack", { run, path: join(night.path, "x.tar.gz") })).rejects.toMatchObject({ fault: { kind: "run.living" } });
    const living = join(night.path, "living");
    const home = new FolderHome(night.home);
    const parcels = createParcels({ home: night.home, python: () => PYTHON, packageFolder: TRAINER });
    await parcels.pack(run, living);
    await expect(night.call("run-import", { path: living })).rejects.toMatchObject({
      fault: { kind: "data.parcel", message: expect.stringContaining("not ended") },
    });
    const text = join(night.path, "text");
    writeFileSync(text, "no archive");
    await expect(night.call("run-import", { path: text })).rejects.toMatchObject({ fault: { kind: "data.parcel" } });
    await expect(night.call("run-import", { path: join(night.path, "none") })).rejects.toMatchObject({ fault: { kind: "data.parcel" } });
    await night.call("run-stop", { run });
    await night.untilEnded(run);
    // Another run's journal beside this plan.
    const other = await finished({ name: "other" });
    copyFileSync(night.runPath(other, "events.jsonl"), night.runPath(run, "events.jsonl"));
    const mixed = join(night.path, "mixed");
    await parcels.pack(run, mixed);
    await expect(night.call("run-import", { path: mixed })).rejects.toMatchObject({
      fault: { kind: "data.parcel", message: expect.stringContaining("not a run's") },
    });
    expect(home.listRuns()).toEqual([run, other]);
    expect(readdirSync(join(night.home, "runs")).sort()).toEqual([run, other].sort());
  });
});

describe("room on the disk", () => {
  it("what can be made again goes once it is said, the run stays, and a deployed or living one is left whole", async () => {
    const deployed = await finished();
    const run = await finished({ deploy: false, name: "other" });
    const exported = night.runPath(run, "export");
    mkdirSync(exported, { recursive: true });
    writeFileSync(join(exported, "other.gguf"), Buffer.alloc(5_000));
    const look = await night.call("storage", { days: 0 });
    expect(look.runs.find((one) => one.run === run)).toMatchObject({ stays: null });
    expect(look.runs.find((one) => one.run === deployed)?.stays).not.toBeNull();
    const named = await night.call("storage-clear", { days: 0 });
    expect([named.runs.map((one) => one.run), named.done, existsSync(exported)]).toEqual([[run], false, true]);
    expect((await night.call("storage-clear", {})).runs).toEqual([]);
    const done = await night.call("storage-clear", { days: 0, really: true });
    expect([done.bytes, done.bytes >= 5_000, existsSync(exported), existsSync(night.runPath(run, "checkpoints"))]).toEqual([named.bytes, true, false, true]);
    expect([night.state(run).gguf, night.state(run).phases.export.status]).toEqual([null, "skipped"]);
    expect(readdirSync(join(night.home, "runs")).sort()).toEqual([deployed, run].sort());
    const merges = night.startsOf(run, "merge");
    await night.call("run-deploy", { run });
    const again = await night.untilState(run, "made again and deployed", (state) => state.ended !== null && state.deployed !== null);
    expect([night.startsOf(run, "merge"), night.startsOf(run, "train"), again.deployed?.name]).toEqual([merges + 1, 1, "other"]);
    expect(night.reports).toEqual([]);
  });
});
