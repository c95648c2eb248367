/** Serves the api on the home's Unix socket: file mode 0600 in a folder 0700, so that only this user reaches it. */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { Api } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import { closeSocket, serveSocket } from "./serve-socket.ts";
import { prepareFolder, type SocketPlace } from "./socket-path.ts";

export interface SocketServer {
  readonly path: string;
  clients(): number;
  close(): Promise<void>;
}

const MOST_CLIENTS = 64;
export const MESSAGE_BYTES = 1024 * 1024;

/** The caller holds the owner's lock, so a socket file that is already there was left by a dead engine. */
export async function serveOnSocket(api: Api, place: SocketPlace): Promise<SocketServer> {
  prepareFolder(place.folder);
  rmSync(place.path, { force: true });
  const server = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, perMessageDeflate: false });
  server.on("upgrade", (request, raw, head) => sockets.handleUpgrade(request, raw, head, (socket) => accept(api, sockets, socket)));
  await listen(server, place.path);
  chmodSync(place.path, 0o600);
  return {
    path: place.path,
    clients: () => sockets.clients.size,
    close: () => close(server, sockets),
  };
}

function accept(api: Api, sockets: WebSocketServer, socket: WebSocket): void {
  if (sockets.clients.size > MOST_CLIENTS) closeSocket(socket, "too many clients");
  else serveSocket(api, socket);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(fault("engine.socket", `The engine's socket could not be opened (${error.message}).`, "Check that the home folder is writable, then try again.")),
    );
    server.listen(path, resolve);
  });
}

/** Going away: clients are told, and what they do not hear within a moment is cut. Node removes the socket's file. */
async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets.clients) {
    socket.close(1001, "the engine ends");
    setTimeout(() => socket.terminate(), 200).unref();
  }
  // Not there before Node 18 (an old Electron); its clients are cut above.
  setTimeout(() => server.closeAllConnections?.(), 250).unref();
  await closed;
}
