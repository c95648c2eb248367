/** A lock between processes for work that takes minutes; the operating system takes it back when its holder dies. */
import { setTimeout as sleep } from "node:timers/promises";
import { fault } from "../core/faults.ts";
import { acquireLock } from "./owner.ts";

const LOOK_MS = 300;
const MOST_LOOKS = (60 * 60_000) / LOOK_MS;

export interface LockOptions {
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
}

/** One process at a time does `work`; others wait, an hour at most. */
export async function withFileLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const lock = await acquireLock(path);
    if (lock) return await work().finally(() => lock.release());
    if (options.signal?.aborted) throw fault("environment.stopped", "Waiting was stopped.", "Run it again when you like.");
    if (look === 0) options.onWait?.();
    await sleep(LOOK_MS);
  }
  throw fault("environment.busy", "Another process has been at the same work for an hour.", "End it, then try again.");
}
