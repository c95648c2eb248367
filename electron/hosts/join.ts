/** For the menu-bar app: the client of the engine that owns the home, and where none does, an engine of our own in this process. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Api, type Command, type Input, parseCall } from "../core/api.ts";
import { FaultError } from "../core/faults.ts";
import { connectOurs } from "./attach.ts";
import type { Client } from "./client.ts";
import { type HostedEngine, type HostOptions, hostEngine } from "./host-engine.ts";

export interface Joined {
  /** As `steadyApi` asks it: anew after each end. */
  connect(): Promise<Client>;
  /** Ends the engine if it is ours; trainers go on. */
  close(): Promise<void>;
}

/** Another engine that has the home but is not to be reached yet is about to be, or about to end. */
const LIMIT_MS = 15_000;
const LOOK_MS = 100;

export function joinOrHost(options: HostOptions): Joined {
  let hosted: HostedEngine | null = null;
  let isClosed = false;

  const host = async (): Promise<Client> => {
    const engine = await hostEngine(options);
    hosted = engine;
    const ended = engine.over.then(async () => {
      hosted = null;
      if (!isClosed) await engine.close();
    });
    return localClient(engine.api, ended);
  };

  return {
    async connect() {
      const deadline = performance.now() + LIMIT_MS;
      for (;;) {
        const client = await connectOurs(options.home, options.place.version);
        if (client) return client;
        try {
          return await host();
        } catch (error) {
          const isTaken = error instanceof FaultError && error.fault.kind === "engine.owned";
          if (!isTaken || performance.now() > deadline) throw error;
        }
        await sleep(LOOK_MS);
      }
    },
    async close() {
      isClosed = true;
      const engine = hosted;
      hosted = null;
      await engine?.close();
    },
  };
}

/** The same door as over a socket: what is no call of this api is refused, and a run that does not exist has nothing to say. */
function localClient(api: Api, ended: Promise<void>): Client {
  return {
    // Asynchronous as over a socket: a refusal is a rejection.
    call: async <C extends Command>(command: C, input: Input<C>) => await api.call(command, parseCall(command, input) as Input<C>),
    subscribe(topic, listener) {
      try {
        return api.subscribe(topic, listener);
      } catch {
        return () => {};
      }
    },
    close: () => {},
    ended,
  };
}
