/** Faults 34 and 35: whatever answers on Ollama's port, and however, a call ends in time with one sentence and leaves nothing half-made. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LIMITS, type OllamaLimits } from "../../electron/adapters/ollama/client.ts";
import { createOllama } from "../../electron/adapters/ollama.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { toFault } from "../../electron/core/faults.ts";
import { build, WHOLE } from "../fixtures/gguf-file.ts";
import { collect, exportInput, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { cut, endless, endlessLines, type Handler, json, type Odd, type Place, page, stall, startOdd, startTcp, trickle } from "../fixtures/odd-ollama.ts";
import { freePort } from "../fixtures/ollama-server.ts";

const SHORT = { answerMs: 300, totalMs: 900, idleMs: 300, replyBytes: 100_000 };
const limits: OllamaLimits = { quick: SHORT, upload: SHORT, create: { ...SHORT, totalMs: 1500 }, ask: SHORT };
/** As many tensors as the practice model has, so that only the fault under test is one. */
const GGUF = build({ ...WHOLE, tensors: Array.from({ length: 24 }, (_, index) => ({ name: `t${index}`, shape: [32n], kind: 8, bytes: 34 })) });

let folder: string;
let open: Odd[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-odd-"));
  cpSync(PRACTICE_MODEL, join(folder, "merged"), { recursive: true });
  open = [];
});
afterEach(async () => {
  for (const odd of open) await odd.close();
  rmSync(folder, { recursive: true, force: true });
});

async function odd(wrong: Partial<Record<Place, Handler>>, gguf: Uint8Array = GGUF): Promise<Odd> {
  const server = await startOdd(folder, gguf, wrong);
  open.push(server);
  return server;
}

async function faultOf(work: Promise<unknown>): Promise<ReturnType<typeof toFault>> {
  const error = await work.then(
    () => {
      throw new Error("no fault");
    },
    (reason: unknown) => reason,
  );
  const fault = toFault(error);
  expect(fault.kind, String(error)).not.toBe("internal");
  expect(fault.message).toMatch(/^[A-Z].*[.)]$/s);
  expect(fault.next).not.toBe("");
  return fault;
}

const run = (server: Odd, changes = {}) =>
  collect(createOllama(server.env, limits).export(exportInput(join(folder, "merged"), join(folder, "out"), changes), new AbortController().signal));

describe("is Ollama there", () => {
  const kindOf = async (env: NodeJS.ProcessEnv) => {
    const found = await createOllama(env, limits).available();
    return "fault" in found ? found.fault.kind : found.version;
  };

  test("nothing on the port, another computer, a setting that is none", async () => {
    expect(await kindOf({ OLLAMA_HOST: `127.0.0.1:${await freePort()}` })).toBe("ollama.absent");
    for (const host of ["10.0.0.7", "ollama.example.com:443", "http://192.168.1.2:11434", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      expect(await kindOf({ OLLAMA_HOST: host }), host).toBe("ollama.remote");
    }
    for (const host of ["https://127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "ftp://127.0.0.1", "http://user@127.0.0.1", "127.0.0.1/x", "a b"]) {
      expect(await kindOf({ OLLAMA_HOST: host }), host).toBe("ollama.host");
    }
  });

  test.each<[string, Handler, string]>([
    ["a web page", page(200), "ollama.other-program"],
    ["a page not found", page(404), "ollama.other-program"],
    ["status 500", json({ error: "no" }, 500), "ollama.other-program"],
    ["a redirect, which is not followed", (_request, reply) => reply.writeHead(302, { location: "http://192.0.2.1/" }).end(), "ollama.other-program"],
    ["JSON of another program", json({ version: 3 }), "ollama.other-program"],
    ["truncated JSON", (_request, reply) => reply.end('{"version":"0.24'), "ollama.other-program"],
    ["headers without end", (_request, reply) => reply.writeHead(200, { x: "y".repeat(100_000) }).end("{}"), "ollama.other-program"],
    ["a connection cut", cut('{"version":'), "ollama.cut"],
    ["silence", stall, "ollama.slow"],
    ["one byte now and then", trickle, "ollama.slow"],
    ["an endless answer", endless, "ollama.endless"],
    ["version 0.16.9", json({ version: "0.16.9" }), "ollama.old"],
    ["version 0.17.1-rc0", json({ version: "0.17.1-rc0" }), "ollama.old"],
    ["version 0.0.0", json({ version: "0.0.0" }), "ollama.old"],
    ["version 0.17.1", json({ version: "0.17.1" }), "0.17.1"],
    ["version 1.0.0", json({ version: "1.0.0" }), "1.0.0"],
  ])("%s", async (_what, version, expected) => {
    const startMs = performance.now();
    expect(await kindOf((await odd({ version })).env)).toBe(expected);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  test("a program that speaks no HTTP, and one that hangs up", async () => {
    const banner = await startTcp((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
    const hangUp = await startTcp((socket) => socket.destroy());
    open.push(banner, hangUp);
    expect(await kindOf(banner.env)).toBe("ollama.other-program");
    expect(await kindOf(hangUp.env)).toBe("ollama.cut");
  });
});

describe("an export", () => {
  test("with everything right ends with a verified file", async () => {
    const events = await run(await odd({}));
    expect(events.at(-1)).toMatchObject({ type: "gguf-written", tensors: 24, architecture: "gemma2", quantization: "Q8_0" });
    expect(readdirSync(join(folder, "out"))).toEqual(["practice.Q8_0.gguf"]);
  });

  const WRONG: readonly (readonly [string, Handler, RegExp])[] = [
    ["status 500", json({ error: "the model runner has crashed" }, 500), /ollama\.failed/],
    ["a web page", page(200), /ollama\.(other-program|unreadable|failed|blobs)/],
    ["a page of an error", page(502), /ollama\.(other-program|failed)/],
    ["silence", stall, /ollama\.slow/],
    ["one byte now and then", trickle, /ollama\.slow/],
    ["a cut", cut('{"status":'), /ollama\.(cut|unreadable)/],
    ["an endless answer", endless, /ollama\.(endless|slow)/],
  ];
  const CASES = (["create", "show"] as const).flatMap((place) => WRONG.map(([what, handler, kind]) => [place, what, handler, kind] as const));
  test.each(CASES)("at %s: %s", async (place, _what, handler, kind) => {
    const { kind: got } = await faultOf(run(await odd({ [place]: handler })));
    expect(got).toMatch(kind);
    expect(existsSync(join(folder, "out")) ? readdirSync(join(folder, "out")) : []).toEqual([]);
  });

  test.each<[Place, string, Handler, string]>([
    ["head", "status 500", json({}, 500), "ollama.failed"],
    ["head", "silence", stall, "ollama.slow"],
    ["post", "status 500", (request, reply) => request.resume().once("end", () => json({ error: "no" }, 500)(request, reply)), "ollama.failed"],
    ["post", "silence", (request) => request.resume(), "ollama.slow"],
    [
      "post",
      "a refusal before the end",
      (_request, reply) => reply.writeHead(400, { connection: "close" }).end('{"error":"digest mismatch, expected"}'),
      "ollama.failed",
    ],
    ["post", "hanging up", (request) => request.socket.destroy(), "ollama.cut"],
    ["create", "lines without end", endlessLines, "ollama.endless"],
    ["create", "no success", (_request, reply) => reply.end('{"status":"converting model"}\n'), "ollama.failed"],
    ["create", "an error in the stream", (_request, reply) => reply.end('{"status":"x"}\n{"error":"unsupported architecture"}\n'), "ollama.failed"],
    ["create", "a full disk", (_request, reply) => reply.end('{"error":"write /x: no space left on device"}\n'), "disk.ollama"],
    ["create", "half a line at the end", (_request, reply) => reply.end('{"status":"success"}\n{"sta'), "ollama.unreadable"],
    ["show", "no model file", json({ modelfile: "FROM practice:latest" }), "ollama.blobs"],
    ["show", "a file that is no blob", json({ modelfile: "FROM /etc/passwd" }), "ollama.blobs"],
    ["show", "a path out of the blobs", json({ modelfile: `FROM /blobs/../../etc/sha256-${"0".repeat(64)}` }), "ollama.blobs"],
    ["show", "a blob nobody may read", json({ modelfile: `FROM /nowhere/blobs/sha256-${"0".repeat(64)}` }), "ollama.blobs"],
  ])("at %s: %s", async (place, _what, handler, kind) => {
    expect((await faultOf(run(await odd({ [place]: handler })))).kind).toBe(kind);
    expect(existsSync(join(folder, "out")) ? readdirSync(join(folder, "out")) : []).toEqual([]);
  });

  test("to a server that takes no bytes ends in time", async () => {
    // Larger than what the system buffers for a connection; sparse, so it costs nothing.
    truncateSync(join(folder, "merged", "model.safetensors"), 64 * 1024 * 1024);
    expect((await faultOf(run(await odd({ post: stall })))).kind).toBe("ollama.slow");
  });

  test("of a blob that was damaged or is another model", async () => {
    const damaged = await odd({}, GGUF.subarray(0, GGUF.length - 40));
    expect(await faultOf(run(damaged))).toMatchObject({ kind: "ollama.gguf", message: expect.stringContaining("truncated") as string });
    const other = await odd({}, build({ ...WHOLE, metadata: [["general.architecture", { type: "string", value: "llama" }]] }));
    expect(await faultOf(run(other))).toMatchObject({ kind: "ollama.gguf", message: expect.stringContaining("architecture is llama") as string });
    const lost = await odd({}, build(WHOLE));
    expect(await faultOf(run(lost))).toMatchObject({ kind: "ollama.gguf", message: expect.stringContaining("3 tensors instead of 24") as string });
    const rotten = await odd({});
    for (const name of readdirSync(join(folder, "blobs")))
      writeFileSync(
        join(folder, "blobs", name),
        GGUF.map((byte, index) => (index === GGUF.length - 1 ? 1 : byte)),
      );
    expect(await faultOf(run(rotten))).toMatchObject({ kind: "ollama.gguf", message: expect.stringContaining("does not match") as string });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  test("of files that are not plain files of the folder sends nothing", async () => {
    const server = await odd({});
    for (const name of ["../secret.json", "/etc/passwd", "a/b.json", "..", "", "x\0.json"]) {
      expect((await faultOf(run(server, { files: ["model.safetensors", name] }))).kind, JSON.stringify(name)).toBe("ollama.files");
    }
    expect((await faultOf(run(server, { files: ["model.safetensors", "missing.safetensors"] }))).message).toContain("missing.safetensors is missing");
    expect((await faultOf(run(server, { files: ["config.json"] }))).message).toContain("no weights");
    symlinkSync("/etc/hostname", join(folder, "merged", "linked.safetensors"));
    expect((await faultOf(run(server, { files: ["linked.safetensors"] }))).kind).toBe("ollama.files");
    writeFileSync(join(folder, "merged", "broken.safetensors"), Buffer.alloc(8, 0xff));
    expect((await faultOf(run(server, { files: ["broken.safetensors"] }))).message).toContain("damaged");
    expect(server.calls).toEqual([]);
  });

  test("leaves files that could run code, and files Ollama cannot read, at home", async () => {
    for (const name of ["pytorch_model.bin", "weights.pt", "modeling.py", "README.md"]) writeFileSync(join(folder, "merged", name), "x");
    const server = await odd({});
    await run(server);
    expect(server.calls.filter((call) => call === "POST post")).toHaveLength(6);
  });

  test.each(["head", "post", "create", "show"] as const)("cancelled at %s ends at once and can be done again", async (place) => {
    const controller = new AbortController();
    const hang: Handler = (request) => {
      request.resume();
      setTimeout(() => controller.abort(new Error("cancelled by the test")), 30);
    };
    const server = await odd({ [place]: hang });
    const events: EventBody[] = [];
    const exporting = async () => {
      const input = exportInput(join(folder, "merged"), join(folder, "out"));
      for await (const event of createOllama(server.env, LIMITS).export(input, controller.signal)) events.push(event);
    };
    const startMs = performance.now();
    await expect(exporting()).rejects.toThrow("cancelled by the test");
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(events.some((event) => event.type === "gguf-written")).toBe(false);
    expect((await run(await odd({}))).at(-1)).toMatchObject({ type: "gguf-written" });
  });

  test("that nobody reads to the end stops sending", async () => {
    const server = await odd({});
    for await (const event of createOllama(server.env, limits).export(exportInput(join(folder, "merged"), join(folder, "out")), new AbortController().signal)) {
      if (event.type === "export-progress" && event.task === "copy") break;
    }
    expect(server.calls.slice(-2)).toEqual(["POST create", "POST show"]);
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });
});

describe("a question and a promotion", () => {
  const promote = (server: Odd, digest = "aa") =>
    createOllama(server.env, limits).promote({ candidate: "practice:cand-0001", digest, name: "practice", ours: new Set() });

  test.each<[string, Handler, RegExp]>([
    ["status 404", json({ error: "model 'x' not found" }, 404), /could not answer as x \(model 'x' not found\)/],
    ["a web page", page(200), /could not be understood/],
    ["silence", stall, /did not answer within/],
    ["one byte now and then", trickle, /did not answer within/],
    ["an endless answer", endless, /longer than/],
    ["a cut", cut('{"response":"he'), /broke off/],
  ])("asked: %s", async (_what, generate, message) => {
    const { env } = await odd({ generate });
    expect((await faultOf(createOllama(env, limits).ask("x", "merhaba", new AbortController().signal))).message).toMatch(message);
  });

  test("a candidate that is gone, a copy refused, a copy that did not take", async () => {
    const gone = await odd({ tags: json({ models: null }) });
    expect((await faultOf(promote(gone))).kind).toBe("ollama.no-candidate");
    expect((await faultOf(promote(await odd({}), "bb"))).message).toContain("no longer the one that was tested");
    const refusing = await odd({ copy: json({ error: "permission denied" }, 500) });
    expect((await faultOf(promote(refusing))).message).toContain("permission denied");
    const forgetful = await odd({});
    expect((await faultOf(promote(forgetful))).message).toContain("did not keep");
    const babbling = await odd({ tags: page(200) });
    expect((await faultOf(promote(babbling))).kind).toBe("ollama.unreadable");
  });
});
