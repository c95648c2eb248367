/**
 * HTTP to whoever listens on Ollama's port, which may be anybody: no wait, no reply and no line is unbounded,
 * redirects are not followed, and every failure is a fault with one sentence.
 */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { fault } from "../../core/faults.ts";

export interface Limits {
  /** Until the reply begins. */
  readonly answerMs: number;
  /** From the beginning to the end of a call. */
  readonly totalMs: number;
  /** Longest wait for the next whole line, or for the next bytes to be taken off us. */
  readonly idleMs: number;
  readonly replyBytes: number;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Call {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: object;
  /** The body follows through `write`; its length is stated, so that a cut is seen as one. */
  readonly streamBytes?: number;
}

const LINE_BYTES = 64 * 1024;

/** One call and its reply. `close` has to be called in the end, whatever happened. */
export class Exchange {
  private readonly request: ClientRequest;
  private readonly limits: Limits;
  private readonly signal: AbortSignal;
  private readonly reply: Promise<IncomingMessage>;
  private readonly total: NodeJS.Timeout;
  private failure: Error | null = null;
  private replied = false;

  constructor(endpoint: Endpoint, call: Call, limits: Limits, signal: AbortSignal) {
    signal.throwIfAborted();
    this.limits = limits;
    this.signal = signal;
    const text = call.body === undefined ? null : JSON.stringify(call.body);
    const length = call.streamBytes ?? (text === null ? null : Buffer.byteLength(text));
    const headers = { ...(length === null ? {} : { "content-length": length }), ...(text === null ? {} : { "content-type": "application/json" }) };
    this.request = request({ host: endpoint.host, port: endpoint.port, method: call.method, path: call.path, headers, agent: false });
    this.reply = new Promise((resolve, reject) => {
      this.request.once("response", (reply) => {
        this.replied = true;
        resolve(reply);
      });
      this.request.on("error", (error) => reject(this.failure ?? connectionFault(error)));
    });
    // Whoever waits for it handles it; a stream that failed earlier has told already.
    this.reply.catch(() => {});
    this.total = setTimeout(() => this.fail(slow(limits.totalMs)), limits.totalMs);
    signal.addEventListener("abort", this.onAbort, { once: true });
    if (call.streamBytes === undefined) this.request.end(text ?? undefined);
  }

  /** Sends a piece of the body and waits until it has been taken. False: the reply is there already, more would be for nobody. */
  async write(piece: Uint8Array): Promise<boolean> {
    if (this.failure) throw this.failure;
    if (this.replied) return false;
    if (this.request.write(piece)) return true;
    const drained = new Promise<void>((resolve) => this.request.once("drain", resolve));
    await this.within(Promise.race([drained, this.reply]), this.limits.idleMs);
    return !this.replied;
  }

  get hasReply(): boolean {
    return this.replied;
  }

  endBody(): void {
    this.request.end();
  }

  async status(): Promise<number> {
    const reply = await this.within(this.reply, this.limits.answerMs);
    return reply.statusCode ?? 0;
  }

  /** The whole reply as text. */
  async text(): Promise<string> {
    const reply = await this.within(this.reply, this.limits.answerMs);
    const decoder = new StringDecoder("utf8");
    let [text, bytes] = ["", 0];
    for await (const piece of this.pieces(reply)) {
      bytes += piece.length;
      if (bytes > this.limits.replyBytes) throw endless(this.limits.replyBytes);
      text += decoder.write(piece);
    }
    return text + decoder.end();
  }

  /** The reply line by line, as it comes. */
  async *lines(): AsyncGenerator<string> {
    const reply = await this.within(this.reply, this.limits.answerMs);
    const decoder = new StringDecoder("utf8");
    // Bytes that trickle do not count as life: what has to come in time is a line.
    const idle = setTimeout(() => this.fail(slow(this.limits.idleMs)), this.limits.idleMs);
    let [rest, bytes] = ["", 0];
    try {
      for await (const piece of this.pieces(reply)) {
        bytes += piece.length;
        if (bytes > this.limits.replyBytes) throw endless(this.limits.replyBytes);
        const parts = (rest + decoder.write(piece)).split("\n");
        rest = parts.pop() ?? "";
        if (rest.length > LINE_BYTES) throw endless(LINE_BYTES);
        for (const line of parts) {
          idle.refresh();
          if (line.trim() !== "") yield line;
        }
      }
      if (rest.trim() !== "") yield rest;
    } finally {
      clearTimeout(idle);
    }
  }

  close(): void {
    clearTimeout(this.total);
    this.signal.removeEventListener("abort", this.onAbort);
    this.request.destroy();
  }

  private readonly onAbort = () => this.fail(this.signal.reason instanceof Error ? this.signal.reason : new Error("the export was cancelled"));

  private fail(error: Error): void {
    this.failure ??= error;
    this.request.destroy(error);
  }

  private async *pieces(reply: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      for await (const piece of reply) yield piece as Buffer;
    } catch (error) {
      throw this.failure ?? connectionFault(error);
    }
    if (this.failure) throw this.failure;
    if (!reply.complete) throw cut();
  }

  /** Waits for `promise`, which rejects by itself once the request is destroyed. */
  private async within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    const timer = setTimeout(() => this.fail(slow(limitMs)), limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

const TRY_AGAIN = "Restart Ollama and try again.";

function connectionFault(error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (["ECONNREFUSED", "ENOTFOUND", "EADDRNOTAVAIL", "ENETUNREACH", "EHOSTUNREACH", "EACCES"].includes(code)) return absent();
  if (code.startsWith("HPE_"))
    return fault("ollama.other-program", "Another program, and not Ollama, answers on Ollama's port.", "End that program, or set OLLAMA_HOST.");
  return cut();
}

export function absent(): Error {
  return fault("ollama.absent", "Ollama is not running on this computer.", "Start Ollama (from ollama.com).");
}

function cut(): Error {
  return fault("ollama.cut", "The connection to Ollama broke off.", TRY_AGAIN);
}

function slow(limitMs: number): Error {
  return fault("ollama.slow", `Ollama did not answer within ${limitMs < 1000 ? `${limitMs} ms` : `${Math.round(limitMs / 1000)} s`}.`, TRY_AGAIN);
}

function endless(bytes: number): Error {
  return fault("ollama.endless", `Ollama's answer was longer than the ${bytes} bytes it may have.`, TRY_AGAIN);
}
