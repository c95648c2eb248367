/** The engine of a home in this process, whatever process that is: takes the home, serves its socket, writes its record, and gives all of it back. */
import { bootId } from "../adapters/boot.ts";
import { startOf } from "../adapters/identity.ts";
import type { HostNotices } from "../adapters/notify/local.ts";
import { acquireOwner } from "../adapters/owner.ts";
import type { Api } from "../core/api.ts";
import { toFault } from "../core/faults.ts";
import { removeRecord, writeRecord } from "./engine-record.ts";
import { engineCommand, type Place } from "./place.ts";
import { serveOnSocket } from "./socket.ts";
import { socketPlace } from "./socket-path.ts";
import { wire } from "./wire.ts";

export interface HostOptions {
  readonly place: Place;
  readonly home: string;
  /** Where a desktop shell attaches its own way to show a notice. */
  readonly notices?: HostNotices;
  log(text: string): void;
}

export interface HostedEngine {
  readonly api: Api;
  /** Nobody is connected over the socket and nothing is under way. */
  isIdle(): boolean;
  /** Somebody asked it to end, or its home is not ours any more: close it. */
  readonly over: Promise<void>;
  /** Leaves trainers running; they go on without us. */
  close(): Promise<void>;
}

const LOCK_LOOK_MS = 5_000;

/** Throws `engine.owned` when another engine has this home. */
export async function hostEngine({ place, home, notices, log }: HostOptions): Promise<HostedEngine> {
  const owner = await acquireOwner(home);
  let quit: () => void = () => {};
  const engine = wire({
    home,
    root: place.root,
    version: place.version,
    engineCommand: engineCommand(place, home),
    historyWorker: place.historyWorker,
    uv: place.uv,
    ...(notices ? { notices } : {}),
    quit: () => quit(),
    report: (error) => log(toFault(error).message),
  });
  engine.start();
  const server = await serveOnSocket(engine.api, socketPlace(home));
  let looking: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    // A moment later, so that the one who asked still hears the answer.
    quit = () => setTimeout(resolve, 50);
    // Somebody deleted the lock's file: another engine could own this home by now, so this one must not.
    looking = setInterval(() => owner.isHeld() || resolve(), LOCK_LOOK_MS).unref();
  });
  writeRecord(home, {
    pid: process.pid,
    start: await startOf(process.pid),
    boot: bootId(),
    socket: server.path,
    command: [...engineCommand(place, home)],
    startedAt: Date.now(),
    version: place.version,
  });
  log(`engine ${place.version} serves ${home}`);
  const close = async () => {
    clearInterval(looking);
    removeRecord(home, process.pid);
    await server.close();
    await engine.stop();
    owner.release();
    log("engine ended");
  };
  return { api: engine.api, isIdle: () => server.clients() === 0 && engine.isIdle(), over, close };
}
