/** `serve`: the renderer and the api on 127.0.0.1. Foreign Host or Origin is refused before any handler; the api needs the launch's token. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { Api } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import { noteRefusal } from "./refusals.ts";
import { closeSocket, serveSocket } from "./serve-socket.ts";
import { MESSAGE_BYTES } from "./socket.ts";
import { SECURITY_HEADERS, serveFile } from "./web-files.ts";

export interface WebOptions {
  readonly api: Api;
  /** The built renderer. */
  readonly folder: string;
  /** Null: 4180, or a free one when that is taken. */
  readonly port: number | null;
}

export interface WebServer {
  /** With the token in its fragment, which browsers never send. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

export const DEFAULT_PORT = 4180;
/** What the renderer takes as "the token is missing or wrong, so do not try again". */
const UNKNOWN_CLIENT = 4401;
const HELLO_MS = 5_000;
const MOST_CONNECTIONS = 128;
const MOST_SOCKETS = 32;
const helloSchema = z.strictObject({ hello: z.string().max(200) });

export async function serveWeb({ api, folder, port }: WebOptions): Promise<WebServer> {
  const token = randomBytes(32).toString("base64url");
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16 * 1024 });
  server.maxConnections = MOST_CONNECTIONS;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, perMessageDeflate: false });
  const listening = await listen(server, port);
  const hosts = new Set([`127.0.0.1:${listening}`, `localhost:${listening}`]);
  server.on("request", (request, response) => {
    if (!isAllowed(request, hosts, false)) {
      noteRefusal(api, "a foreign Host or Origin");
      return response.writeHead(403, SECURITY_HEADERS).end();
    }
    serveFile(folder, request, response);
  });
  server.on("upgrade", (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    if (!isAllowed(request, hosts, true) || request.method !== "GET" || request.url !== "/api") {
      noteRefusal(api, "a foreign Host or Origin");
      return refuse(raw, "403 Forbidden");
    }
    if (sockets.clients.size >= MOST_SOCKETS) return refuse(raw, "503 Service Unavailable");
    sockets.handleUpgrade(request, raw, head, (socket) => greet(socket, api, token));
  });
  return { address: `http://127.0.0.1:${listening}/#token=${token}`, port: listening, token, close: () => close(server, sockets) };
}

/**
 * Full match, never a prefix or suffix (`localhost.evil.com`); a name that resolves to 127.0.0.1 is foreign too. A page of another
 * origin is refused; a WebSocket, which browsers open across origins, has to name its own.
 */
function isAllowed(request: IncomingMessage, hosts: ReadonlySet<string>, needsOrigin: boolean): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host)) return false;
  return origin === undefined ? !needsOrigin : origin === `http://${host}`;
}

function refuse(raw: Duplex, status: string): void {
  raw.on("error", () => raw.destroy());
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Nothing of the api is reachable before the first message has brought the token. */
function greet(socket: WebSocket, api: Api, token: string): void {
  const timer = setTimeout(() => closeSocket(socket, "no token", UNKNOWN_CLIENT), HELLO_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.on("error", () => socket.terminate());
  socket.once("message", (data, isBinary) => {
    clearTimeout(timer);
    if (isBinary || !isHello(String(data), token)) {
      noteRefusal(api, "a wrong token");
      return closeSocket(socket, "wrong token", UNKNOWN_CLIENT);
    }
    serveSocket(api, socket);
  });
}

function isHello(text: string, token: string): boolean {
  try {
    const parsed = helloSchema.safeParse(JSON.parse(text));
    return parsed.success && isEqual(parsed.data.hello, token);
  } catch {
    return false;
  }
}

/** In constant time: digests have one length, so neither content nor length shows in the time taken. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function listen(server: Server, asked: number | null): Promise<number> {
  try {
    return await listenOn(server, asked ?? DEFAULT_PORT);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (asked === null) return await listenOn(server, 0);
    if (code === "EADDRINUSE")
      throw fault("port.in-use", `Port ${asked} is in use by another program.`, "Leave --port out to take a free one, or name another.");
    throw fault("port.refused", `Port ${asked} cannot be used (${message}).`, "Leave --port out to take a free one, or name one above 1023.");
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.removeListener("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await closed;
}
