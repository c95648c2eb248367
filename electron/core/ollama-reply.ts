/** Replies of Ollama's HTTP API, read with suspicion: whoever listens on its port may send anything. */
import { z } from "zod";
import type { Asked, Continuation, TokenChance } from "./ports.ts";

/** The fix of CVE-2026-7482. */
export const LEAST_VERSION = "0.17.1";

/** Null: this is not Ollama's `/api/version`. */
export function parseVersion(text: string): string | null {
  const parsed = parseJson(text, z.object({ version: z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,6}(?:[-+][\w.+-]{1,60})?$/) }));
  return parsed?.version ?? null;
}

export function isNewEnough(version: string, least: string = LEAST_VERSION): boolean {
  const [have, want] = [numbers(version), numbers(least)];
  for (let index = 0; index < want.length; index += 1) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  // 0.17.1-rc0 came before 0.17.1.
  return !version.includes("-") || least.includes("-");
}

function numbers(version: string): readonly number[] {
  return (version.split(/[-+]/)[0] ?? "").split(".").map(Number);
}

/** One line of `/api/create`'s stream. */
export type CreateStatus =
  | { readonly error: string }
  | { readonly status: string; readonly done: number; readonly total: number }
  | { readonly unreadable: true };

const createSchema = z.union([
  z.object({ error: z.string() }),
  z.object({ status: z.string(), total: z.number().nonnegative().optional(), completed: z.number().nonnegative().optional() }),
]);

export function parseCreateStatus(line: string): CreateStatus {
  const parsed = parseJson(line, createSchema);
  if (parsed === null) return { unreadable: true };
  if ("error" in parsed) return { error: parsed.error };
  const total = Math.floor(parsed.total ?? 0);
  return { status: parsed.status, done: Math.min(total, Math.floor(parsed.completed ?? 0)), total };
}

const BLOB_PATH = /^FROM (\/.*\/blobs\/sha256-([0-9a-f]{64})|[A-Za-z]:\\.*\\blobs\\sha256-([0-9a-f]{64}))$/m;

/** `/api/show` writes the model's blob after FROM; it is named after its own content. */
export function parseBlob(text: string): { readonly path: string; readonly sha256: string } | null {
  const modelfile = parseJson(text, z.object({ modelfile: z.string() }))?.modelfile;
  const [, path, sha256, sha256Windows] = BLOB_PATH.exec(modelfile?.replace(/\r/g, "") ?? "") ?? [];
  return path === undefined ? null : { path, sha256: sha256 ?? sha256Windows ?? "" };
}

/** Name → manifest digest, from `/api/tags`; null: not a list of models. Names are compared without case, as Ollama does. */
export function parseTags(text: string): ReadonlyMap<string, string> | null {
  const parsed = parseJson(text, z.object({ models: z.array(z.object({ name: z.string(), digest: z.string() })).nullable() }));
  return parsed && new Map((parsed.models ?? []).map(({ name, digest }) => [name.toLowerCase(), digest]));
}

/** The same with sizes; null: not such a list. */
export function parseModels(text: string): readonly { tag: string; digest: string; bytes: number }[] | null {
  const model = z.object({ name: z.string(), digest: z.string(), size: z.number().int().nonnegative() });
  const parsed = parseJson(text, z.object({ models: z.array(model).nullable() }));
  return parsed && (parsed.models ?? []).map(({ name, digest, size }) => ({ tag: name.toLowerCase(), digest, bytes: size }));
}

/** `/api/ps`: what is in memory; null: not such a list. Ollama writes the year 2318 for "until it is asked to go" (and 0001 before it knows). */
export function parseLoaded(text: string): readonly { name: string; memoryBytes: number; expiresAt: number | null }[] | null {
  const model = z.object({ name: z.string().min(1), size: z.number().nonnegative(), expires_at: z.string().optional() });
  const parsed = parseJson(text, z.object({ models: z.array(model).nullable() }));
  return parsed && (parsed.models ?? []).map(({ name, size, expires_at }) => ({ name, memoryBytes: size, expiresAt: soon(expires_at) }));
}

const LONGEST_STAY_MS = 4e12;

function soon(date: string | undefined): number | null {
  const at = Date.parse(date ?? "");
  return at > 0 && at < LONGEST_STAY_MS ? at : null;
}

/**
 * `ended`: the model came to an end by itself. Ollama stops it at the token limit with the reason "length", and after 30 equal tokens
 * in a row it breaks off with a reply that is not `done` (0.24, measured).
 */
export function parseAnswer(text: string): Omit<Asked, "seconds"> | null {
  const parsed = parseJson(text, answerSchema.extend({ response: z.string() }));
  if (parsed === null) return null;
  const { response, prompt_eval_count, eval_count, load_duration } = parsed;
  return { answer: response, ended: endedItself(parsed), promptTokens: prompt_eval_count, answerTokens: eval_count, loadSeconds: load_duration / 1e9 };
}

const amount = z.number().nonnegative().default(0);
const answerSchema = z.object({
  done: z.boolean(),
  done_reason: z.string().optional(),
  prompt_eval_count: amount,
  eval_count: amount,
  /** Nanoseconds. */
  load_duration: amount,
});

function endedItself({ done, done_reason }: z.infer<typeof answerSchema>): boolean {
  return done && done_reason !== "length";
}

const chance = z.object({ token: z.string(), bytes: z.array(z.number().int().min(0).max(255)).optional(), logprob: z.number() });
const chances = z.array(chance.extend({ top_logprobs: z.array(chance).default([]) })).nullish();

/** What a model went on with; tokens as bytes, because half a character is a token too. */
export function parseContinuation(text: string): Continuation | null {
  const parsed = parseJson(text, answerSchema.extend({ logprobs: chances }));
  if (parsed === null) return null;
  const tokens = (parsed.logprobs ?? []).map((token) => ({ ...chanceOf(token), top: token.top_logprobs.map(chanceOf) }));
  return { tokens, ended: endedItself(parsed), promptTokens: parsed.prompt_eval_count };
}

/** Ollama leaves `bytes` out where the text is empty. */
function chanceOf({ bytes = [], logprob }: z.infer<typeof chance>): TokenChance {
  return { bytes: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""), logprob };
}

/** Null: it answered instead, or does not know how to show what it would ask. */
export function parseRendered(text: string): string | null {
  const info = z.object({ rendered_template: z.string() });
  return parseJson(text, z.object({ _debug_info: info }))?._debug_info.rendered_template ?? null;
}

export function parseTemplate(text: string): { readonly template: string; readonly system: string } | null {
  return parseJson(text, z.object({ template: z.string().default(""), system: z.string().default("") }));
}

/** One line of `/api/chat`'s stream. */
export function parseChatPiece(line: string): { readonly text: string; readonly done: boolean } | { readonly error: string } | null {
  const piece = z.object({ message: z.object({ content: z.string() }), done: z.boolean() });
  const parsed = parseJson(line, z.union([z.object({ error: z.string() }), piece]));
  if (parsed === null || "error" in parsed) return parsed;
  return { text: parsed.message.content, done: parsed.done };
}

/** The sentence in `{"error": …}`, cut to what fits a message. */
export function parseError(text: string): string | null {
  const error = parseJson(text, z.object({ error: z.string() }))?.error;
  return error === undefined ? null : error.slice(0, 300).replace(/[\s.]+$/, "");
}

function parseJson<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
