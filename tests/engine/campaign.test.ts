/** A campaign goes from its test to its night by itself, once; a gate that does not say GO holds it, until a person says otherwise. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import type { Input } from "../../electron/core/api.ts";
import { nextPlan } from "../../electron/core/campaign.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { nobody } from "./fakes.ts";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
});
afterEach(() => night.end());

/** Hours away at whatever time the test runs; its person's clock shows UTC. */
const at = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString().slice(11, 16);
const WINDOW = { from: at(6), to: at(8) };
const startWithWindow = () => night.start({ person: { ...nobody, readSettings: () => JSON.stringify({ window: WINDOW }) } });

const NO_GO = { ...ANY_RESULT, lastLossBelow: 0.01 };

function start(change: Partial<Input<"campaign-start">> = {}): Promise<{ run: string; next: string }> {
  const limits = { ...ANY_RESULT, hoursBelow: null };
  return night.call("campaign-start", { name: "jessy", data: night.writeScript({}), model: "fake", limits, ...change });
}

const names = () => night.homeState().runs.map(({ name, kind, outcome }) => `${name} ${kind} ${outcome}`);
const closed = (run: string) => night.until("it is closed", () => night.homeState().runs.find(({ id }) => id === run)?.outcome === "finished");

describe("GO", () => {
  it("makes the night by itself, which goes its own way to Ollama", async () => {
    night.start();
    const { run, next } = await start();
    const test = await night.untilEnded(run);
    expect([test.judged?.decision, test.next?.name, next, test.deployed?.name]).toEqual(["go", "jessy-maximum-v1", "jessy-maximum-v1", "jessy-test-v1"]);
    const full = test.nextRun ?? "";
    const state = await night.untilEnded(full);
    expect(state.from).toEqual({ run, why: "gate", lever: null, verdict: "go" });
    expect([state.kind, state.deployed?.name, state.next]).toEqual(["full", "jessy-maximum-v1", null]);
    await closed(full);
    expect(names()).toEqual(["jessy-test-v1 quick finished", "jessy-maximum-v1 full finished"]);
    await expect(night.call("run-go", { run })).rejects.toMatchObject({ fault: { kind: "run.gone-on" } });
    expect((await start()).next).toBe("jessy-maximum-v2");
  });

  it("with a window the night waits for it, its rows prepared", async () => {
    startWithWindow();
    const { run } = await start({ tonight: true });
    const test = await night.untilEnded(run);
    const full = test.nextRun ?? "";
    await night.untilState(full, "its rows are prepared", ({ phases }) => phases.prepare.status === "done");
    expect(night.homeState().schedules.map((one) => [one.run, one.window])).toEqual([[full, WINDOW]]);
  });
});

describe("a gate that holds", () => {
  it("NO-GO: nothing follows, its person is called; their word lets the night begin, and stands recorded", async () => {
    night.start();
    const { run } = await start({ testLimits: NO_GO });
    const held = await night.untilEnded(run);
    await closed(run);
    expect([held.judged?.decision, held.nextRun, names()]).toEqual(["no-go", null, ["jessy-test-v1 quick finished"]]);
    await night.until("called", () => night.homeState().notices.length > 0);
    expect(night.homeState().notices.map(({ key, level }) => [key, level])).toEqual([["gate-no-go", "urgent"]]);
    const { run: full } = await night.call("run-go", { run });
    const state = await night.untilEnded(full);
    expect([state.from?.verdict, night.state(run).nextRun, night.state(run).ended?.outcome]).toEqual(["no-go", full, "finished"]);
    expect(night.events(run).filter(({ type }) => type === "campaign-advanced")).toMatchObject([{ run: full, verdict: "no-go" }]);
    await night.until("both are closed", () => night.homeState().runs.every(({ outcome }) => outcome === "finished"));
    expect([night.startsOf(run, "train"), night.homeState().runs.length]).toEqual([1, 2]);
  });

  it("unknown is no GO; without a verdict there is nothing to overrule, and without a next phase it is the deployment", async () => {
    night.start();
    const { run } = await start({ testLimits: { heldOut: true }, fullLimits: NO_GO });
    await expect(night.call("run-go", { run })).rejects.toMatchObject({ fault: { kind: "run.not-judged" } });
    expect((await night.untilEnded(run)).judged?.decision).toBe("your-call");
    const { run: full } = await night.call("run-go", { run });
    const held = await night.untilEnded(full);
    expect([held.judged?.decision, held.phases.deploy.held, held.deployed]).toEqual(["no-go", "no-go", null]);
    expect(await night.call("run-go", { run: full })).toEqual({ run: full });
    const deployed = await night.untilState(full, "deployed", (state) => state.ended !== null && state.deployed !== null);
    expect(deployed.deployed?.verdict).toBe("no-go");
  });

  it("tried again the test takes its campaign with it", async () => {
    night.start();
    const { run } = await start({ testLimits: NO_GO });
    await night.untilEnded(run);
    await closed(run);
    const again = await night.call("run-again", { run, lever: "suggested", limits: { lastLossBelow: null } });
    const test = await night.untilEnded(again.run);
    const full = await night.untilEnded(test.nextRun ?? "");
    expect([test.from?.lever, full.from?.run, full.name]).toEqual([again.lever, again.run, "jessy-maximum-v1"]);
    expect(new FolderHome(night.home).readPlan(full.id).training.num_train_epochs).toBe(5);
  });

  it("a campaign stopped by its person goes no further, whatever the gate would say", async () => {
    night.ollama.gate = new Promise(() => {});
    night.start();
    const { run } = await start({ testLimits: NO_GO });
    await night.untilState(run, "exporting", (state) => state.progress?.phase === "export");
    await night.call("run-stop", { run });
    await night.untilEnded(run);
    await expect(night.call("run-go", { run })).rejects.toMatchObject({ fault: { kind: "run.stopped" } });
    expect(night.homeState().runs).toHaveLength(1);
  });
});

describe("killed between any two lines", () => {
  /** A test at its gate, and an engine that is gone. */
  async function atTheGate(tonight = false): Promise<string> {
    startWithWindow();
    const { run } = await start({ testLimits: NO_GO, tonight });
    await night.untilEnded(run);
    await closed(run);
    await night.stop();
    return run;
  }

  const write = (run: string | null, ...bodies: readonly EventBody[]) => {
    const home = new FolderHome(night.home);
    const journal = run === null ? home.homeJournal() : home.runJournal(run);
    for (const body of bodies) journal.append(body, 0);
    journal.close();
  };
  const GO: EventBody = { type: "asked", command: "go" };

  /** What the dead engine had done, in its order. */
  function linesOf(run: string): { readonly id: string; readonly steps: readonly (readonly [name: string, () => void])[] } {
    const home = new FolderHome(night.home);
    const plan = home.readPlan(run);
    const next = nextPlan(plan, "no-go", Date.now());
    if (!next) throw new Error("nothing follows");
    const { id, name, campaign, kind, from } = next;
    const created = {
      type: "run-created",
      run: id,
      name,
      campaign,
      kind,
      model: "fake",
      data: plan.data.train,
      deployAs: name,
      ...(from ? { from } : {}),
    } as const;
    return {
      id,
      steps: [
        ["reopened", () => write(null, { type: "run-reopened", run })],
        ["asked", () => write(run, GO)],
        ["window", () => write(null, { type: "schedule-set", run: id, ...WINDOW })],
        ["made", () => home.createRun(next, INITIAL_CONTROL)],
        ["begun", () => write(id, created)],
        ["listed", () => write(null, { type: "run-added", run: id, name, campaign, kind, from: run })],
        ["recorded", () => write(run, { type: "campaign-advanced", run: id, verdict: "no-go" })],
      ],
    };
  }

  it("before the word is written the gate holds on", async () => {
    const run = await atTheGate();
    linesOf(run).steps[0]?.[1]();
    night.start();
    await closed(run);
    expect([night.state(run).nextRun, night.homeState().runs.length]).toEqual([null, 1]);
  });

  it.each(["asked", "window", "made", "begun", "listed", "recorded"])("after it was %s: one night follows, in its window", async (cut) => {
    const run = await atTheGate(true);
    const { id, steps } = linesOf(run);
    for (const [, step] of steps.slice(0, steps.findIndex(([name]) => name === cut) + 1)) step();
    startWithWindow();
    await night.untilState(run, "recorded and ended", ({ nextRun, ended }) => nextRun !== null && ended !== null);
    await night.untilState(id, "its rows are prepared", ({ phases }) => phases.prepare.status === "done");
    await closed(run);
    expect([night.state(run).nextRun, night.homeState().runs.map((one) => one.id)]).toEqual([id, [run, id]]);
    expect(new FolderHome(night.home).listRuns()).toHaveLength(2);
    expect(night.homeState().schedules.map((one) => one.run)).toEqual([id]);
    expect([night.count(run, "campaign-advanced"), night.count(id, "run-created"), night.startsOf(run, "train")]).toEqual([1, 1, 1]);
  });

  it("engines that die again and again while the gate opens leave one night", async () => {
    night.start();
    const { run } = await start();
    for (let kills = 0; kills < 40 && night.state(run).nextRun === null; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40 * (kills % 5)));
      await night.stop();
      night.start();
    }
    const test = await night.untilEnded(run);
    await night.untilEnded(test.nextRun ?? "");
    await night.until("both are closed", () => night.homeState().runs.every(({ outcome }) => outcome === "finished"));
    expect([names(), night.count(run, "campaign-advanced")]).toEqual([["jessy-test-v1 quick finished", "jessy-maximum-v1 full finished"], 1]);
  });
});
