/** Whatever answers on Ollama's port, and however: the run is not lost, `latest` stays, one sentence says what to do, and done again it completes. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LIMITS, type OllamaLimits } from "../../electron/adapters/ollama/client.ts";
import { createOllama } from "../../electron/adapters/ollama.ts";
import type { Fault } from "../../electron/core/events.ts";
import type { RunState } from "../../electron/core/state.ts";
import { Night } from "../engine/night.ts";
import { collect, exportInput, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { cut, endless, endlessLines, type Handler, json, type Odd, type Place, page, stall, startTcp, trickle } from "../fixtures/odd-ollama.ts";
import { freePort, type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { ByHand, QUESTION } from "./deploy-home.ts";
import { OllamaProxy } from "./deploy-proxy.ts";

/** The same limits as in life, but for their length: an answer of the real Ollama fits in, silence does not take minutes. */
const SHORT = { answerMs: 1_500, totalMs: 2_500, idleMs: 1_000, replyBytes: 200_000 };
const ROOMY = { ...SHORT, answerMs: 8_000, totalMs: 10_000 };
const WELL = { answerMs: 20_000, totalMs: 30_000 };
/** A run that gets as far as its promotion has been asked half a dozen questions by then. */
const SLOWEST_MS = 30_000;

let server: OllamaServer;
let proxy: OllamaProxy;
let hand: ByHand;
let night: Night;
let run: string;
/** A person's own model, which stands under the name. */
let own: string;
const env: { OLLAMA_HOST: string } = { OLLAMA_HOST: "" };
let limits: OllamaLimits;
const odd: Odd[] = [];

beforeAll(async () => {
  server = await startOllama();
  proxy = await OllamaProxy.start(server.url);
  hand = new ByHand(server);
  night = new Night();
  mkdirSync(join(night.path, "own"));
  await collect(
    createOllama(server.env).export(
      exportInput(PRACTICE_MODEL, join(night.path, "own"), { candidate: "own:v1", quantize: "f16" }),
      new AbortController().signal,
    ),
  );
  own = (await hand.tags())["own:v1"] ?? "";
  await hand.copy("own:v1", "night:latest");
  env.OLLAMA_HOST = `127.0.0.1:${await freePort()}`;
  beShort();
  const changing = () => createOllama(env, limits);
  const ollama = {
    available: () => changing().available(),
    export: (...args: Parameters<ReturnType<typeof createOllama>["export"]>) => changing().export(...args),
    ask: (...args: Parameters<ReturnType<typeof createOllama>["ask"]>) => changing().ask(...args),
    fromGguf: (...args: Parameters<ReturnType<typeof createOllama>["fromGguf"]>) => changing().fromGguf(...args),
    chat: (...args: Parameters<ReturnType<typeof createOllama>["chat"]>) => changing().chat(...args),
    render: (...args: Parameters<ReturnType<typeof createOllama>["render"]>) => changing().render(...args),
    templateOf: (name: string) => changing().templateOf(name),
    continue: (...args: Parameters<ReturnType<typeof createOllama>["continue"]>) => changing().continue(...args),
    digestOf: (name: string) => changing().digestOf(name),
    promote: (...args: Parameters<ReturnType<typeof createOllama>["promote"]>) => changing().promote(...args),
    swap: (...args: Parameters<ReturnType<typeof createOllama>["swap"]>) => changing().swap(...args),
    names: () => changing().names(),
    remove: (tag: string, digest: string) => changing().remove(tag, digest),
    discard: (name: string) => changing().discard(name),
    loaded: () => changing().loaded(),
    unload: (name: string) => changing().unload(name),
  };
  night.start({ ollama, readText: () => JSON.stringify([{ id: "q", category: "basic", text: QUESTION }]) });
  run = await night.begin({ merged: PRACTICE_MODEL, steps: 2 });
}, 900_000);
afterEach(async () => {
  proxy.reset();
  for (const one of odd.splice(0)) await one.close();
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
  await night.end();
});

/** What works, and takes a moment in life, is given that moment. */
function beShort(wrong?: Place): void {
  limits = { quick: SHORT, upload: SHORT, create: wrong === "create" ? SHORT : ROOMY, ask: wrong === "generate" ? SHORT : ROOMY };
}

function beWell(): void {
  proxy.reset();
  env.OLLAMA_HOST = proxy.env.OLLAMA_HOST;
  limits = { ...LIMITS, quick: { ...LIMITS.quick, ...WELL } };
}

/** One sentence, no trace of the inside, and something to do. */
function expectPlain({ kind, message, next }: Fault): void {
  expect(kind).toMatch(/^ollama\./);
  expect(message).toMatch(/^[A-Z][^\n]{10,400}[.)]$/);
  expect(message).not.toMatch(/\bat \w+ \(|node:|ECONN|undefined|\[object/);
  expect(next).toMatch(/\w{3,}/);
}

async function expectUntouched(): Promise<void> {
  const tags = await hand.tags();
  expect(tags["night:latest"]).toBe(own);
}

const atRest = (state: RunState) => state.ended !== null || Object.values(state.phases).some(({ status }) => status === "failed");

/** Asked until the run has come to rest; the time that took. */
async function ask(command: "run-deploy" | "run-export" | "run-resume"): Promise<{ state: RunState; seconds: number }> {
  const startMs = performance.now();
  await night.call(command, { run });
  const state = await night.untilState(run, "at rest", atRest);
  return { state, seconds: (performance.now() - startMs) / 1000 };
}

async function completes(command: "run-deploy" | "run-resume"): Promise<void> {
  beWell();
  const { state } = await ask(command);
  expect(state.ended?.outcome).toBe("finished");
  const tags = await hand.tags();
  expect(tags["night:latest"]).toBe(state.deployed?.digest);
  expect(tags["night:latest"]).not.toBe(own);
  expect(tags["night:prev"]).toBe(own);
  expect(Object.keys(tags).filter((tag) => tag.includes(":cand-"))).toEqual([]);
  expect(night.startsOf(run, "train")).toBe(1);
}

describe("row 34", () => {
  test("row 34: Ollama is not there in a normal night: training ends well, and how to go on is said", async () => {
    const state = await night.untilEnded(run);
    expect(state.ended?.outcome).toBe("finished");
    expect(state.checkpoints.length).toBeGreaterThan(0);
    expect(state.phases.export).toMatchObject({
      status: "skipped",
      why: `Ollama is not running on this computer. Start Ollama (from ollama.com). Then: thortime deploy ${run}.`,
    });
    await expectUntouched();
  });

  const another = (handler: Handler) => async () => {
    proxy.wrong = { version: handler };
    return proxy.env.OLLAMA_HOST;
  };
  const noHttp = (text: string | null) => async () => {
    const server = await startTcp((socket) => (text === null ? socket.destroy() : socket.end(text)));
    odd.push(server);
    return server.env.OLLAMA_HOST;
  };
  test.each<[string, () => Promise<string>, RegExp]>([
    ["it is down, or was never installed", async () => `127.0.0.1:${await freePort()}`, /not running on this computer\. Start Ollama/],
    ["it is too old", another(json({ version: "0.17.0" })), /Ollama 0\.17\.0 is too old; 0\.17\.1 or newer is needed\. Update Ollama/],
    ["another program answers with a page", another(page(200)), /Another program, and not Ollama/],
    ["another program answers with JSON", another(json({ name: "x" })), /Another program, and not Ollama/],
    ["another program that speaks no HTTP", noHttp("SSH-2.0-OpenSSH_9.6\r\n"), /Another program, and not Ollama/],
    ["another program that hangs up", noHttp(null), /connection to Ollama broke off/],
    ["it is silent", another(stall), /did not answer within/],
    ["it gives a byte now and then", another(trickle), /did not answer within/],
    ["it answers without end", another(endless), /longer than the 200000 bytes/],
    ["it is on another computer", async () => "192.168.7.7:11434", /names another computer \(192\.168\.7\.7\)/],
  ])("row 34: %s", async (_what, place, why) => {
    beShort();
    env.OLLAMA_HOST = await place();
    for (const command of ["run-deploy", "run-export"] as const) {
      const { state, seconds } = await ask(command);
      expect(state.phases.export).toMatchObject({ status: "skipped", why: expect.stringMatching(why) as string });
      expect(state.phases.export.why).toContain(`Then: thortime deploy ${run}.`);
      expect(state.ended?.outcome).toBe("finished");
      expect(seconds).toBeLessThan(SLOWEST_MS / 1000);
    }
    await expectUntouched();
  });

  test("row 34: it is there again: deployed when asked, without training again", () => completes("run-deploy"));
});

describe("row 35", () => {
  const truncated: Handler = (_request, reply) => reply.end('{"models":[{"name":"nig');
  const KINDS: readonly (readonly [string, Handler])[] = [
    ["silence", stall],
    ["one byte now and then", trickle],
    ["status 500", json({ error: "llama runner process has terminated" }, 500)],
    ["a page in place of JSON", page(200)],
    ["truncated JSON", truncated],
    ["an endless stream", endless],
    ["the connection reset", (request) => request.socket.resetAndDestroy()],
    ["a reply cut short", cut('{"status":"success"')],
  ];
  const at = (...places: Place[]) => places.flatMap((place) => KINDS.map(([what, handler]) => [place, what, handler] as const));
  const some = (place: Place, ...names: string[]) => KINDS.filter(([what]) => names.includes(what)).map(([what, handler]) => [place, what, handler] as const);
  const CASES = [
    ...at("create", "generate"),
    ...some("head", "silence", "status 500", "the connection reset"),
    ...some("show", "one byte now and then", "a page in place of JSON", "truncated JSON"),
    ...some("tags", "silence", "truncated JSON", "an endless stream"),
    ...some("copy", "silence", "status 500", "the connection reset"),
    ["create", "whole lines without end", endlessLines] as const,
  ];

  test.each(CASES)("row 35: at %s: %s", async (place, _what, handler) => {
    await hand.copy("own:v1", "night:latest");
    beWell();
    beShort(place);
    proxy.wrong = { [place]: handler };
    const { state, seconds } = await ask("run-deploy");
    const failed = Object.values(state.phases).find(({ status }) => status === "failed");
    if (!failed?.fault) throw new Error("nothing failed");
    expectPlain(failed.fault);
    expect(seconds).toBeLessThan(SLOWEST_MS / 1000);
    expect(state.ended).toBeNull();
    await expectUntouched();
    await completes("run-resume");
  });

  test("row 35: a reply lost after the name had moved: done again it ends the same, and the old model is still the previous one", async () => {
    await hand.copy("own:v1", "night:latest");
    beWell();
    beShort();
    let copies = 0;
    proxy.rewrite = {
      copy: (text) => {
        copies += 1;
        if (copies === 2) proxy.wrong = { tags: stall };
        return text;
      },
    };
    const { state } = await ask("run-deploy");
    expect(state.phases.deploy.fault?.kind).toBe("ollama.slow");
    expect((await hand.tags())["night:latest"]).toBe(state.candidate?.digest);
    await completes("run-resume");
  });

  test("row 35: in a normal night, Ollama that hangs in the middle of making the model leaves the run waiting, and resumed it completes", async () => {
    await hand.copy("own:v1", "dawn:latest");
    beShort("create");
    env.OLLAMA_HOST = proxy.env.OLLAMA_HOST;
    proxy.wrong = { create: (_request, reply) => void reply.write('{"status":"converting model"}\n') };
    const id = await night.begin({ merged: PRACTICE_MODEL, steps: 2 }, { name: "dawn" });
    const state = await night.untilState(id, "export failed", ({ phases }) => phases.export.status === "failed", 60_000);
    expect(state.phases.export.fault).toMatchObject({ kind: "ollama.slow", next: expect.stringContaining("try again") as string });
    expect((await hand.tags())["dawn:latest"]).toBe(own);
    beWell();
    await night.call("run-resume", { run: id });
    const ended = await night.untilEnded(id);
    expect((await hand.tags())["dawn:latest"]).toBe(ended.deployed?.digest);
    expect([night.startsOf(id, "train"), night.startsOf(id, "merge")]).toEqual([1, 1]);
  });
});
