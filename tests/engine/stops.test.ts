/** Promise 4: a stop is a stop. Pause, stop and checkpoint are obeyed; who does not obey is ended by force, with all its descendants. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const curveSteps = (run: string) => night.state(run).curve.buckets.map((bucket) => bucket.lastStep);
const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("pause", () => {
  it("seals, ends the process and waits; resume goes on from that step, and each step is there once", async () => {
    const run = await night.begin({ steps: 60, seconds: 0.05, save: 50 });
    await night.untilTraining(run, 3);
    await night.call("run-pause", { run });
    await expect(night.call("run-resume", { run })).rejects.toMatchObject({ fault: { kind: "run.stopping" } });
    const paused = await night.untilState(run, "paused", (state) => state.process === null && state.asked.pause);
    expect(paused.checkpoints.map((one) => one.step)).toEqual([paused.step?.step]);
    expect(paused.exits.at(-1)).toMatchObject({ code: 0, signal: null });
    await night.until("idle", () => night.engine?.isIdle() === true);
    expect(night.verbs()).toEqual([]);
    await night.call("run-resume", { run });
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(curveSteps(run)).toEqual(range(60));
    expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: paused.step?.step });
    await expect(night.call("run-resume", { run })).rejects.toMatchObject({ fault: { kind: "run.finished" } });
  });
});

describe("stop", () => {
  it("ends the run as stopped, in its journal and in the home's; it can be exported or gone on with later", async () => {
    const run = await night.begin({ steps: 1000, seconds: 0.05, save: 500 });
    await night.untilTraining(run, 3);
    await expect(night.call("engine-quit", {})).rejects.toMatchObject({ fault: { kind: "engine.busy" } });
    await expect(night.call("run-export", { run })).rejects.toMatchObject({ fault: { kind: "run.busy" } });
    await night.call("run-stop", { run });
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("stopped");
    expect(night.events(run).find((event) => event.type === "exited" && event.verb === "train")).toMatchObject({ code: 0, forced: false });
    await night.until("closed", () => night.homeState().runs[0]?.outcome === "stopped");
    await expect(night.call("run-stop", { run })).rejects.toMatchObject({ fault: { kind: "run.ended" } });
    night.ollama.absent = null;
    await night.call("run-export", { run });
    const exported = await night.untilState(run, "exported", ({ ended, gguf }) => ended?.outcome === "finished" && gguf !== null);
    expect(exported.merged?.step).toBe(state.step?.step);
    expect([exported.phases.train.status, exported.phases.deploy.status, night.ollama.promoted]).toEqual(["skipped", "skipped", []]);
    expect(night.homeState().runs[0]?.outcome).toBe("finished");
  });

  it("row 4: a process that is deaf is ended by force after the grace; the run is stopped, not failed", async () => {
    const run = await night.begin({ steps: 1000, seconds: 0.05, misbehave: [{ verb: "train", how: "deaf" }] });
    await night.untilTraining(run, 2);
    const askedAt = performance.now();
    await night.call("run-stop", { run });
    const state = await night.untilEnded(run);
    // The grace is 60 s on the night's clock, which is ten times faster.
    expect(performance.now() - askedAt).toBeGreaterThan(5_900);
    expect(state.ended?.outcome).toBe("stopped");
    expect(night.events(run).find((event) => event.type === "exited" && event.verb === "train")).toMatchObject({ signal: "SIGKILL", forced: true });
    expect(night.count(run, "phase-failed")).toBe(0);
    expect(night.processes()).toEqual([]);
  });

  it("row 4: a verb other than training is stopped by SIGTERM, and by force when it is deaf", async () => {
    const run = await night.begin({ misbehave: [{ verb: "fetch", how: "hang" }] });
    await night.untilState(run, "fetching", (state) => state.process?.verb === "fetch");
    await night.until("the verb itself lives", () => night.startsOf(run, "fetch") === 1);
    await night.call("run-stop", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("stopped");
    expect(night.events(run).find((event) => event.type === "exited")).toMatchObject({ signal: "SIGTERM", forced: false });

    const deaf = await night.begin({
      misbehave: [
        { verb: "prepare", how: "deaf" },
        { verb: "prepare", how: "hang" },
      ],
    });
    await night.until("the deaf verb lives", () => night.startsOf(deaf, "prepare") === 1 && night.state(deaf).process !== null);
    await night.call("run-stop", { run: deaf });
    expect((await night.untilEnded(deaf)).ended?.outcome).toBe("stopped");
    expect(night.events(deaf).findLast((event) => event.type === "exited")).toMatchObject({ signal: "SIGKILL", forced: true });
    expect(night.processes()).toEqual([]);
  });

  it("row 5: a grandchild that is deaf and holds the log does not survive its parent", async () => {
    const run = await night.begin({ steps: 1000, seconds: 0.05, misbehave: [{ verb: "train", how: "grandchild" }] });
    await night.untilTraining(run, 2);
    const grandchild = Number(readFileSync(night.runPath(run, "grandchild.txt"), "utf8"));
    expect(() => process.kill(grandchild, 0)).not.toThrow();
    await night.call("run-stop", { run });
    await night.untilEnded(run);
    await night.until("no survivor", () => night.processes().length === 0, 5_000);
  });

  it("a paused run can be stopped", async () => {
    const run = await night.begin({ steps: 1000, seconds: 0.05 });
    await night.untilTraining(run);
    await night.call("run-pause", { run });
    await night.untilState(run, "paused", (state) => state.process === null);
    await night.call("run-stop", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("stopped");
  });
});

describe("checkpoint", () => {
  it("is sealed when asked for, each time", async () => {
    const run = await night.begin({ steps: 1000, seconds: 0.05, save: 500 });
    await expect(night.call("run-checkpoint", { run })).rejects.toMatchObject({ fault: { kind: "run.not-training" } });
    await night.untilTraining(run);
    for (const sealed of [1, 2]) {
      await night.call("run-checkpoint", { run });
      await night.untilState(run, `${sealed} sealed`, (state) => state.sealed === sealed);
    }
    expect(night.events(run).filter((event) => event.type === "checkpoint-sealed")).toMatchObject([{ why: "asked" }, { why: "asked" }]);
    await night.call("run-stop", { run });
    await night.untilEnded(run);
  });
});
