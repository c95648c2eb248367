/** An api that outlives its connection: when the engine goes, it attaches again and every subscription gets a new snapshot. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Command, Input, Replies, Topic, Update } from "../core/api.ts";
import { type Fault, fault, toFault } from "../core/faults.ts";
import type { Client } from "./client.ts";

export interface SteadyOptions {
  connect(): Promise<Client>;
  /** Null: connected. Otherwise why not, said once per failed try. */
  onChange?(fault: Fault | null): void;
}

export interface SteadyApi extends Api {
  /** Resolves with the first connection, throws its fault when there is none. */
  ready(): Promise<void>;
  close(): void;
}

interface Followed {
  readonly topic: Topic;
  readonly listener: (update: Update) => void;
  cancel: () => void;
}

const BACK_OFF_MS: readonly number[] = [200, 1_000, 5_000, 15_000, 30_000];

export function steadyApi(options: SteadyOptions): SteadyApi {
  const followed = new Set<Followed>();
  let current: Promise<Client> | null = null;
  let closed = false;
  let failures = 0;
  let isTrying = false;

  const open = (): Promise<Client> => {
    if (closed) return Promise.reject(fault("engine.gone", "The connection to the engine is closed.", "Run the command again."));
    current ??= options.connect().then(adopt, (error: unknown) => {
      current = null;
      throw error;
    });
    return current;
  };

  const adopt = (client: Client): Client => {
    failures = 0;
    if (closed) client.close();
    options.onChange?.(null);
    for (const one of followed) one.cancel = client.subscribe(one.topic, one.listener);
    void client.ended.then(() => {
      current = null;
      if (closed) return;
      options.onChange?.(fault("engine.gone", "The engine has ended; it is being started again.", "A living run goes on meanwhile.").fault);
      void again();
    });
    return client;
  };

  /** Only for those who listen: a call that finds nobody is told so, and may be made again. */
  const again = async (): Promise<void> => {
    if (isTrying) return;
    isTrying = true;
    while (!closed && followed.size > 0 && current === null) {
      await sleep(BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)]);
      failures += 1;
      await open().catch((error: unknown) => options.onChange?.(toFault(error)));
    }
    isTrying = false;
  };

  return {
    ready: async () => void (await open()),
    close() {
      closed = true;
      void current?.then(
        (client) => client.close(),
        () => {},
      );
    },
    async call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]> {
      return await (await open()).call(command, input);
    },
    subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void {
      const one: Followed = { topic, listener: listener as (update: Update) => void, cancel: () => {} };
      const isFirst = current === null;
      followed.add(one);
      // A connection that is still being made takes it along in `adopt`.
      void open().then((client) => {
        if (!isFirst && followed.has(one)) one.cancel = client.subscribe(topic, one.listener);
      }, again);
      return () => {
        followed.delete(one);
        one.cancel();
      };
    },
  };
}
