/** Stands between the engine and the real Ollama, and lets through only what the soak wants. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export const MOODS = ["refuse", "stall", "error-500", "html", "truncated", "slow", "endless"] as const;
export type Mood = "pass" | (typeof MOODS)[number];

export interface OllamaProxy {
  readonly host: string;
  mood: Mood;
  close(): void;
}

const SLOW_MS = 20;
const ENDLESS_MS = 5;

export async function startProxy(upstreamPort: number): Promise<OllamaProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy()).on("close", () => sockets.delete(client));
    serve(client, proxy.mood, upstreamPort);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy: OllamaProxy = {
    host: `127.0.0.1:${address.port}`,
    mood: "pass",
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}

function serve(client: Socket, mood: Mood, upstreamPort: number): void {
  switch (mood) {
    case "pass":
    case "slow":
      pass(client, upstreamPort, mood === "slow");
      return;
    case "refuse":
      client.destroy();
      return;
    case "stall":
      client.resume();
      return;
    case "error-500":
      answer(client, reply("500 Internal Server Error", "text/plain", "out of order"));
      return;
    case "html":
      answer(client, reply("200 OK", "text/html", "<!doctype html><script>alert(1)</script>"));
      return;
    case "truncated":
      answer(client, 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"version":"0.2');
      return;
    case "endless":
      endless(client);
      return;
  }
}

function reply(status: string, type: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

function answer(client: Socket, text: string): void {
  client.once("data", () => client.end(text));
}

function endless(client: Socket): void {
  client.once("data", () => client.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"));
  const timer = setInterval(() => client.write('{"status":"working"}\n'), ENDLESS_MS);
  client.resume().once("close", () => clearInterval(timer));
}

function pass(client: Socket, port: number, slow: boolean): void {
  const upstream = connect(port, "127.0.0.1");
  upstream.on("error", () => client.destroy()).on("close", () => client.end());
  client.on("close", () => upstream.destroy());
  client.pipe(upstream);
  if (!slow) upstream.pipe(client);
  else upstream.on("data", (piece: Buffer) => drip(piece, client, upstream));
}

/** A byte at a time, and nothing more is read meanwhile. */
function drip(piece: Buffer, client: Socket, upstream: Socket): void {
  upstream.pause();
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < piece.length && client.writable) {
      client.write(piece.subarray(sent, sent + 1));
      sent += 1;
      return;
    }
    clearInterval(timer);
    upstream.resume();
  }, SLOW_MS);
}
