/** One POST to a push service: https (or this computer), no redirects, bounded in time and size; reasons never name the address. */
import { because, type Reason } from "../../core/reason.ts";
import type { Attempt } from "./deliver.ts";

const LIMIT_MS = 15_000;
const REPLY_BYTES = 64 * 1024;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The address of a push server, or why it cannot be used. */
export function serverAddress(text: string): URL | Reason {
  if (!URL.canParse(text)) return because("address");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return because("address-more");
  if (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname))) return url;
  return because("not-https");
}

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limitMs?: number;
  /** Whether a reply of status 200 is the service's own "sent"; a hotel's log-in page is none. */
  readonly isSent: (reply: unknown) => boolean;
}

export async function post({ url, headers, body, limitMs = LIMIT_MS, isSent }: Post): Promise<Attempt> {
  // A timer of our own: the signal's may be collected with a request that hangs.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    const reply = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: limit.signal });
    const json = parse(await readText(reply));
    if (reply.status === 200) return isSent(json) ? { ok: true } : { ok: false, why: because("other-program"), again: true };
    return refusal(reply, json);
  } catch (error) {
    return limit.signal.aborted ? { ok: false, why: because("no-answer", { seconds: String(limitMs / 1000) }), again: true } : unreachable(error);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

function refusal(reply: Response, json: unknown): Attempt {
  const why = because("status", { status: String(reply.status) });
  const again = reply.status === 408 || reply.status === 425 || reply.status === 429 || reply.status >= 500;
  const afterS = retryAfterS(reply.headers.get("retry-after"), Date.now()) ?? telegramRetryAfter(json);
  return { ok: false, why, again, ...(again && afterS !== null ? { afterMs: afterS * 1000 } : {}) };
}

/** Seconds, or a date. */
export function retryAfterS(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - nowMs) / 1000);
}

function telegramRetryAfter(json: unknown): number | null {
  const parameters = typeof json === "object" && json !== null && "parameters" in json ? json.parameters : null;
  const after = typeof parameters === "object" && parameters !== null && "retry_after" in parameters ? parameters.retry_after : null;
  return typeof after === "number" && after >= 0 ? after : null;
}

/** Only the error's code: its message may hold the address, and Telegram's address holds the token. */
function unreachable(error: unknown): Attempt {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : "no reason given";
  const isUntrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code);
  return { ok: false, why: because(isUntrusted ? "untrusted" : "unreachable", { code: String(code) }), again: !isUntrusted };
}

async function readText(reply: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const piece of reply.body ?? []) {
    bytes += piece.length;
    if (bytes > REPLY_BYTES) return "";
    text += decoder.decode(piece, { stream: true });
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function hasField(reply: unknown, field: string, value?: unknown): boolean {
  if (typeof reply !== "object" || reply === null || !(field in reply)) return false;
  return value === undefined || (reply as Record<string, unknown>)[field] === value;
}
