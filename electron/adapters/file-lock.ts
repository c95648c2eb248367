/** A lock between processes that the operating system takes back when its holder dies: an exclusive SQLite transaction. */
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { fault } from "../core/faults.ts";

const LOOK_MS = 300;
const MOST_LOOKS = (60 * 60_000) / LOOK_MS;

export interface LockOptions {
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
}

/** One process at a time does `work`; others wait, an hour at most. */
export async function withFileLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const database = new Database(path, { timeout: 0 });
  try {
    for (let look = 0; !take(database); look += 1) {
      if (options.signal?.aborted) throw fault("environment.stopped", "Waiting was stopped.", "Run it again when you like.");
      if (look === 0) options.onWait?.();
      if (look >= MOST_LOOKS) throw fault("environment.busy", "Another process has been at the same work for an hour.", "End it, then try again.");
      await sleep(LOOK_MS);
    }
    return await work();
  } finally {
    database.close();
  }
}

function take(database: Database.Database): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_BUSY") return false;
    throw error;
  }
}
