/** A run goes from its plan to a deployed model by itself, and its journal says so; what cannot be done is said once. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PHASES } from "../../electron/core/events.ts";
import { againstVerdict, offersOf } from "../../electron/core/selectors.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.start();
});
afterEach(() => night.end());

describe("a whole run", () => {
  it("goes through every phase once, in order, and ends finished, deployed, listed and idle", async () => {
    const run = await night.begin();
    expect(night.engine?.isIdle()).toBe(false);
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    const phases = (type: "phase-started" | "phase-finished") => night.events(run).flatMap((event) => (event.type === type ? [event.phase] : []));
    expect(phases("phase-started")).toEqual(PHASES);
    expect(phases("phase-finished")).toEqual(PHASES);
    expect(night.starts(run).map((line) => line.split(" ")[0])).toEqual(["fetch", "prepare", "answer", "train", "answer", "merge"]);
    expect([state.damages, state.attempt]).toEqual([0, 6]);
    expect(state.curve.buckets.map((bucket) => bucket.lastStep)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(state.answers).toMatchObject([{ prompt: "p1", category: "basic", text: "sen kimsin?", before: "before: sen kimsin?", after: "after: sen kimsin?" }]);
    expect(night.ollama.promoted).toEqual([`night:cand-${run.slice(-4)} → night`]);
    await theHomeTellsOfIt(run);
    eachLineCarriesItsAttempt(run);
    await nothingIsLeftToDo(run);
  });

  async function theHomeTellsOfIt(run: string) {
    await night.until("the run is closed", () => night.homeState().runs[0]?.outcome === "finished");
    const home = night.homeState();
    expect(home.campaigns).toEqual([{ id: "night", name: "night", data: expect.any(String), model: "fake" }]);
    expect(home.runs).toMatchObject([{ id: run, name: "night", kind: "full", outcome: "finished" }]);
    expect(home.versions).toMatchObject([{ name: "night", run, candidate: `night:cand-${run.slice(-4)}`, digest: "sha256:1" }]);
    expect(home.damages).toBe(0);
    expect(night.history.projected.get(run)).toEqual(night.state(run));
  }

  function eachLineCarriesItsAttempt(run: string) {
    const attempts = night.events(run).flatMap((event) => (event.by === "trainer" ? [event.attempt] : []));
    expect(attempts).toEqual([...attempts].sort((a, b) => a - b));
    expect(new Set(attempts)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  }

  async function nothingIsLeftToDo(run: string) {
    await night.until("idle", () => night.engine?.isIdle() === true);
    expect([night.verbs(), night.reports]).toEqual([[], []]);
    await expect(night.call("run-resume", { run })).rejects.toMatchObject({ fault: { kind: "run.finished" } });
    await expect(night.call("run-pause", { run })).rejects.toMatchObject({ fault: { kind: "run.ended" } });
    await expect(night.call("run-stop", { run: "../x" })).rejects.toMatchObject({ fault: { kind: "run.unknown" } });
  }
});

describe("phases a plan does not have", () => {
  it("without prompts nothing is answered, with --no-deploy nothing is deployed", async () => {
    await night.stop();
    night.start({ readText: () => "[]" });
    const state = await night.untilEnded(await night.begin({}, { deploy: false }));
    expect([state.phases.before.status, state.phases.after.status, state.phases.deploy.status]).toEqual(["skipped", "skipped", "skipped"]);
    expect(state.phases.deploy.why).toContain("--no-deploy");
    expect([state.phases.export.status, state.ended?.outcome]).toEqual(["done", "finished"]);
    expect(night.ollama.promoted).toEqual([]);
  });

  it("without Ollama training ends well, and how to go on later is said", async () => {
    night.ollama.absent = "There is no Ollama here.";
    const run = await night.begin();
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(state.phases.export).toMatchObject({ status: "skipped", why: `There is no Ollama here. Start Ollama. Then: thortime deploy ${run}.` });
    night.ollama.absent = null;
    await night.call("run-deploy", { run, as: "jessy" });
    const later = await night.untilState(run, "deployed", ({ ended, deployed }) => ended !== null && deployed !== null);
    expect(later.deployed).toMatchObject({ name: "jessy" });
    expect(night.startsOf(run, "train")).toBe(1);
    expect(night.startsOf(run, "merge")).toBe(1);
  });
});

describe("the gate", () => {
  it("keeps a model with NO-GO out of Ollama, and its GGUF; a person may overrule it, and that is recorded", async () => {
    const run = await night.begin({}, { limits: { ...ANY_RESULT, lastLossBelow: 0.01 } });
    const held = await night.untilEnded(run);
    expect([held.judged?.decision, held.ended?.outcome, held.gguf !== null]).toEqual(["no-go", "finished", true]);
    expect(held.phases.deploy).toMatchObject({ status: "skipped", held: "no-go", why: expect.stringContaining(`thortime deploy ${run}`) });
    expect([night.ollama.promoted, night.ollama.discarded, offersOf(held)]).toEqual([[], [`night:cand-${run.slice(-4)}`], ["deploy"]]);
    await night.call("run-deploy", { run });
    const state = await night.untilState(run, "deployed", ({ ended, deployed }) => ended !== null && deployed !== null);
    expect([state.deployed?.verdict, againstVerdict(state), night.ollama.promoted.length]).toEqual(["no-go", true, 1]);
    expect(night.homeState().versions).toMatchObject([{ run, verdict: "no-go", bytes: 10 }]);
  });

  it("unknown is no GO, and --no-deploy stays the reason where it was said", async () => {
    const run = await night.begin({}, { limits: { ...ANY_RESULT, heldOut: true } });
    expect((await night.untilEnded(run)).phases.deploy).toMatchObject({ status: "skipped", held: "your-call" });
    const quiet = await night.begin({}, { limits: { ...ANY_RESULT, heldOut: true }, deploy: false });
    expect((await night.untilEnded(quiet)).phases.deploy).toMatchObject({ status: "skipped", held: null, why: expect.stringContaining("--no-deploy") });
    expect(night.ollama.promoted).toEqual([]);
  });
});

describe("export and deploy in trouble", () => {
  it("a failed export waits for its person, and goes on when asked", async () => {
    night.ollama.broken = new Error("the blob is gone");
    const run = await night.begin();
    const failed = await night.untilState(run, "export failed", (state) => state.phases.export.status === "failed");
    expect(failed.phases.export.fault).toMatchObject({ kind: "internal", message: expect.stringContaining("the blob is gone") });
    expect(night.engine?.isIdle()).toBe(true);
    night.ollama.broken = null;
    await night.call("run-resume", { run });
    expect((await night.untilEnded(run)).deployed?.name).toBe("night");
    expect(night.startsOf(run, "merge")).toBe(1);
  });

  it("a model that fails its first question is not promoted", async () => {
    night.ollama.answer = "";
    const run = await night.begin();
    const state = await night.untilState(run, "deploy failed", ({ phases }) => phases.deploy.status === "failed");
    expect(state.phases.deploy.fault).toMatchObject({ kind: "ollama.smoke", message: expect.stringContaining("night was not changed") });
    expect(state.smoke?.passed).toBe(false);
    expect(night.ollama.promoted).toEqual([]);
  });

  it("a pause cuts an export short; resumed at once it goes on, and is no failure", async () => {
    let open = () => {};
    night.ollama.gate = new Promise((resolve) => {
      open = resolve;
    });
    const run = await night.begin();
    await night.untilState(run, "exporting", (state) => state.progress?.phase === "export");
    await night.call("run-pause", { run });
    await night.call("run-resume", { run });
    await night.until("the first export was cut", () => night.ollama.cuts === 1);
    open();
    const state = await night.untilEnded(run);
    expect(night.count(run, "phase-failed")).toBe(0);
    expect([night.ollama.exports.length, state.deployed?.name]).toEqual([2, "night"]);
  });

  it("a stop in an export ends the run as stopped", async () => {
    night.ollama.gate = new Promise(() => {});
    const run = await night.begin();
    await night.untilState(run, "exporting", (state) => state.progress?.phase === "export");
    await night.call("run-stop", { run });
    expect((await night.untilEnded(run)).ended?.outcome).toBe("stopped");
    await night.until("idle", () => night.engine?.isIdle() === true);
  });
});

describe("run-start", () => {
  it("refuses a second run of that name while the first is under way, also when both come at once", async () => {
    const [first, second] = await Promise.allSettled([night.begin(), night.begin()]);
    expect([first, second].map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(night.begin()).rejects.toMatchObject({ fault: { kind: "run.exists" } });
    expect(night.homeState().runs).toHaveLength(1);
  });

  it("bad input leaves nothing behind", async () => {
    await expect(night.begin({}, { name: "../x" })).rejects.toMatchObject({ fault: { kind: "name.invalid" } });
    await expect(night.begin({}, { settings: { learning_rate: "fast" } })).rejects.toMatchObject({ fault: { kind: "usage.setting" } });
    await expect(night.begin({}, { rows: 0 })).rejects.toMatchObject({ fault: { kind: "usage.arguments" } });
    await night.stop();
    night.start({ inspector: { check: () => Promise.reject(new Error("no rows")), findings: () => Promise.resolve(0) } });
    await expect(night.begin()).rejects.toThrow("no rows");
    await night.stop();
    night.start({ readText: () => "not json" });
    await expect(night.begin()).rejects.toMatchObject({ fault: { kind: "data.prompts" } });
    expect(night.homeState().runs).toEqual([]);
    expect(night.processes()).toEqual([]);
  });
});
