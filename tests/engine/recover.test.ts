/** Promise 1: engine, trainer, or both may be gone at any time. What lives is followed, what has ended stands, nothing is started twice. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { startOf } from "../../electron/adapters/identity.ts";
import { parseCall } from "../../electron/core/api.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { makePlan } from "../../electron/core/make-plan.ts";
import { Night, type Script } from "./night.ts";

let night: Night;
const children: ChildProcess[] = [];
beforeEach(() => {
  night = new Night();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await night.end();
});

const SLOW: Partial<Script> = { steps: 30, seconds: 0.1, save: 5 };

/** An engine in a process of its own with a run under way. */
async function engineProcess(script: Partial<Script>): Promise<{ child: ChildProcess; run: string }> {
  const file = fileURLToPath(new URL("engine-process.ts", import.meta.url));
  const child = spawn(process.execPath, [file, night.path, JSON.stringify(script)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const run = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the engine ended with ${code}`)));
  });
  return { child, run };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

const trainers = (run: string) => night.events(run).filter((event) => event.type === "spawned" && event.verb === "train");
const curveSteps = (run: string) => night.state(run).curve.buckets.map((bucket) => bucket.lastStep);
const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

function rewriteJournal(run: string, change: (line: string) => string | null): void {
  const path = night.runPath(run, "events.jsonl");
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  writeFileSync(
    path,
    lines
      .flatMap((line) => change(line) ?? [])
      .join("\n")
      .concat("\n"),
  );
}

describe("row 2: the engine is gone, the trainer is not", () => {
  it("row 8: a second engine attaches to the living trainer and finishes the run", async () => {
    night.startLean();
    const run = await night.begin(SLOW);
    await night.untilTraining(run, 2);
    await night.stop();
    const [before] = night.verbs();
    night.startLean();
    await night.untilTraining(run, 8);
    expect(night.verbs()).toEqual([before]);
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect([trainers(run).length, night.startsOf(run, "train")]).toEqual([1, 1]);
    expect(curveSteps(run)).toEqual(range(30));
    expect([state.damages, night.homeState().damages, night.homeState().runs.length]).toEqual([0, 0, 1]);
  });

  it("killed with -9 while the trainer ends: the result stands", async () => {
    const { child, run } = await engineProcess({ ...SLOW, steps: 10 });
    await night.untilTraining(run, 2);
    await kill(child);
    await night.until("the trainer ended alone", () => night.count(run, "train-finished") === 1 && night.processes().length === 0);
    night.startLean();
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(night.startsOf(run, "train")).toBe(1);
    expect(night.events(run).find((event) => event.type === "exited" && event.verb === "train")).toMatchObject({ code: 0 });
    expect(state.damages).toBe(0);
  });

  it("killed between a trainer's start and its line in the journal: the trainer is found by its folder", async () => {
    night.startLean();
    const run = await night.begin(SLOW);
    const { process } = await night.untilTraining(run, 2);
    await night.stop();
    rewriteJournal(run, (line) => (line.includes('"type":"spawned"') && line.includes('"verb":"train"') ? null : line));
    expect(night.state(run).process).toBeNull();
    night.startLean();
    const found = await night.untilState(run, "found again", (state) => state.process !== null);
    expect(found.process).toEqual(process);
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect(night.startsOf(run, "train")).toBe(1);
  });
});

describe("row 1: the trainer is gone, its keeper is slow to say how", () => {
  it("nothing is guessed while the keeper lives, and its word counts", async () => {
    night.startLean();
    const run = await night.begin(SLOW);
    await night.untilTraining(run, 2);
    const keeper = night.processes().find(({ command }) => command.includes(" keep ") && command.includes("--verb train"));
    const [trainer] = night.verbs();
    process.kill(keeper?.pid ?? 0, "SIGSTOP");
    process.kill(trainer?.pid ?? 0, "SIGKILL");
    await sleep(1_500);
    expect(night.events(run).some((event) => event.type === "exited" && event.verb === "train")).toBe(false);
    process.kill(keeper?.pid ?? 0, "SIGCONT");
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
    expect(night.events(run).find((event) => event.type === "exited" && event.verb === "train")).toMatchObject({ signal: "SIGKILL" });
  });
});

describe("row 3: both are gone", () => {
  it("killed with -9, engine, keeper and trainer: the run resumes by itself from the newest checkpoint", async () => {
    const { child, run } = await engineProcess(SLOW);
    await night.untilTraining(run, 8);
    const gone = kill(child);
    for (const { pid } of night.processes()) if (pid !== child.pid) process.kill(pid, "SIGKILL");
    await gone;
    const lost = night.state(run);
    night.startLean();
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    const resumed = night.events(run).find((event) => event.type === "resumed");
    expect(resumed).toMatchObject({ fromStep: lost.checkpoints.at(-1)?.step });
    expect((lost.step?.step ?? 0) - (lost.checkpoints.at(-1)?.step ?? 0)).toBeLessThanOrEqual(5);
    expect(curveSteps(run)).toEqual(range(30));
  });
});

describe("row 9: a recorded pid that belongs to somebody else now", () => {
  it.each(["start time", "token"])("with another %s it is never signalled, and the run goes its way", async (differs) => {
    night.startLean();
    const run = await night.begin({ ...SLOW, steps: 1000 });
    const { process: trainer } = await night.untilTraining(run, 2);
    await night.stop();
    for (const { pid } of night.processes()) process.kill(pid, "SIGKILL");
    // Leads a group of its own, as a trainer does: a signal to the group would reach it.
    const token = differs === "token" ? "nobody" : (trainer?.token ?? "");
    const stranger = spawn("sleep", ["600"], { argv0: `sleep ${token}`, detached: true, stdio: "ignore" });
    children.push(stranger);
    let strangerEnded = false;
    stranger.once("exit", () => {
      strangerEnded = true;
    });
    const start = differs === "token" ? await startOf(stranger.pid ?? 0) : (trainer?.start ?? "");
    const forge = (text: string) =>
      text.replaceAll(`"pid":${trainer?.pid}`, `"pid":${stranger.pid}`).replaceAll(`"start":"${trainer?.start}"`, `"start":"${start}"`);
    rewriteJournal(run, forge);
    writeFileSync(night.runPath(run, "process.json"), forge(readFileSync(night.runPath(run, "process.json"), "utf8").replaceAll('": ', '":')));
    expect(night.state(run).process).toMatchObject({ pid: stranger.pid, start });
    night.startLean();
    await night.call("run-stop", { run });
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("stopped");
    expect(night.events(run).findLast((event) => event.type === "exited")).toMatchObject({ code: null, signal: null, forced: false });
    await sleep(200);
    expect(strangerEnded).toBe(false);
  });
});

describe("folders a kill left behind", () => {
  it("a run that was made and never listed is listed and done; a half-made one is swept away", async () => {
    const asked = parseCall("run-start", { name: "orphan", data: night.writeScript({}), model: "fake", deploy: false });
    const plan = makePlan(asked, { clock: night.clock, machine: { metal: false }, localModel: true, prompts: [] });
    new FolderHome(night.home).createRun(plan, INITIAL_CONTROL);
    mkdirSync(join(night.home, "runs", "half-20261123-220000-0001.partial"));
    night.startLean();
    const state = await night.untilEnded(plan.id);
    expect(state).toMatchObject({ id: plan.id, name: "orphan", ended: { outcome: "finished" } });
    await night.until("listed and closed", () => night.homeState().runs[0]?.outcome === "finished");
    expect(night.homeState().runs).toHaveLength(1);
    expect(readdirSync(join(night.home, "runs"))).toEqual([plan.id]);
  });

  it("a run whose plan is damaged keeps no other from going on", async () => {
    night.startLean();
    const broken = await night.begin({ misbehave: [{ verb: "fetch", how: "named-failure" }] });
    await night.untilState(broken, "failed", (state) => state.phases.fetch.status === "failed");
    await night.stop();
    writeFileSync(night.runPath(broken, "run.json"), '{"v":1');
    night.startLean();
    expect((await night.untilEnded(await night.begin({}, { name: "other" }))).ended?.outcome).toBe("finished");
    await expect(night.call("run-resume", { run: broken })).rejects.toMatchObject({ fault: { kind: "run.broken" } });
    expect(night.reports).toMatchObject([{ fault: { kind: "run.broken" } }]);
  });

  it("row 18: a history that was lost is told every run again, one that lost a row that one, one that is whole none", async () => {
    night.startLean();
    const run = await night.begin({}, { deploy: false });
    await night.untilEnded(run);
    // The morning report is the journal's last line: an engine that is stopped before it writes it at its next start.
    const state = await night.untilState(run, "its report is written", ({ reported }) => reported?.stale === false);
    await night.stop();
    const kept = { ...state, name: "as it was kept" };
    const afterStart = async () => {
      night.startLean();
      const known = night.history.projected.get(run);
      await night.stop();
      return known;
    };
    night.history.projected.set(run, kept);
    expect(await afterStart()).toBe(kept);
    night.history.projected.clear();
    expect(await afterStart()).toEqual(state);
    night.history.projected.set(run, kept);
    night.history.needsRebuild = true;
    expect(await afterStart()).toEqual(state);
  });
});

describe("row 20: the clock is set while a run goes on", () => {
  it.each([
    ["back an hour", -3_600_000],
    ["on a day", 86_400_000],
  ])("%s: the run restarts after a crash at once and ends, no time is negative", async (_name, jumpMs) => {
    night.startLean();
    const run = await night.begin({ steps: 12, seconds: 0.1, misbehave: [{ verb: "train", how: "kill-self", at: 6, times: 1 }] });
    await night.untilTraining(run, 2);
    night.clock.jumpMs = jumpMs;
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    for (const event of night.events(run)) if ("seconds" in event) expect(event.seconds).toBeGreaterThanOrEqual(0);
  });
});
