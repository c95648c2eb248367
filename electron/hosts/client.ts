/** The api over one WebSocket to an engine's socket. When the connection ends, so do its calls; `steady.ts` begins again. */
import { WebSocket } from "ws";
import { z } from "zod";
import type { Api, Reply } from "../core/api.ts";
import { faultSchema } from "../core/events.ts";
import { fault } from "../core/faults.ts";
import { messageClient } from "./message-client.ts";

export interface Client extends Api {
  close(): void;
  /** Resolves when the connection has ended, from either side. */
  readonly ended: Promise<void>;
}

const CONNECT_MS = 5_000;
/** A snapshot of a long run is some hundred kB; far more than this is not an engine of ours. */
const REPLY_BYTES = 64 * 1024 * 1024;

const replySchema = z.union([
  z.object({ id: z.number().int(), fault: faultSchema }),
  z.object({ id: z.number().int(), value: z.unknown() }),
  z.object({ topic: z.string(), seq: z.number().int() }).loose(),
]);

/** Connects to an engine's socket. Throws `engine.unreachable` when nobody answers there. */
export async function connectClient(path: string): Promise<Client> {
  const socket = new WebSocket(`ws+unix:${path}:/`, { handshakeTimeout: CONNECT_MS, maxPayload: REPLY_BYTES, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", (error) =>
      reject(fault("engine.unreachable", `The engine does not answer (${error.message}).`, "Try again; if it comes back, run: thortime doctor.")),
    );
  });
  const client = messageClient((request) => socket.send(JSON.stringify(request), () => {}));
  socket.on("message", (data) => {
    const reply = parseReply(String(data));
    if (reply) client.receive(reply);
    else socket.terminate();
  });
  socket.on("error", () => socket.terminate());
  const ended = new Promise<void>((resolve) => {
    socket.on("close", () => {
      client.end();
      resolve();
    });
  });
  return { call: client.call, subscribe: client.subscribe, close: () => socket.close(), ended };
}

/** Only the frame is checked: the engine parsed every entry when it read the journal, and it is this user's own process. */
function parseReply(text: string): Reply | null {
  try {
    const parsed = replySchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as Reply) : null;
  } catch {
    return null;
  }
}
