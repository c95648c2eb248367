/** The api as a client sees it, over one WebSocket. When the connection ends, so do its calls; `steady.ts` begins again. */
import { WebSocket } from "ws";
import { z } from "zod";
import type { Api, Command, Input, Replies, Reply, Request, Topic, Update } from "../core/api.ts";
import { faultSchema } from "../core/events.ts";
import { FaultError, fault } from "../core/faults.ts";

export interface Client extends Api {
  close(): void;
  /** Resolves when the connection has ended, from either side. */
  readonly ended: Promise<void>;
}

type Listener = (update: Update) => void;

interface Followed {
  readonly listeners: Set<Listener>;
  /** Null until a snapshot has come. */
  seq: number | null;
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
    socket.once("error", (error) => reject(fault("engine.unreachable", `The engine does not answer (${error.message}).`, "Try again; if it comes back, run: thortime doctor.")));
  });
  return makeClient(socket);
}

function makeClient(socket: WebSocket): Client {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  const followed = new Map<Topic, Followed>();
  let lastId = 0;
  let isOpen = true;
  const gone = () => fault("engine.gone", "The engine has ended.", "Run the command again: it starts the engine, and a living run goes on.");

  const send = (request: Request): void => {
    if (isOpen) socket.send(JSON.stringify(request), () => {});
  };

  const take = (update: Update): void => {
    const topic = followed.get(update.topic);
    if (!topic) return;
    if ("entries" in update) {
      const isNext = topic.seq !== null && update.seq - update.entries.length === topic.seq;
      if (!isNext) {
        // Asking again brings a snapshot; what comes until then is of no use.
        if (topic.seq !== null) send({ ask: "subscribe", topic: update.topic });
        topic.seq = null;
        return;
      }
    }
    topic.seq = update.seq;
    for (const listener of [...topic.listeners]) listener(update);
  };

  socket.on("message", (data) => {
    const reply = parseReply(String(data));
    if (!reply) return socket.terminate();
    if (!("id" in reply)) return take(reply);
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("fault" in reply) call?.reject(new FaultError(reply.fault));
    else call?.resolve(reply.value);
  });
  const ended = new Promise<void>((resolve) => {
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      isOpen = false;
      for (const call of waiting.values()) call.reject(gone());
      waiting.clear();
      resolve();
    });
  });

  return {
    ended,
    close: () => socket.close(),
    call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
      if (!isOpen) return Promise.reject(gone());
      lastId += 1;
      const id = lastId;
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      send({ ask: "call", id, command, input });
      return answer as Promise<Replies[C]>;
    },
    subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void {
      const entry: Followed = followed.get(topic) ?? { listeners: new Set(), seq: null };
      followed.set(topic, entry);
      const own = listener as Listener;
      entry.listeners.add(own);
      // A second listener asks again too: the snapshot that comes is right for all of them.
      entry.seq = null;
      send({ ask: "subscribe", topic });
      return () => {
        entry.listeners.delete(own);
        if (entry.listeners.size > 0 || followed.get(topic) !== entry) return;
        followed.delete(topic);
        send({ ask: "unsubscribe", topic });
      };
    },
  };
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
