/**
 * Serves the api to one client, whatever carries the text: a WebSocket or Electron's IPC. The one door is here: every
 * message is parsed before anything sees it. The engine never waits for a client: one that reads too slowly loses its
 * stream and gets a snapshot once it has caught up, and one that never does is closed.
 */
import { type Api, type Command, type Reply, type Request, type Topic, type Update, isTopic, parseCall, requestSchema } from "../core/api.ts";
import { assertNever, fault, toFault } from "../core/faults.ts";

/** What carries the messages of one client. */
export interface Channel {
  send(text: string): void;
  /** Bytes sent and not yet taken by the client. */
  backlogBytes(): number;
  close(why: string): void;
}

export interface Connection {
  receive(text: string): void;
  /** The client has gone. */
  end(): void;
}

export interface ServeLimits {
  /** Above this a client is behind: its stream stops. */
  readonly highBytes: number;
  /** Below this it has caught up: it gets a snapshot and the stream goes on. */
  readonly lowBytes: number;
  readonly lookMs: number;
  /** Behind for this long, it is closed. */
  readonly patienceMs: number;
  readonly topics: number;
  readonly callsAtOnce: number;
  readonly messageCharacters: number;
}

export const SERVE_LIMITS: ServeLimits = {
  highBytes: 4 * 1024 * 1024, lowBytes: 64 * 1024, lookMs: 200, patienceMs: 60_000, topics: 32, callsAtOnce: 32, messageCharacters: 1024 * 1024,
};

export function serveConnection(api: Api, channel: Channel, limits: ServeLimits = SERVE_LIMITS): Connection {
  const topics = new Map<Topic, () => void>();
  const behind = new Set<Topic>();
  let calls = 0;
  let looks = 0;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;

  const send = (reply: Reply): void => {
    if (!ended) channel.send(JSON.stringify(reply));
  };

  const follow = (topic: Topic): void => {
    topics.get(topic)?.();
    behind.delete(topic);
    let cancelled = false;
    const listen = (update: Update): void => {
      if (cancelled) return;
      if (channel.backlogBytes() <= limits.highBytes) return send(update);
      cancelled = true;
      fallBehind(topic);
    };
    const cancel = subscribed(api, topic, listen);
    topics.set(topic, () => {
      cancelled = true;
      cancel();
    });
    // Behind within the very first update: there was nothing to cancel with yet.
    if (behind.has(topic)) topics.get(topic)?.();
  };

  const fallBehind = (topic: Topic): void => {
    behind.add(topic);
    topics.get(topic)?.();
    timer ??= setInterval(look, limits.lookMs);
  };

  const look = (): void => {
    looks += 1;
    if (channel.backlogBytes() <= limits.lowBytes) {
      stopLooking();
      for (const topic of [...behind]) follow(topic);
    } else if (looks * limits.lookMs >= limits.patienceMs) {
      end();
      channel.close("too slow");
    }
  };

  const stopLooking = (): void => {
    if (timer) clearInterval(timer);
    timer = null;
    looks = 0;
  };

  const end = (): void => {
    ended = true;
    stopLooking();
    for (const cancel of topics.values()) cancel();
    topics.clear();
    behind.clear();
  };

  const call = async (id: number, command: string, input: unknown): Promise<void> => {
    if (calls >= limits.callsAtOnce) return send({ id, fault: fault("usage.busy", "Too many questions at once.", "Wait for an answer first.").fault });
    calls += 1;
    try {
      const args = parseCall(command as Command, input);
      send({ id, value: await api.call(command as Command, args) });
    } catch (error) {
      send({ id, fault: toFault(error) });
    } finally {
      calls -= 1;
    }
  };

  const subscribe = (topic: string): void => {
    if (!isTopic(topic)) return refuse("not a topic");
    if (!topics.has(topic) && topics.size >= limits.topics) return refuse("too many topics");
    follow(topic);
  };

  const unsubscribe = (topic: string): void => {
    if (!isTopic(topic)) return refuse("not a topic");
    topics.get(topic)?.();
    topics.delete(topic);
    behind.delete(topic);
  };

  const refuse = (why: string): void => {
    end();
    channel.close(why);
  };

  return {
    receive(text) {
      if (ended) return;
      if (channel.backlogBytes() > 2 * limits.highBytes) return refuse("too slow");
      const request = text.length > limits.messageCharacters ? null : parseRequest(text);
      if (!request) return refuse("not a message of this api");
      switch (request.ask) {
        case "call":
          return void call(request.id, request.command, request.input);
        case "subscribe":
          return subscribe(request.topic);
        case "unsubscribe":
          return unsubscribe(request.topic);
        default:
          return assertNever(request);
      }
    },
    end,
  };
}

/** A run that does not exist has nothing to say; that is no reason to lose the client. */
function subscribed(api: Api, topic: Topic, listener: (update: Update) => void): () => void {
  try {
    return api.subscribe(topic, listener);
  } catch {
    return () => {};
  }
}

function parseRequest(text: string): Request | null {
  try {
    const parsed = requestSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
