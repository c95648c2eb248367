/** "Fit to 06:00", made: run.json is rewritten before training begins and never after; a kill between the journal's line and the file loses nothing. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { KeptTrainers } from "../../electron/adapters/trainers.ts";
import { runPlanSchema } from "../../electron/core/plan.ts";
import type { Ports } from "../../electron/core/ports.ts";
import { nobody } from "./fakes.ts";
import { Night, PYTHON } from "./night.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LIMIT_MS = 5 * 60_000;
let night: Night;
beforeEach(() => {
  night = new Night();
});
afterEach(() => night.end());

const evening = () => {
  night.clock.jumpMs = Date.parse("2026-11-23T20:00:00Z") - Date.now();
};
const home = () => new FolderHome(night.home, night.clock.now);
const start = (overrides: Partial<Ports> = {}) => night.startLean({ home: home(), person: nobody, ...overrides });
const planOf = (run: string) => runPlanSchema.parse(JSON.parse(readFileSync(night.runPath(run, "run.json"), "utf8")));

async function planned(): Promise<string> {
  evening();
  start();
  const run = await night.begin({ steps: 4 }, { tonight: true });
  await night.untilState(run, "the rows are prepared", (state) => state.phases.prepare.status === "done");
  return run;
}

describe("a cut", () => {
  test("is journalled, stands in run.json, and the rows are prepared anew before the window opens", async () => {
    const run = await planned();
    expect(await night.call("run-cut", { run, cuts: [{ cut: "rows", to: 40 }] })).toBeNull();
    expect(planOf(run).data.rows).toBe(40);
    await night.untilState(run, "prepared anew", (state) => state.phases.prepare.status === "done" && state.cut?.rows === 40);
    expect([night.count(run, "plan-cut"), night.startsOf(run, "prepare"), night.startsOf(run, "train")]).toEqual([1, 2, 0]);
    night.clock.jumpMs = Date.parse("2026-11-23T22:00:01Z") - Date.now();
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
  });

  test("is refused once training has begun, with a next step, and nothing is changed", async () => {
    start();
    const run = await night.begin({ steps: 400, seconds: 0.05 });
    await night.untilTraining(run, 2);
    const before = planOf(run);
    const refused = night.call("run-cut", { run, cuts: [{ cut: "rows", to: 40 }] });
    await expect(refused).rejects.toMatchObject({ fault: { kind: "run.begun", next: expect.stringContaining("--continue") } });
    expect([planOf(run), night.count(run, "plan-cut")]).toEqual([before, 0]);
  });

  test("of more than the plan has is refused before anything is written", async () => {
    const run = await planned();
    await expect(night.call("run-cut", { run, cuts: [{ cut: "rows", to: 4000 }] })).rejects.toMatchObject({ fault: { kind: "usage.cut" } });
    expect([planOf(run).data.rows, night.count(run, "plan-cut")]).toEqual([null, 0]);
  });

  test("whose file a kill kept from being written is made before the next process starts", async () => {
    const run = await planned();
    await night.stop();
    const journal = home().runJournal(run);
    journal.append({ type: "plan-cut", epochs: null, rows: 30, evalSteps: 7 }, 9);
    journal.close();
    expect(planOf(run).data.rows).toBeNull();
    start();
    await night.until("prepared anew", () => night.startsOf(run, "prepare") === 2);
    expect([planOf(run).data.rows, planOf(run).training.eval_steps]).toEqual([30, 7]);
  });
});

test("with the real trainer: cut to one epoch of fewer rows, that is what it trains", { timeout: 2 * LIMIT_MS }, async () => {
  evening();
  const trainers = new KeptTrainers({ home: home(), python: () => PYTHON, packageFolder: at("python"), engineCommand: ["true"] });
  start({ trainers, machine: { metal: false } });
  const settings = { num_train_epochs: 2, load_in_4bit: false, dtype: "float32", max_seq_length: 128, gradient_checkpointing: false, eval_steps: 1000 };
  const files = { data: at("resources/practice/train.jsonl"), heldOut: at("resources/practice/held-out.jsonl"), model: at("resources/practice/model") };
  const { run } = await night.call("run-start", { name: "cut", ...files, kind: "full", rows: 160, deploy: false, settings, tonight: true });
  const whole = await night.untilState(run, "prepared", (state) => state.phases.prepare.status === "done", LIMIT_MS);
  expect(whole.prepared).toMatchObject({ rows: 160, epochs: 2, steps: 20 });
  const cuts = [
    { cut: "epochs", to: 1 },
    { cut: "rows", to: 96 },
  ] as const;
  await night.call("run-cut", { run, cuts: [...cuts] });
  const cut = await night.untilState(run, "prepared anew", (state) => state.phases.prepare.status === "done" && state.prepared !== null, LIMIT_MS);
  expect(cut.prepared).toMatchObject({ rows: 96, epochs: 1, steps: 6 });
  night.clock.jumpMs = Date.parse("2026-11-23T22:00:01Z") - Date.now();
  const done = await night.untilState(run, "trained", (state) => state.trained !== null, LIMIT_MS);
  expect(done.trained?.steps).toBe(6);
});
