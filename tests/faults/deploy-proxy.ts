/** Stands in front of a real Ollama: announces each request and reply, and misbehaves where a test says so. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type Handler, listen, type Place, placeOf } from "../fixtures/odd-ollama.ts";

export interface Moment {
  readonly place: Place;
  /** Before Ollama hears of it; once its first bytes have gone through; done by Ollama, and nobody has been told. */
  readonly when: "before" | "during" | "after";
  /** How many requests to this place there were, this one included. */
  readonly count: number;
}

export class OllamaProxy {
  readonly env: { readonly OLLAMA_HOST: string };
  /** "drop": Ollama never hears of it. */
  at: (moment: Moment) => "drop" | undefined = () => undefined;
  /** Takes the place of Ollama's answer. */
  wrong: Partial<Record<Place, Handler>> = {};
  /** Changes the text of Ollama's answer. */
  rewrite: Partial<Record<Place, (text: string) => string>> = {};
  /** Changes the body of a request before Ollama gets it. */
  alter: Partial<Record<Place, (body: string) => string>> = {};
  /** Hears the bodies of requests, pieces of the uploaded files excepted. */
  listen: (place: Place, body: string) => void = () => {};
  readonly calls: string[] = [];
  private readonly counts = new Map<Place, number>();
  private readonly target: URL;
  private under = 0;
  private readonly closing: () => Promise<void>;

  private constructor(target: string, place: { env: { OLLAMA_HOST: string }; close: () => Promise<void> }) {
    this.target = new URL(target);
    this.env = place.env;
    this.closing = place.close;
  }

  static async start(target: string): Promise<OllamaProxy> {
    let proxy: OllamaProxy | null = null;
    const server = createServer((request, reply) => proxy?.take(request, reply));
    proxy = new OllamaProxy(target, (await listen(server)) as { env: { OLLAMA_HOST: string }; close: () => Promise<void> });
    return proxy;
  }

  /** As at the beginning: counts from one, and everything right. */
  reset(): void {
    this.at = () => undefined;
    this.wrong = {};
    this.rewrite = {};
    this.alter = {};
    this.listen = () => {};
    this.counts.clear();
    this.calls.length = 0;
  }

  /** Requests that Ollama has not answered yet. */
  get pending(): number {
    return this.under;
  }

  close(): Promise<void> {
    return this.closing();
  }

  private take(request: IncomingMessage, reply: ServerResponse): void {
    const place = placeOf(request);
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    this.calls.push(place);
    reply.on("error", () => {});
    const wrong = this.wrong[place];
    if (wrong) wrong(request, reply);
    else if (this.at({ place, when: "before", count }) === "drop") request.socket.destroy();
    else this.forward(request, reply, place, count);
  }

  private forward(request: IncomingMessage, reply: ServerResponse, place: Place, count: number): void {
    const { hostname, port } = this.target;
    const { method, url, headers } = request;
    const alter = this.alter[place];
    // A changed body has its own length; without one it is sent in chunks.
    const { "content-length": _length, ...rest } = headers;
    this.under += 1;
    const upstream = httpRequest({ hostname, port, method, path: url, headers: alter ? rest : headers, agent: false });
    upstream.once("close", () => {
      this.under -= 1;
    });
    upstream.on("error", () => reply.destroy());
    upstream.on("response", (answer) => void this.pass(answer, reply, place, count));
    reply.on("close", () => upstream.destroy());
    if (place === "post") request.once("data", () => this.at({ place, when: "during", count }));
    else request.on("data", (piece: Buffer) => this.listen(place, piece.toString()));
    if (alter) void bodyOf(request).then((body) => upstream.end(alter(body)));
    else request.pipe(upstream);
  }

  private async pass(answer: IncomingMessage, reply: ServerResponse, place: Place, count: number): Promise<void> {
    const { statusCode = 502, headers } = answer;
    const { "content-length": length, "transfer-encoding": _encoding, ...rest } = headers;
    const rewrite = this.rewrite[place];
    const pieces: Buffer[] = [];
    try {
      if (place === "create") reply.writeHead(statusCode, rest);
      for await (const piece of answer) {
        if (place !== "create") pieces.push(piece as Buffer);
        else if (reply.write(piece)) this.at({ place, when: "during", count });
      }
    } catch {
      return void reply.destroy();
    }
    this.at({ place, when: "after", count });
    if (place === "create") return void reply.end();
    const body = Buffer.concat(pieces);
    const keepsLength = rewrite === undefined && length !== undefined;
    reply.writeHead(statusCode, keepsLength ? { ...rest, "content-length": length } : rest).end(rewrite ? rewrite(body.toString()) : body);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
