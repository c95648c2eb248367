/** A model that fails its first question is not promoted: the reason and the piece that spoke against it are kept, and `latest` serves on. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { SMOKE_TOKENS } from "../../electron/core/ollama-request.ts";
import { json } from "../fixtures/odd-ollama.ts";
import { makeWideModel } from "../fixtures/wide-model.ts";
import { QUESTION, variant } from "./deploy-home.ts";
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

/** In the place of Ollama's own reply, which has the same fields. */
function answering(response: string, changes: object = {}) {
  const reply = { model: "night", created_at: "2026-11-23T22:00:00Z", response, done: true, done_reason: "stop", eval_count: 1, ...changes };
  stage.proxy.wrong = { generate: (request, answer) => void request.resume().once("end", () => json(reply)(request, answer)) };
}

async function expectRefused(folder?: string): Promise<{ reason: string; evidence: string; answer: string; run: string }> {
  number += 1;
  const state = await stage.deploy({ name: `bad-${number}`, as: "night", topK: number, ...(folder === undefined ? {} : { folder }) });
  const { smoke, phases, deployed } = state;
  if (!smoke) throw new Error(`not tested: ${JSON.stringify(phases)}`);
  expect([smoke.passed, deployed, smoke.prompt]).toEqual([false, null, QUESTION]);
  expect(phases.deploy.fault).toMatchObject({
    kind: "ollama.smoke",
    message: expect.stringContaining(`(${smoke.reason}), so night was not changed.`) as string,
  });
  expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
  expect(stage.proxy.calls).not.toContain("copy");
  return { reason: smoke.reason, evidence: smoke.evidence ?? "", answer: smoke.answer, run: state.id };
}

const LONG = Array.from({ length: 300 }, (_, index) => `söz${index}`).join(" ");
test.each<[string, string, object, string, string]>([
  ["is empty", "", {}, "the answer was empty", ""],
  ["is nothing that can be seen", "\u200b\n \u00a0", {}, "the answer was empty", ""],
  ["shows the end of a turn", "Sekiz.<end_of_turn>", {}, 'the answer contains "<end_of_turn>", which belongs to the prompt format', "Sekiz.<end_of_turn>"],
  ["shows role words", "model\nSekiz.", {}, 'the answer contains "model", which belongs to the prompt format', "model\nSekiz."],
  [
    "goes on as the user",
    "Sekiz.\nuser\nPeki?\nmodel\nEvet.",
    {},
    'the answer contains "user", which belongs to the prompt format',
    "user\nPeki?\nmodel\nEvet.",
  ],
  ["shows another format", "Sekiz.<|im_end|>", {}, 'the answer contains "<|im_end|>", which belongs to the prompt format', "Sekiz.<|im_end|>"],
  ["repeats one word", "evet ".repeat(40), {}, 'the answer repeats "evet" over and over', "evet"],
  ["repeats one piece of a word", "la".repeat(80), {}, 'the answer repeats "la" over and over', "la"],
  ["repeats a sign", "! ".repeat(80), {}, 'the answer repeats "!" over and over', "!"],
  ["never ends", LONG, { done_reason: "length" }, "the answer does not come to an end", LONG.slice(-200)],
  ["was broken off by Ollama", LONG, { done: false, done_reason: undefined }, "the answer does not come to an end", LONG.slice(-200)],
])("row 37: the answer %s", async (_what, response, changes, reason, evidence) => {
  answering(response, changes);
  const refused = await expectRefused();
  expect(refused.reason).toBe(reason);
  expect(refused.evidence).toContain(evidence);
});

test("row 37: a real model whose every token is the same one", async () => {
  // Gemma's last norm multiplies by 1 + weight: at −1 nothing is left, all tokens are equally likely, and the first one is taken forever.
  const folder = variant(join(stage.night.path, "constant"), 1);
  setTensor(join(folder, "model.safetensors"), "model.norm.weight", -1);
  const { reason } = await expectRefused(folder);
  expect(reason).toMatch(/empty|repeats|belongs to the prompt format/);
});

test("row 37: a real model that has learned nothing, which talks until it is stopped", async () => {
  const folder = join(stage.night.path, "wide");
  makeWideModel(folder);
  const refused = await expectRefused(folder);
  expect(await stage.hand.answer("night")).toBe(answer);
  expect(refused.reason).toMatch(/empty|repeats|no text|does not come to an end|belongs to the prompt format/);
}, 180_000);

test(`row 37: a model is asked for at most ${SMOKE_TOKENS} tokens, greedily, and the memory is given back soon`, async () => {
  const seen: string[] = [];
  stage.proxy.wrong = {
    generate: (request, reply) => void request.on("data", (piece: Buffer) => seen.push(piece.toString())).once("end", () => reply.end("{}")),
  };
  const { id, phases } = await stage.deploy({ name: "asked", as: "night", topK: 1 });
  expect(phases.deploy.fault?.kind).toBe("ollama.unreadable");
  await stage.night.call("run-stop", { run: id });
  await stage.night.untilEnded(id);
  expect(JSON.parse(seen.join(""))).toMatchObject({ stream: false, keep_alive: "30s", options: { temperature: 0, num_predict: SMOKE_TOKENS } });
});

test("row 37: the verdict stands: an engine that starts again after it asks nobody a second time", async () => {
  const started = { type: "phase-started", phase: "deploy" } as const;
  const done = [{ type: "phase-started", phase: "export" } as const, { type: "phase-finished", phase: "export", seconds: 1 } as const];
  const smoke = { type: "smoke-tested", name: "night:cand", prompt: QUESTION, answer: "", passed: false, reason: "the answer was empty", seconds: 1 } as const;
  stage.proxy.reset();
  const state = await stage.deploy({ name: "killed", as: "night", more: [...done, started, smoke] });
  expect(state.phases.deploy.fault).toMatchObject({ kind: "ollama.smoke" });
  expect(stage.proxy.calls).not.toContain("generate");
  expect(await stage.hand.tags()).toEqual({ "night:latest": serving });
});

test("row 37: resumed, it is exported and asked anew, and serves once it passes", async () => {
  answering("evet ".repeat(40));
  const { run } = await expectRefused();
  stage.proxy.reset();
  await stage.night.call("run-resume", { run });
  const state = await stage.night.untilEnded(run);
  expect(state.smoke).toMatchObject({ passed: true });
  expect(await stage.hand.tags()).toEqual({ "night:latest": state.deployed?.digest, "night:prev": serving });
});

/** Overwrites every value of a float32 tensor. */
function setTensor(path: string, name: string, value: number): void {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { dtype: string; data_offsets: [number, number] }>;
  const tensor = header[name];
  if (tensor?.dtype !== "F32") throw new Error(`${name} is ${tensor?.dtype}`);
  for (let at = tensor.data_offsets[0]; at < tensor.data_offsets[1]; at += 4) bytes.writeFloatLE(value, 8 + length + at);
  writeFileSync(path, bytes);
}
