/** The engine of one home in a process of its own: plain Node, or Electron without a window. It leaves trainers alone when it ends. */
import { parseArgs } from "node:util";
import { homePath } from "../adapters/home.ts";
import { toFault } from "../core/faults.ts";
import { FAULT_MARK } from "./attach.ts";
import { hostEngine } from "./host-engine.ts";
import type { Place } from "./place.ts";

/** With nobody connected and nothing under way for this long, the engine ends. */
const IDLE_S = 600;
const LOOKS_PER_IDLE = 60;

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
  const engine = await hostEngine({ place, home, log });
  await new Promise<void>((resolve) => {
    void engine.over.then(resolve);
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve());
    stop?.addEventListener("abort", () => resolve());
    endWhenIdle(Number(values["idle-s"] ?? IDLE_S), engine.isIdle, resolve);
  });
  await engine.close();
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
