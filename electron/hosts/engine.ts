/** The engine of one home in a process of its own: plain Node, or Electron without a window. It leaves trainers alone when it ends. */
import { parseArgs } from "node:util";
import { bootId } from "../adapters/boot.ts";
import { homePath } from "../adapters/home.ts";
import { startOf } from "../adapters/identity.ts";
import { acquireOwner } from "../adapters/owner.ts";
import { toFault } from "../core/faults.ts";
import { FAULT_MARK } from "./attach.ts";
import { removeRecord, writeRecord } from "./engine-record.ts";
import { engineCommand, type Place } from "./place.ts";
import { serveOnSocket } from "./socket.ts";
import { socketPlace } from "./socket-path.ts";
import { wire } from "./wire.ts";

/** With nobody connected and nothing under way for this long, the engine ends. */
const IDLE_S = 600;
const LOOKS_PER_IDLE = 60;
const LOCK_LOOK_MS = 5_000;

/** Lives until somebody ends it: a signal, `engine-quit`, nothing to do, or `stop`. Resolves with the exit code. */
export async function runEngine(findPlace: () => Place, args: readonly string[], stop?: AbortSignal): Promise<number> {
  process.on("SIGHUP", () => {});
  try {
    await live(findPlace(), args, stop);
    return 0;
  } catch (error) {
    console.error(FAULT_MARK + JSON.stringify(toFault(error)));
    return 1;
  }
}

async function live(place: Place, args: readonly string[], stop: AbortSignal | undefined): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { home: { type: "string" }, "idle-s": { type: "string" } } });
  const home = values.home ?? homePath(process.env);
  const owner = await acquireOwner(home);
  let quit: () => void = () => {};
  const engine = wire({
    home,
    root: place.root,
    version: place.version,
    engineCommand: engineCommand(place, home),
    historyWorker: place.historyWorker,
    quit: () => quit(),
    report: (error) => log(toFault(error).message),
  });
  engine.start();
  const server = await serveOnSocket(engine.api, socketPlace(home));
  const ended = new Promise<void>((resolve) => {
    // A moment later, so that the one who asked still hears the answer.
    quit = () => setTimeout(resolve, 50);
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve());
    stop?.addEventListener("abort", () => resolve());
    endWhenIdle(Number(values["idle-s"] ?? IDLE_S), () => server.clients() === 0 && engine.isIdle(), resolve);
    // Somebody deleted the lock's file: another engine could own this home by now, so this one must not.
    setInterval(() => owner.isHeld() || resolve(), LOCK_LOOK_MS).unref();
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
  await ended;
  removeRecord(home, process.pid);
  await server.close();
  await engine.stop();
  owner.release();
  log("engine ended");
}

/** Counted in looks and not by the clock: a machine that slept has not been idle for long. */
function endWhenIdle(idleS: number, isIdle: () => boolean, end: () => void): void {
  let looks = 0;
  const timer = setInterval(
    () => {
      looks = isIdle() ? looks + 1 : 0;
      if (looks < LOOKS_PER_IDLE) return;
      clearInterval(timer);
      end();
    },
    (idleS * 1000) / LOOKS_PER_IDLE,
  );
}

function log(text: string): void {
  console.error(`${new Date().toISOString()} ${text}`);
}
