/** A real practice run through a simulated heat wave: rest and pace change when steps are made and nothing of what they learn. */
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { KeptTrainers } from "../../electron/adapters/trainers.ts";
import type { EventOf } from "../../electron/core/events.ts";
import { Night, PYTHON } from "./night.ts";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LIMIT_MS = 5 * 60_000;
const nights: Night[] = [];
afterEach(async () => {
  for (const night of nights.splice(0)) await night.end();
});

/** Twelve real steps with dropout; `weather` is called while they are made. */
async function train(weather: (night: Night, run: string) => Promise<void>): Promise<{ steps: EventOf<"step">[]; night: Night; run: string }> {
  const night = new Night();
  nights.push(night);
  const home = new FolderHome(night.home);
  const trainers = new KeptTrainers({ home, python: () => PYTHON, packageFolder: at("python"), engineCommand: ["true"] });
  night.startLean({ trainers, machine: { metal: false } });
  const settings = {
    max_steps: 12,
    lora_dropout: 0.1,
    load_in_4bit: false,
    dtype: "float32",
    max_seq_length: 128,
    gradient_checkpointing: false,
    eval_steps: 1000,
  };
  const files = { data: at("resources/practice/train.jsonl"), heldOut: at("resources/practice/held-out.jsonl"), model: at("resources/practice/model") };
  const { run } = await night.call("run-start", { name: "heat", ...files, kind: "quick", rows: 160, deploy: false, settings });
  await weather(night, run);
  await night.untilState(run, "trained", (state) => state.trained !== null, LIMIT_MS);
  const steps = night.events(run).flatMap((event): EventOf<"step">[] => (event.type === "step" ? [event] : []));
  return { steps, night, run };
}

it("rests in the heat and ends with the same losses, bit for bit", { timeout: 2 * LIMIT_MS }, async () => {
  const calm = await train(() => Promise.resolve());
  const hot = await train(async (night, run) => {
    await night.until("two steps", () => night.count(run, "step") >= 2, LIMIT_MS);
    night.sensors.celsius = 96;
    await night.untilState(run, "rests", (state) => state.obeyed?.desired === "rest", LIMIT_MS);
    night.sensors.celsius = 60;
  });
  const learnt = (steps: readonly EventOf<"step">[]) => steps.map(({ step, loss, gradNorm, tokens }) => ({ step, loss, gradNorm, tokens }));
  expect(learnt(hot.steps)).toEqual(learnt(calm.steps));
  expect(hot.steps).toHaveLength(12);
  expect(hot.night.state(hot.run).restSeconds).toBeGreaterThan(0.5);
  expect(calm.night.state(calm.run).governed).toBeNull();
});
