/** Ollama on this computer, over HTTP on loopback. Every call can be asked again after a kill and then completes. */
import { performance } from "node:perf_hooks";
import type { EventBody, Fault } from "../core/events.ts";
import { fault, toFault } from "../core/faults.ts";
import { parseOllamaHost } from "../core/ollama-host.ts";
import { isNewEnough, LEAST_VERSION, parseAnswer, parseVersion } from "../core/ollama-reply.ts";
import { askBody } from "../core/ollama-request.ts";
import type { Asked, Asking, ExportInput, Ollama } from "../core/ports.ts";
import { type Client, call, callQuick, LIMITS, type OllamaLimits, otherProgram, refused, unreadable } from "./ollama/client.ts";
import { chatPieces, continueText, readTemplate, renderQuestion } from "./ollama/continue.ts";
import { copyOut } from "./ollama/copy-out.ts";
import { createCandidate, listedDigest } from "./ollama/create.ts";
import { makeFromGguf } from "./ollama/from-gguf.ts";
import { listLoaded, unloadModel } from "./ollama/memory.ts";
import { countTensors, listMerged } from "./ollama/merged-files.ts";
import { deleteName, digestOf, promoteCandidate } from "./ollama/names.ts";
import { Pacer } from "./ollama/progress.ts";
import { hashFiles, uploadFiles } from "./ollama/upload.ts";
import { listModels, removeModel, swapNames } from "./ollama/versions.ts";

/** `env` is looked at on every call, so that a later OLLAMA_HOST counts. */
export function createOllama(env: NodeJS.ProcessEnv, limits: OllamaLimits = LIMITS): Ollama {
  const client = (): Client => connect(env["OLLAMA_HOST"], limits);
  const inTurn = oneAtATime();
  return {
    available: () => available(client),
    export: (input, signal) => exportModel(client(), input, signal),
    fromGguf: async (model, signal) => makeFromGguf(client(), model, signal),
    ask: (name, prompt, signal, how) => ask(client(), name, prompt, signal, how),
    chat: (name, question, signal) => chatPieces(client(), name, question, signal),
    render: async (name, question, signal) => renderQuestion(client(), name, question, signal),
    templateOf: async (name) => readTemplate(client(), name),
    continue: async (name, what, signal) => continueText(client(), name, what, signal),
    digestOf: async (name) => digestOf(client(), name),
    promote: (promotion) => inTurn(() => promoteCandidate(client(), promotion)),
    swap: (exchange) => inTurn(() => swapNames(client(), exchange)),
    names: async () => listModels(client()),
    remove: (tag, digest) => inTurn(() => removeModel(client(), tag, digest)),
    discard: async (candidate) => deleteName(client(), candidate),
    loaded: async () => listLoaded(client()),
    unload: async (name) => unloadModel(client(), name),
  };
}

/** Names move in several steps; a deployment and an undo at once would mix theirs. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

function connect(setting: string | undefined, limits: OllamaLimits): Client {
  const place = parseOllamaHost(setting);
  if ("remote" in place) {
    throw fault(
      "ollama.remote",
      `OLLAMA_HOST names another computer (${place.remote}), and models are only made on this one.`,
      "Unset OLLAMA_HOST, or start Ollama here.",
    );
  }
  if ("unreadable" in place) throw fault("ollama.host", "OLLAMA_HOST cannot be understood.", "Set it to an address like 127.0.0.1:11434, or unset it.");
  return { endpoint: place, limits };
}

async function available(client: () => Client): Promise<{ version: string } | { fault: Fault }> {
  try {
    const reply = await callQuick(client(), { method: "GET", path: "/api/version" });
    const version = reply.status === 200 ? parseVersion(reply.text) : null;
    if (version === null) throw otherProgram();
    if (!isNewEnough(version)) throw fault("ollama.old", `Ollama ${version} is too old; ${LEAST_VERSION} or newer is needed.`, "Update Ollama.");
    return { version };
  } catch (error) {
    return { fault: toFault(error) };
  }
}

async function* exportModel(client: Client, input: ExportInput, signal: AbortSignal): AsyncGenerator<EventBody> {
  const files = await listMerged(input.folder, input.files);
  const expected = { architecture: input.format.family, tensors: await countTensors(files) };
  const pacer = new Pacer();
  const digests = yield* hashFiles(files, pacer, signal);
  yield* uploadFiles(client, files, digests, pacer, signal);
  const { candidate: name, ggufPath, format, parameters } = input;
  const startMs = performance.now();
  yield* createCandidate(client, input, digests, pacer, signal);
  const { written, isMended } = yield* copyOut(client, { candidate: name, ggufPath, expected }, pacer, signal);
  // Ollama takes its own file back with what it had left out, and lets go of the one without.
  if (isMended) await makeFromGguf(client, { name, path: ggufPath, sha256: written.sha256, format, parameters }, signal);
  const digest = await listedDigest(client, name);
  yield { type: "candidate-created", name, quantization: input.quantize.toUpperCase(), digest, seconds: (performance.now() - startMs) / 1000 };
  yield written;
}

async function ask(client: Client, name: string, prompt: string, signal: AbortSignal, how?: Asking): Promise<Asked> {
  const startMs = performance.now();
  const reply = await call(client, { method: "POST", path: "/api/generate", body: askBody(name, prompt, how) }, "ask", signal);
  if (reply.status !== 200) throw refused(`answer as ${name}`, reply);
  const parsed = parseAnswer(reply.text);
  if (parsed === null) throw unreadable();
  return { ...parsed, seconds: (performance.now() - startMs) / 1000 };
}
