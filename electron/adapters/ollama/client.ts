/** Calls to Ollama: which limits each kind of call has, and what a refusal means in one sentence. */
import { type FaultError, fault } from "../../core/faults.ts";
import { parseError } from "../../core/ollama-reply.ts";
import { type Call, type Endpoint, Exchange, type Limits } from "./http.ts";

export interface OllamaLimits {
  /** Questions answered from memory or a small file. */
  readonly quick: Limits;
  readonly upload: Limits;
  /** Converting and quantising a model of some gigabytes takes minutes, between lines too. */
  readonly create: Limits;
  /** Loading a model from a cold disk, then some hundred tokens. */
  readonly ask: Limits;
}

const MB = 1024 * 1024;
const MINUTE_MS = 60_000;

export const LIMITS: OllamaLimits = {
  quick: { answerMs: 10_000, totalMs: 20_000, idleMs: 10_000, replyBytes: 16 * MB },
  upload: { answerMs: 2 * MINUTE_MS, totalMs: 6 * 60 * MINUTE_MS, idleMs: MINUTE_MS, replyBytes: 64 * 1024 },
  create: { answerMs: 2 * MINUTE_MS, totalMs: 3 * 60 * MINUTE_MS, idleMs: 20 * MINUTE_MS, replyBytes: 64 * MB },
  ask: { answerMs: 5 * MINUTE_MS, totalMs: 6 * MINUTE_MS, idleMs: MINUTE_MS, replyBytes: 4 * MB },
};

export interface Client {
  readonly endpoint: Endpoint;
  readonly limits: OllamaLimits;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export async function call(client: Client, what: Call, kind: keyof OllamaLimits, signal: AbortSignal): Promise<Reply> {
  const exchange = new Exchange(client.endpoint, what, client.limits[kind], signal);
  try {
    return { status: await exchange.status(), text: await exchange.text() };
  } finally {
    exchange.close();
  }
}

/** For calls that nobody cancels because they take a moment. */
export function callQuick(client: Client, what: Call): Promise<Reply> {
  return call(client, what, "quick", new AbortController().signal);
}

/** `doing` completes "Ollama could not …". */
export function refused(doing: string, reply: Reply): FaultError {
  const error = parseError(reply.text);
  if (error !== null) return failed(doing, error);
  if (/^\s*</.test(reply.text)) return otherProgram();
  return failed(doing, `status ${reply.status}`);
}

export function failed(doing: string, error: string): FaultError {
  if (/no space left|disk full|not enough space/i.test(error)) {
    return fault("disk.ollama", "The disk that holds Ollama's models is full.", "Free some gigabytes, then export again.");
  }
  return fault("ollama.failed", `Ollama could not ${doing} (${error}).`, "Try again; if it comes back, look at Ollama's own log.");
}

export function unreadable(): FaultError {
  return fault("ollama.unreadable", "Ollama's answer could not be understood.", "Restart Ollama, or update it, and try again.");
}

export function otherProgram(): FaultError {
  return fault(
    "ollama.other-program",
    "Another program, and not Ollama, answers on Ollama's port.",
    "End that program, or set OLLAMA_HOST to where Ollama is.",
  );
}
