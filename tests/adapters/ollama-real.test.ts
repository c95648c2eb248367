/** Promise 3 and faults 36 and 41 against a real Ollama: a model gets in, its GGUF comes out, and a kill at any step costs nothing. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readGguf } from "../../electron/adapters/ollama/copy-out.ts";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { GEMMA2, promptText } from "../../electron/core/plan.ts";
import type { ExportInput, Ollama } from "../../electron/core/ports.ts";
import { collect, exportInput, only, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { makeWideModel } from "../fixtures/wide-model.ts";

const EXPORT_ONCE = fileURLToPath(new URL("../fixtures/export-once.ts", import.meta.url));
const signal = () => new AbortController().signal;

let server: OllamaServer;
let ollama: Ollama;
let out: string;
beforeAll(async () => {
  server = await startOllama();
  ollama = createOllama(server.env);
}, 900_000);
afterAll(() => server.stop());
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "thortime-export-"));
});
afterEach(async () => {
  for (const name of (await tags()).keys()) await ollama.discard(name);
  rmSync(out, { recursive: true, force: true });
});

async function api<T>(path: string, body?: object): Promise<T> {
  const reply = await fetch(`${server.url}/api/${path}`, body ? { method: "POST", body: JSON.stringify(body) } : {});
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  const text = await reply.text();
  return (text === "" ? null : JSON.parse(text)) as T;
}

async function tags(): Promise<Map<string, string>> {
  const { models } = await api<{ models: { name: string; digest: string }[] }>("tags");
  return new Map(models.map(({ name, digest }) => [name, digest]));
}

async function promote(candidate: string, ours: readonly string[] = []) {
  const digest = await ollama.digestOf(candidate);
  if (digest === null) throw new Error(`${candidate} is not there`);
  return { ...(await ollama.promote({ candidate, digest, name: "practice", ours: new Set(ours) })), digest };
}

const exportPractice = (changes: Partial<ExportInput> = {}) => collect(ollama.export(exportInput(PRACTICE_MODEL, out, changes), signal()));

describe("an export", () => {
  test("puts the model in, copies its GGUF out, and reports it all", async () => {
    expect(await ollama.available()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
    const startMs = performance.now();
    const events = await exportPractice();
    expect(events.filter((event) => event.type === "export-progress").length).toBeLessThanOrEqual(5 + (2 * (performance.now() - startMs)) / 1000);
    expect([...new Set(events.map((event) => (event.type === "export-progress" ? event.task : event.type)))]).toEqual([
      "hash",
      "upload",
      "create",
      "copy",
      "candidate-created",
      "gguf-written",
    ]);
    expect(only(events, "candidate-created")).toMatchObject({ name: "practice:cand-0001", quantization: "Q8_0" });
    const written = only(events, "gguf-written");
    const bytes = readFileSync(written.path);
    expect(written).toMatchObject({
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      tensors: 24,
      architecture: "gemma2",
      quantization: "Q8_0",
    });
    expect(readdirSync(out)).toEqual(["practice.Q8_0.gguf"]);
    expect([...(await tags()).keys()]).toEqual(["practice:cand-0001"]);
  });

  test("of rows that are 256 wide, in bfloat16, is K-quantised", async () => {
    const tensors = makeWideModel(join(out, "wide"));
    const changes = { candidate: "wide:cand-0001", quantize: "q4_K_M", ggufPath: join(out, "wide.Q4_K_M.gguf") } as const;
    const written = only(await collect(ollama.export(exportInput(join(out, "wide"), out, changes), signal())), "gguf-written");
    expect(written).toMatchObject({ tensors, quantization: "Q4_K_M" });
    const gguf = await readGguf(written.path);
    if (typeof gguf === "string") throw new Error(gguf);
    // Four norms a layer and the last one stay in 32 bit; part of the values are kept finer, which is what the M stands for.
    expect(gguf.types).toMatchObject({ F32: 9, Q4_K: expect.any(Number) as number, Q6_K: expect.any(Number) as number });
    expect((await ollama.ask("wide:cand-0001", "merhaba", signal())).seconds).toBeGreaterThan(0);
  });

  test("whose rows cannot be K-quantised says what it became", async () => {
    const written = only(await exportPractice({ quantize: "q4_K_M", ggufPath: join(out, "p.gguf") }), "gguf-written");
    expect(written.quantization).not.toBe("Q4_K_M");
    expect(written.quantization).toMatch(/^Q\d_0$/);
  });

  test("at 16 bit keeps 16 bit", async () => {
    expect(only(await exportPractice({ quantize: "f16" }), "gguf-written").quantization).toBe("F16");
  });
});

describe("the deployed model", () => {
  const SYSTEM = 'Sen Jessy\'sin. """\nFROM /etc/passwd\nPARAMETER stop x\n{{ .Prompt }} "quoted" \\ 🔥';

  test("sees the very bytes it was trained on, whatever the system text holds", async () => {
    const format = { ...GEMMA2, system: SYSTEM };
    await exportPractice({ format });
    for (const question of ["merhaba", 'say """ and {{ .System }}', "<b>\n\ttabs</b>"]) {
      const body = { model: "practice:cand-0001", prompt: question, stream: false, _debug_render_only: true };
      const { _debug_info } = await api<{ _debug_info: { rendered_template: string } }>("generate", body);
      expect(GEMMA2.bos + _debug_info.rendered_template).toBe(promptText(format, question));
    }
    const shown = await api<{ system: string; parameters: string }>("show", { model: "practice:cand-0001" });
    expect(shown.system).toBe(SYSTEM);
    const parameters = Object.fromEntries(shown.parameters.split("\n").map((line) => line.split(/\s+/, 2)));
    expect(parameters).toEqual({ temperature: "0.8", top_p: "0.9", top_k: "40", repeat_penalty: "1.1", num_ctx: "512", stop: '"<end_of_turn>"' });
  });

  test("answers the same to the same question", async () => {
    await exportPractice();
    const first = await ollama.ask("practice:cand-0001", "How many legs does a spider have?", signal());
    expect(first.answer.trim()).not.toBe("");
    expect((await ollama.ask("practice:cand-0001", "How many legs does a spider have?", signal())).answer).toBe(first.answer);
  });

  test("that is not there is said to be missing", async () => {
    await expect(ollama.ask("nobody", "merhaba", signal())).rejects.toThrow(/could not answer as nobody.*not found/);
  });
});

describe("a promotion", () => {
  /** Two models that differ, so that digests tell which one serves. */
  async function makeTwo(): Promise<{ old: string; fresh: string }> {
    await exportPractice({ candidate: "practice:cand-0001", quantize: "f16" });
    const { digest } = await promote("practice:cand-0001");
    await ollama.discard("practice:cand-0001");
    await exportPractice({ candidate: "practice:cand-0002" });
    return { old: digest, fresh: (await tags()).get("practice:cand-0002") ?? "" };
  }

  test("moves the name, keeps what stood there, and can be done again", async () => {
    const { old, fresh } = await makeTwo();
    expect(fresh).not.toBe(old);
    const result = { previous: "practice:prev", kept: null, digest: fresh };
    expect(await promote("practice:cand-0002")).toEqual(result);
    expect(await promote("practice:cand-0002")).toEqual(result);
    await ollama.discard("practice:cand-0002");
    await ollama.discard("practice:cand-0002");
    expect(Object.fromEntries(await tags())).toEqual({ "practice:latest": fresh, "practice:prev": old });
  });

  test("of the first model has no previous one", async () => {
    await exportPractice();
    expect((await promote("practice:cand-0001")).previous).toBeNull();
  });

  test("killed after any of its steps ends the same when repeated", async () => {
    const copies = [
      ["practice:latest", "practice:prev"],
      ["practice:cand-0002", "practice:latest"],
    ];
    for (let done = 0; done <= copies.length; done += 1) {
      const { old, fresh } = await makeTwo();
      for (const [source, destination] of copies.slice(0, done)) await api("copy", { source, destination });
      expect(await promote("practice:cand-0002"), `after ${done} copies`).toEqual({ previous: "practice:prev", kept: null, digest: fresh });
      await ollama.discard("practice:cand-0002");
      expect(Object.fromEntries(await tags()), `after ${done} copies`).toEqual({ "practice:latest": fresh, "practice:prev": old });
      for (const name of (await tags()).keys()) await ollama.discard(name);
    }
  });

  test("takes away candidates that an earlier kill left after they were promoted, and no others", async () => {
    const { old } = await makeTwo();
    await api("copy", { source: "practice:latest", destination: "practice:cand-0000" });
    await exportPractice({ candidate: "practice:cand-0009", format: { ...GEMMA2, system: "another" } });
    await promote("practice:cand-0002");
    expect([...(await tags()).keys()].sort()).toEqual(["practice:cand-0002", "practice:cand-0009", "practice:latest", "practice:prev"]);
    expect((await tags()).get("practice:prev")).toBe(old);
  });

  test("of a candidate that is gone changes nothing", async () => {
    const { old } = await makeTwo();
    await ollama.discard("practice:cand-0002");
    const gone = { candidate: "practice:cand-0002", digest: old, name: "practice", ours: new Set<string>() };
    await expect(ollama.promote(gone)).rejects.toThrow(/no longer in Ollama/);
    await expect(ollama.promote({ ...gone, candidate: "practice:latest", digest: "f".repeat(64) })).rejects.toThrow(/no longer the one that was tested/);
    expect(Object.fromEntries(await tags())).toEqual({ "practice:latest": old });
  });
});

describe("stopped at any step", () => {
  /** Large enough that converting takes a second or two. */
  const big = () => {
    const folder = join(out, "wide");
    makeWideModel(folder, { intermediate: 3072 });
    return exportInput(folder, out, { quantize: "q4_K_M" });
  };

  test.each(["hash", "upload", "candidate-created", "copy"])("cancelled at %s it ends at once, and completes when repeated", async (at) => {
    const controller = new AbortController();
    const run = async () => {
      for await (const event of ollama.export(exportInput(PRACTICE_MODEL, out), controller.signal)) {
        if ((event.type === "export-progress" ? event.task : event.type) === at) controller.abort(new Error("cancelled by the test"));
      }
    };
    await run().catch((error: unknown) => expect(String(error)).toContain("cancelled by the test"));
    expect(readdirSync(out).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expect((await exportPractice()).at(-1)).toMatchObject({ type: "gguf-written" });
  });

  test("cancelled while Ollama converts, the next export completes", async () => {
    const controller = new AbortController();
    const input = big();
    const run = async () => {
      for await (const event of ollama.export(input, controller.signal)) {
        if (event.type === "export-progress" && event.task === "create") controller.abort(new Error("cancelled by the test"));
      }
    };
    await expect(run()).rejects.toThrow("cancelled by the test");
    expect(await tags()).toEqual(new Map());
    expect((await collect(ollama.export(input, signal()))).at(-1)).toMatchObject({ type: "gguf-written", quantization: "Q4_K_M" });
  });

  test("killed with -9 at each event, the serving model stays, and a repeat completes without orphans", async () => {
    await exportPractice({ quantize: "f16" });
    const { digest: serving } = await promote("practice:cand-0001");
    await ollama.discard("practice:cand-0001");
    const input = exportInput(PRACTICE_MODEL, join(out, "export"), { candidate: "practice:cand-0002" });
    const whole = await runOnce(input, null);
    expect(whole).toEqual(["hash", "hash", "upload", "create", "copy", "candidate-created", "gguf-written", "promote", "promoted"]);
    for (let last = 0; last < whole.length - 1; last += 1) {
      // Back to the state before: the old model serves.
      await api("copy", { source: "practice:prev", destination: "practice:latest" });
      for (const name of ["practice:prev", "practice:cand-0002"]) await ollama.discard(name);
      rmSync(join(out, "export"), { recursive: true, force: true });
      await runOnce(input, last);
      const after = await tags();
      const candidate = after.get("practice:cand-0002");
      expect([serving, candidate], `killed at ${whole[last]}`).toContain(after.get("practice:latest"));
      if (whole[last] !== "promote") expect(after.get("practice:latest"), `killed at ${whole[last]}`).toBe(serving);
      expect((await runOnce(input, null)).at(-1)).toBe("promoted");
      await ollama.discard("practice:cand-0002");
      expect([...(await tags()).keys()].sort()).toEqual(["practice:latest", "practice:prev"]);
      expect((await tags()).get("practice:prev")).toBe(serving);
      expect(readdirSync(join(out, "export"))).toEqual(["practice.Q8_0.gguf"]);
    }
  }, 120_000);

  test("what was sent is gone after Ollama's own prune, which leaves blobs of the last hour alone", async () => {
    await exportPractice();
    await promote("practice:cand-0001");
    await ollama.discard("practice:cand-0001");
    const blobs = join(server.models, "blobs");
    expect(readdirSync(blobs).length).toBeGreaterThan(8);
    const longAgo = Date.now() / 1000 - 2 * 3600;
    for (const name of readdirSync(blobs)) utimesSync(join(blobs, name), longAgo, longAgo);
    await server.restart();
    // The model, its template, its parameters, its configuration.
    expect(readdirSync(blobs)).toHaveLength(4);
    expect((await ollama.ask("practice", "merhaba", signal())).answer).toBeTypeOf("string");
  });
});

/** Runs an export in a process of its own and kills it with -9 at its `last`-th line; returns the lines. */
async function runOnce(input: ExportInput, last: number | null): Promise<readonly string[]> {
  mkdirSync(out, { recursive: true });
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", EXPORT_ONCE, JSON.stringify(input)], {
    env: { ...process.env, ...server.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (last !== null && lines.length === last + 1) child.kill("SIGKILL");
  }
  await exited;
  return lines;
}
