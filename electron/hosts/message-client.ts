/** The client's half of the api's messages, whatever carries them: calls matched with answers, topics followed without a gap. */
import type { Api, Command, Input, Replies, Reply, Request, Topic, Update } from "../core/api.ts";
import { FaultError, fault } from "../core/faults.ts";
import { unpackUpdate } from "../core/packed.ts";

export interface MessageClient extends Api {
  receive(reply: Reply): void;
  /** The connection is gone: every call under way is refused with that reason. */
  end(): void;
}

type Listener = (update: Update) => void;

interface Followed {
  readonly listeners: Set<Listener>;
  /** Null until a snapshot has come. */
  seq: number | null;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function messageClient(carry: (request: Request) => void): MessageClient {
  const waiting = new Map<number, Waiting>();
  const followed = new Map<Topic, Followed>();
  let lastId = 0;
  let isOpen = true;

  const send = (request: Request): void => {
    if (isOpen) carry(request);
  };

  const take = (update: Update): void => {
    const topic = followed.get(update.topic);
    if (!topic) return;
    if ("entries" in update && update.seq - update.entries.length !== topic.seq) {
      // A gap. Asking again brings a snapshot; what comes until then is of no use.
      if (topic.seq !== null) send({ ask: "subscribe", topic: update.topic });
      topic.seq = null;
      return;
    }
    topic.seq = update.seq;
    const whole = unpackUpdate(update);
    for (const listener of [...topic.listeners]) listener(whole);
  };

  return {
    receive(reply) {
      if (!("id" in reply)) return take(reply);
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ("fault" in reply) call?.reject(new FaultError(reply.fault));
      else call?.resolve(reply.value);
    },
    end() {
      isOpen = false;
      for (const call of waiting.values()) call.reject(gone());
      waiting.clear();
    },
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

function gone(): FaultError {
  return fault("engine.gone", "The engine has ended.", "Run the command again: it starts the engine, and a living run goes on.");
}
