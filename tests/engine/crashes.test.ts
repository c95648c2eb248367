/** Promises 1 and 4: whatever a trainer does to itself, the run goes on, or asks its person after a bounded number of tries. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { KeptTrainers } from "../../electron/adapters/trainers.ts";
import { fault } from "../../electron/core/faults.ts";
import { FAKE_TRAINER, type How, Night, PYTHON } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const exits = (run: string) => night.events(run).flatMap((event) => (event.type === "exited" ? [event] : []));

describe("crash loops", () => {
  it("row 6: exits 1 without a word, for ever: three starts with pauses between, then it needs its person", async () => {
    const run = await night.begin({ misbehave: [{ verb: "prepare", how: "silent-exit" }] });
    const state = await night.untilState(run, "prepare failed", ({ phases }) => phases.prepare.status === "failed");
    expect(state.phases.prepare.fault).toMatchObject({ kind: "run.crashed", message: expect.stringContaining("3 times in 5 minutes (last: exit code 1)") });
    expect(night.startsOf(run, "prepare")).toBe(3);
    const at = exits(run).slice(1);
    const spawned = night.events(run).filter((event) => event.type === "spawned" && event.verb === "prepare");
    expect((spawned[1]?.at ?? 0) - (at[0]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect((spawned[2]?.at ?? 0) - (at[1]?.at ?? 0)).toBeGreaterThanOrEqual(10_000);
    await night.until("idle", () => night.engine?.isIdle() === true);
  });

  it("row 6: exits 1 once: it is started again and the run is finished", async () => {
    const run = await night.begin({ misbehave: [{ verb: "fetch", how: "silent-exit", times: 1 }] });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect(night.startsOf(run, "fetch")).toBe(2);
    expect(exits(run)[0]).toMatchObject({ verb: "fetch", code: 1, signal: null, forced: false });
  });

  it("row 6: a failure the verb names is never tried again, and shown in its words; a person may", async () => {
    const run = await night.begin({ misbehave: [{ verb: "prepare", how: "named-failure", times: 1 }] });
    const state = await night.untilState(run, "prepare failed", ({ phases }) => phases.prepare.status === "failed");
    expect(state.phases.prepare.fault).toEqual({ kind: "data.empty", message: "The data file has no rows.", next: "Choose another file." });
    expect(night.startsOf(run, "prepare")).toBe(1);
    await night.call("run-resume", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect([night.startsOf(run, "fetch"), night.startsOf(run, "prepare")]).toEqual([1, 2]);
  });
});

describe("row 1: kills", () => {
  it("killed in the middle of training it goes on from the newest checkpoint, and each step is there once", async () => {
    const run = await night.begin({ steps: 9, save: 4, misbehave: [{ verb: "train", how: "kill-self", at: 7, times: 1 }] });
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(exits(run).find((event) => event.verb === "train")).toMatchObject({ code: null, signal: "SIGKILL", forced: false });
    expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: 4 });
    expect(night.count(run, "step")).toBe(11);
    expect(state.curve.buckets.map((bucket) => bucket.lastStep)).toEqual(range(9));
    expect(state.tokens).toBe(900);
    expect(state.damages).toBe(0);
  });

  it("with its keeper killed too nobody knows how it ended: unknown is said, and the run goes on", async () => {
    const run = await night.begin({ steps: 40, seconds: 0.05 });
    await night.untilTraining(run, 2);
    for (const { pid } of night.processes()) process.kill(pid, "SIGKILL");
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(exits(run).find((event) => event.verb === "train")).toMatchObject({ code: null, signal: null, tail: [] });
    expect(night.startsOf(run, "train")).toBe(2);
  });
});

describe("success is an event, never an exit code", () => {
  it.each<[How, object]>([
    ["exit-139-after", { code: 139 }],
    ["segfault-after", { code: null, signal: "SIGSEGV" }],
  ])("%s: it stands", async (how, exit) => {
    const run = await night.begin({
      misbehave: [
        { verb: "train", how },
        { verb: "merge", how },
      ],
    });
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect([night.startsOf(run, "train"), night.startsOf(run, "merge")]).toEqual([1, 1]);
    expect(exits(run).filter((event) => event.verb === "train" || event.verb === "merge")).toMatchObject([exit, exit]);
  });
});

describe("rows 7 and 14: silence and lost lines", () => {
  it("row 7: a trainer that says nothing is left alone, and can still be stopped", async () => {
    const run = await night.begin({ misbehave: [{ verb: "train", how: "hang" }] });
    await night.until("it hangs", () => night.startsOf(run, "train") === 1 && night.state(run).process?.verb === "train");
    const lines = night.events(run).length;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(night.events(run).length).toBe(lines);
    expect(night.verbs()).toHaveLength(1);
    await night.call("run-stop", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("stopped");
  });

  it("row 14: a line that was lost is one damage, and the run goes on", async () => {
    const run = await night.begin({ misbehave: [{ verb: "train", how: "lost-line", at: 3 }] });
    const state = await night.untilEnded(run);
    expect([state.ended?.outcome, state.damages]).toEqual(["finished", 1]);
  });
});

describe("a trainer that cannot be started", () => {
  const withTrainers = async (options: Partial<ConstructorParameters<typeof KeptTrainers>[0]>) => {
    await night.stop();
    const home = new FolderHome(night.home);
    night.startLean({ trainers: new KeptTrainers({ home, python: () => PYTHON, packageFolder: FAKE_TRAINER, engineCommand: ["true"], ...options }) });
    const run = await night.begin();
    return (await night.untilState(run, "fetch failed", ({ phases }) => phases.fetch.status === "failed")).phases.fetch.fault;
  };

  it("no such interpreter: one sentence and a next step", async () => {
    const seen = await withTrainers({ python: () => join(night.path, "no-python") });
    expect(seen).toMatchObject({
      kind: "environment.spawn",
      message: expect.stringContaining("could not be started"),
      next: expect.stringContaining("doctor"),
    });
  });

  it("no such package: the same, at once", async () => {
    const startedAt = performance.now();
    expect(await withTrainers({ packageFolder: night.path })).toMatchObject({ kind: "environment.spawn", message: expect.stringContaining("exit code") });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it("no environment: the fault that says so", async () => {
    const missing = fault("environment.missing", "The Python environment is not installed.", "Run: npm start.");
    const python = () => {
      throw missing;
    };
    expect(await withTrainers({ python })).toEqual(missing.fault);
  });
});
