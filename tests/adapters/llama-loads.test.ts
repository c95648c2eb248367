/** The GGUF that is handed on is one that stock llama.cpp loads, and it continues prompts with the very words Ollama gives. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { provideLlama } from "../../build/provision/llama.mjs";
import { readGguf } from "../../electron/adapters/ollama/copy-out.ts";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { GEMMA2, promptText } from "../../electron/core/plan.ts";
import type { ExportInput } from "../../electron/core/ports.ts";
import { collect, exportInput, only, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { makeWideModel } from "../fixtures/wide-model.ts";

const CONTINUE = fileURLToPath(new URL("../fixtures/llama-continue.mjs", import.meta.url));
const QUESTIONS = ["How many legs does a spider have?", "Senin adın ne?", "What is 3 plus 4?"];
const TOKENS = 24;
/** Both take their time on a machine that others use too. */
const TEST_MS = 240_000;

let llama: string;
let server: OllamaServer;
let out: string;
beforeAll(async () => {
  llama = await provideLlama();
  server = await startOllama();
  out = mkdtempSync(join(tmpdir(), "thortime-llama-"));
}, 900_000);
afterAll(async () => {
  await server.stop();
  rmSync(out, { recursive: true, force: true });
});

interface Continued {
  readonly architecture: string;
  readonly text: string;
  readonly tokens: readonly number[];
}

function continueWithLlama(gguf: string, prompts: readonly string[]): Promise<readonly Continued[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [CONTINUE, llama, gguf, String(TOKENS)], { timeout: 200_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`llama.cpp: ${stderr.slice(-500)}`, { cause: error }));
      else resolve(JSON.parse(stdout) as Continued[]);
    });
    child.stdin?.end(JSON.stringify(prompts));
  });
}

/** Greedy and without the deployed model's penalties: the bare continuation. */
async function continueWithOllama(model: string, prompt: string): Promise<string> {
  const options = { temperature: 0, repeat_penalty: 1, num_predict: TOKENS, num_thread: 1 };
  const reply = await fetch(`${server.url}/api/generate`, { method: "POST", body: JSON.stringify({ model, prompt, stream: false, options }) });
  return ((await reply.json()) as { response: string }).response;
}

async function exported(folder: string, changes: Partial<ExportInput>): Promise<string> {
  return only(await collect(createOllama(server.env).export(exportInput(folder, out, changes), new AbortController().signal)), "gguf-written").path;
}

test(
  "the practice model in 8 bit says the same in both",
  async () => {
    const gguf = await exported(PRACTICE_MODEL, {});
    const continued = await continueWithLlama(
      gguf,
      QUESTIONS.map((question) => promptText({ ...GEMMA2, system: "" }, question)),
    );
    const texts: string[] = [];
    for (const question of QUESTIONS) texts.push((await continueWithOllama("practice:cand-0001", question)).trim());
    expect(continued.map(({ text }) => text.trim())).toEqual(texts);
    expect(continued.map(({ architecture }) => architecture)).toEqual(QUESTIONS.map(() => "gemma2"));
    expect(texts.join(" ").split(/\s+/).length).toBeGreaterThan(3);
  },
  TEST_MS,
);

test(
  "a K-quantised model loads too",
  async () => {
    makeWideModel(join(out, "wide"));
    const gguf = await exported(join(out, "wide"), { candidate: "wide:cand-0001", quantize: "q4_K_M", ggufPath: join(out, "wide.Q4_K_M.gguf") });
    const [continued] = await continueWithLlama(gguf, [promptText({ ...GEMMA2, system: "" }, "merhaba")]);
    expect(continued?.tokens.length).toBeGreaterThan(0);
  },
  TEST_MS,
);

test(
  "what our header check refuses, llama.cpp refuses too",
  async () => {
    const gguf = await exported(PRACTICE_MODEL, { ggufPath: join(out, "cut.gguf") });
    truncateSync(gguf, readFileSync(gguf).length - 1000);
    expect(await readGguf(gguf)).toMatch(/truncated/);
    await expect(continueWithLlama(gguf, ["x"])).rejects.toThrow(/llama.cpp/);
  },
  TEST_MS,
);
