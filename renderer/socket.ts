/** The api over a WebSocket that comes back by itself: bounded waits, bounded calls, no state of its own about runs. */
import type { Api, Command, Input, Replies, Reply, Request, Topic, Update } from "../electron/core/api.ts";
import { FaultError, fault } from "../electron/core/faults.ts";
import { unpackUpdate } from "../electron/core/packed.ts";
import type { Link } from "./link.ts";

/** `refused`: the token is missing or wrong, so trying again is of no use. */
export type LinkState = "connecting" | "online" | "offline" | "refused";

/** "Policy violation": what the server closes with; before it has said anything, that means the token. */
const CLOSE_POLICY = 1008;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const CALL_LIMIT_MS = 60_000;
const CALLS_AT_ONCE = 100;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: FaultError) => void;
  readonly timer: number;
}

export function openSocket(url: string, token: string | null): Link {
  const client = new Client(url, token);
  if (token) client.open();
  return { api: client, onState: (listener) => client.onState(listener) };
}

const offline = () => fault("link.offline", "There is no connection to Thortime.", "Wait until the connection is back, then try again.");

class Client implements Api {
  #socket: WebSocket | null = null;
  #state: LinkState;
  #failures = 0;
  /** Whether this connection has brought a message: only that proves that the token was taken. */
  #heard = false;
  #lastId = 0;
  readonly #url: string;
  readonly #token: string | null;
  readonly #waiting = new Map<number, Waiting>();
  readonly #topics = new Map<string, (update: Update) => void>();
  readonly #listeners: ((state: LinkState) => void)[] = [];

  constructor(url: string, token: string | null) {
    this.#url = url;
    this.#token = token;
    this.#state = token ? "connecting" : "refused";
  }

  onState(listener: (state: LinkState) => void): void {
    this.#listeners.push(listener);
    listener(this.#state);
  }

  call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
    if (this.#state !== "online" || this.#waiting.size >= CALLS_AT_ONCE) return Promise.reject(offline());
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => this.#settle(id)?.reject(offline()), CALL_LIMIT_MS);
      this.#waiting.set(id, { resolve: (value) => resolve(value as Replies[C]), reject, timer });
      this.#send({ ask: "call", id, command, input });
    });
  }

  subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void {
    const mine = listener as (update: Update) => void;
    this.#topics.set(topic, mine);
    this.#send({ ask: "subscribe", topic });
    return () => {
      if (this.#topics.get(topic) !== mine) return;
      this.#topics.delete(topic);
      this.#send({ ask: "unsubscribe", topic });
    };
  }

  open(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heard = false;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ hello: this.#token }));
      for (const topic of this.#topics.keys()) this.#send({ ask: "subscribe", topic });
    });
    socket.addEventListener("message", (message) => this.#receive(String(message.data)));
    socket.addEventListener("close", (event) => this.#closed(event.code));
  }

  #receive(text: string): void {
    const reply = parse(text);
    if (!reply) return;
    this.#heard = true;
    this.#failures = 0;
    this.#become("online");
    if ("topic" in reply) this.#topics.get(reply.topic)?.(unpackUpdate(reply));
    else if ("fault" in reply) this.#settle(reply.id)?.reject(new FaultError(reply.fault));
    else this.#settle(reply.id)?.resolve(reply.value);
  }

  #closed(code: number): void {
    this.#socket = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(offline());
    const refused = code === CLOSE_POLICY && !this.#heard;
    this.#become(refused ? "refused" : "offline");
    if (!refused) this.#openLater();
  }

  #openLater(): void {
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    window.setTimeout(() => this.open(), waitMs);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) window.clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }

  #send(request: Request): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function parse(text: string): Reply | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && ("topic" in value || "id" in value) ? (value as Reply) : null;
  } catch {
    return null;
  }
}
