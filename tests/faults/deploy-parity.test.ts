/** A model that gets another prompt in Ollama than in training is never promoted; one that goes on with other words waits for its person. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Scored } from "../../electron/core/parity.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { Stage } from "./deploy-stage.ts";

/** Each deployment asks the model half a dozen questions, which takes tens of seconds where others compute too. */
vi.setConfig({ testTimeout: 300_000 });

let stage: Stage;
let serving: string;
let answer: string;
let number = 0;
beforeAll(async () => {
  stage = await Stage.open();
  const first = await stage.deploy({ name: "first", as: "night" });
  serving = first.deployed?.digest ?? "";
  answer = await stage.hand.answer("night");
  stage.proxy.reset();
}, 900_000);
afterEach(() => stage.proxy.reset());
afterAll(() => stage.close());

/** Ollama makes the model with a template that is not quite the one it was told. */
function alterTemplate(change: (template: string) => string): void {
  stage.proxy.alter = {
    create: (body) => {
      const asked = JSON.parse(body) as { template: string };
      return JSON.stringify({ ...asked, template: change(asked.template) });
    },
  };
}

/** As an Ollama that does not know the word: it answers instead. */
function withoutLook(): void {
  const forget = (body: string) => JSON.stringify({ ...(JSON.parse(body) as object), _debug_render_only: undefined });
  stage.proxy.alter = { ...stage.proxy.alter, generate: forget, chat: forget };
}

async function expectStopped() {
  number += 1;
  const state = await stage.deploy({ name: `altered-${number}`, as: "night", topK: number });
  expect(state.smoke, "the altered prompt still brings an answer that is fit").toMatchObject({ passed: true });
  expect(state.parity?.template).toMatchObject({ same: false });
  expect([state.latency, state.persona, state.deployed]).toEqual([null, null, null]);
  expect(state.phases.deploy).toMatchObject({
    status: "failed",
    fault: { kind: "ollama.template", message: expect.stringContaining("so night was not changed.") as string },
  });
  expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
  expect(stage.proxy.calls).not.toContain("copy");
  expect(await stage.hand.answer("night")).toBe(answer);
  return state;
}

describe("row 37: a template that is not the trainer's", () => {
  test.each<[string, (template: string) => string]>([
    ["has a space too many", (template) => template.replace("user\n", "user \n")],
    ["lacks a line's end", (template) => template.replace("<end_of_turn>\n<start", "<end_of_turn><start")],
    ["has its own beginning of text", (template) => `<bos>${template}`],
    ["says something of its own", (template) => template.replace("{{ .Prompt }}", "{{ .Prompt }} Be brief.")],
  ])("%s: the deployment stops, and the old model answers as before", async (_what, change) => {
    alterTemplate(change);
    const { parity } = await expectStopped();
    expect(parity?.template).toMatchObject({ by: "rendered", difference: { at: expect.any(Number) as number } });
    expect(parity).toMatchObject({ agreement: null, tokens: 0 });
  });

  test("is found by its text where Ollama does not show what it asks", async () => {
    alterTemplate((template) => template.replace("user\n", "user \n"));
    withoutLook();
    const { parity } = await expectStopped();
    expect(parity?.template.by).toBe("text");
  });

  test("stays stopped when an engine starts again, and is exported anew when its person resumes it", async () => {
    alterTemplate((template) => template.replace("user\n", "user \n"));
    const { id } = await expectStopped();
    stage.proxy.reset();
    await stage.restart();
    await stage.night.call("engine-info", {});
    expect(stage.night.state(id).phases.deploy.status).toBe("failed");
    expect(stage.proxy.calls).not.toContain("generate");
    await stage.night.call("run-resume", { run: id });
    const state = await stage.night.untilEnded(id);
    expect(state.parity?.template).toEqual({ same: true, by: "rendered", checked: 1 });
    expect(await stage.hand.tags()).toEqual({ "night:latest": state.deployed?.digest, "night:prev": serving });
    const started = performance.now();
    await stage.night.call("version-undo", { name: "night" });
    process.stdout.write(`undo: ${Math.round(performance.now() - started)} ms\n`);
    expect(await stage.hand.tags()).toEqual({ "night:latest": serving, "night:prev": state.deployed?.digest });
    expect(await stage.hand.answer("night")).toBe(answer);
    await stage.hand.remove("night:prev");
  });
});

test("an Ollama that does not show what it asks is believed its template's text", async () => {
  withoutLook();
  const state = await stage.deploy({ name: "blind", as: "other" });
  expect(state.parity?.template).toEqual({ same: true, by: "text", checked: 1 });
  expect(state.deployed).not.toBeNull();
  await stage.hand.remove("other:latest");
});

/** An adapter that is said to have answered quite differently. */
const OTHER: Scored = { prompt: "q", step: 1, promptTokens: 18, pieces: ["7a7a"], best: ["7a7a"], logprobs: [-0.1], ended: false };

describe("tokens that do not agree", () => {
  const limits = { ...ANY_RESULT, tokenAgreement: 0.99 };

  test.each<[string, readonly Scored[], number | null]>([
    ["differ", [OTHER], 0],
    ["are not known", [], null],
    ["are another checkpoint's", [{ ...OTHER, step: 7 }], null],
  ])("%s: it is left to a person, and nothing is left in Ollama", async (_what, scored, agreement) => {
    number += 1;
    const state = await stage.deploy({ name: `far-${number}`, as: "night", topK: number, limits, scored });
    expect(state.parity).toMatchObject({ agreement, limit: 0.99, template: { same: true } });
    expect(state.phases.deploy).toMatchObject({ status: "skipped", held: "your-call", why: expect.stringContaining("token-agreement") as string });
    expect([state.deployed, state.ended?.outcome]).toEqual([null, "finished"]);
    expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
    await stage.night.call("run-deploy", { run: state.id });
    const wanted = await stage.night.untilState(state.id, "deployed", ({ deployed, ended }) => deployed !== null && ended !== null, 120_000);
    expect(wanted.deployed).toMatchObject({ verdict: "your-call" });
    expect(await stage.hand.tags()).toEqual({ "night:latest": wanted.deployed?.digest, "night:prev": serving });
    await stage.night.call("version-undo", { name: "night" });
    await stage.hand.remove("night:prev");
  });

  test("where nothing is asked for they are told", async () => {
    number += 1;
    const state = await stage.deploy({ name: `told-${number}`, as: "told", topK: number, scored: [OTHER] });
    expect(state.parity).toMatchObject({ agreement: 0, limit: null, evidence: [{ prompt: "q", at: 0, expected: "zz" }] });
    expect(state.deployed).toMatchObject({ verdict: "go" });
  });
});

test("the time to an answer is measured apart from loading, on prompts of the length that is said", async () => {
  const state = await stage.deploy({ name: "timed", as: "timed", limits: { ...ANY_RESULT, latencyBelowSeconds: 1e-9 } });
  const { latency } = state;
  if (!latency) throw new Error("not measured");
  expect(latency.promptTokens).toBeGreaterThan(100);
  expect(latency.runs).toHaveLength(3);
  expect([...latency.runs].sort((a, b) => a - b)[1]).toBe(latency.seconds);
  expect(latency.loadSeconds).toBeGreaterThan(0);
  expect(state.phases.deploy).toMatchObject({ held: "your-call", why: expect.stringContaining("latency") as string });
});
