/** Issue 5, point 4: a night needs the memory that idle models hold; a real Ollama lists and frees it, and what is asked is answered first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { toFault } from "../../electron/core/faults.ts";
import { parseLoaded } from "../../electron/core/ollama-reply.ts";
import type { Ollama } from "../../electron/core/ports.ts";
import { collect, exportInput, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { freePort, type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";

const MODEL = "practice:cand-0001";
let server: OllamaServer;
let ollama: Ollama;
let out: string;
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "thortime-memory-"));
  server = await startOllama();
  ollama = createOllama(server.env);
  await collect(ollama.export(exportInput(PRACTICE_MODEL, out), new AbortController().signal));
}, 900_000);
afterAll(async () => {
  await server.stop();
  rmSync(out, { recursive: true, force: true });
});

const load = (keepAlive: string | number) =>
  fetch(`${server.url}/api/generate`, { method: "POST", body: JSON.stringify({ model: MODEL, prompt: "hi", stream: false, keep_alive: keepAlive }) }).then(
    (reply) => reply.text(),
  );

async function untilNone(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await ollama.loaded()).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`still in memory: ${JSON.stringify(await ollama.loaded())}`);
}

describe("a real Ollama", () => {
  test("names what it holds, with its size and until when, and lets it go", async () => {
    expect(await ollama.loaded()).toEqual([]);
    await load("10m");
    const [model, ...others] = await ollama.loaded();
    expect(others).toEqual([]);
    expect(model?.name).toBe(MODEL);
    expect(model?.memoryBytes).toBeGreaterThan(100_000);
    expect(((model?.expiresAt ?? 0) - Date.now()) / 60_000).toBeGreaterThan(8);
    expect(((model?.expiresAt ?? 0) - Date.now()) / 60_000).toBeLessThan(12);
    await ollama.unload(MODEL);
    await untilNone();
  });

  test("names a model that stays for ever as one without an end", async () => {
    await load(-1);
    expect(await ollama.loaded()).toMatchObject([{ name: MODEL, expiresAt: null }]);
    await ollama.unload(MODEL);
    await untilNone();
  });

  test("answers what it is answering before it lets go", async () => {
    await load("10m");
    const body = JSON.stringify({
      model: MODEL,
      prompt: "hi",
      stream: true,
      raw: true,
      keep_alive: "10m",
      options: { num_predict: 300, stop: [], temperature: 2 },
    });
    const reply = await fetch(`${server.url}/api/generate`, { method: "POST", body });
    const text = reply.text();
    await ollama.unload(MODEL);
    expect(JSON.parse((await text).trim().split("\n").at(-1) ?? "{}")).toMatchObject({ done: true });
    await untilNone();
  });

  test("is asked again without harm: what is gone already, and what never was", async () => {
    await ollama.unload(MODEL);
    await ollama.unload("never-was:latest");
    await untilNone();
  });
});

test("no Ollama holds nothing, and letting go of it is refused in one sentence", async () => {
  const nobody = createOllama({ OLLAMA_HOST: `127.0.0.1:${await freePort()}` });
  expect(await nobody.loaded()).toEqual([]);
  const fault = await nobody.unload(MODEL).then(
    () => null,
    (error: unknown) => toFault(error),
  );
  expect(fault?.kind).toBe("ollama.absent");
});

test("an answer that is no list of models is none", () => {
  for (const text of ["", "[]", '{"models":[{}]}', '{"models":[{"name":"a","size":-1}]}', "<html>"]) expect(parseLoaded(text)).toBeNull();
  expect(parseLoaded('{"models":null}')).toEqual([]);
  expect(parseLoaded('{"models":[{"name":"a","size":5,"expires_at":"0001-01-01T00:00:00Z"}]}')).toEqual([{ name: "a", memoryBytes: 5, expiresAt: null }]);
});
