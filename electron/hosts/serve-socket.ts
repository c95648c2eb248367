/** One WebSocket as a channel of the api. */
import type { WebSocket } from "ws";
import type { Api } from "../core/api.ts";
import { type ServeLimits, serveConnection } from "./serve-connection.ts";

/** 1008: policy violation, the WebSocket's own word for "not like this". */
const REFUSED = 1008;
const CLOSE_PATIENCE_MS = 2_000;

export function serveSocket(api: Api, socket: WebSocket, limits?: ServeLimits): void {
  const channel = {
    send: (text: string) => socket.send(text, () => {}),
    backlogBytes: () => socket.bufferedAmount,
    close: (why: string) => closeSocket(socket, why),
  };
  const connection = serveConnection(api, channel, limits);
  socket.on("message", (data, isBinary) => (isBinary ? closeSocket(socket, "text only") : connection.receive(String(data))));
  socket.on("close", () => connection.end());
  socket.on("error", () => connection.end());
}

/** A client that does not answer the goodbye (a frozen one cannot) is cut off. */
export function closeSocket(socket: WebSocket, why: string, code = REFUSED): void {
  socket.on("error", () => socket.terminate());
  socket.close(code, why);
  setTimeout(() => socket.terminate(), CLOSE_PATIENCE_MS).unref();
}
