/** Taking a home, or another file's lock, with whatever SQLite this process can reach: its own, or a Python's. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fault } from "../core/faults.ts";
import { holdOwnerLock } from "./owner-holder.ts";
import { acquireOwnerLock, type OwnerLock } from "./owner-lock.ts";
import { sqliteOff } from "./sqlite.ts";

/** The home is ours from here on, or somebody else's, and then this says so. */
export async function acquireOwner(home: string): Promise<OwnerLock> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const lock = await acquireLock(join(home, "owner.sqlite"));
  if (lock === null) throw fault("engine.owned", "Thortime is running already in this home.", "Use the one that is running; see: thortime status.");
  return lock;
}

/** Null: someone living owns it. Throws where the file cannot be made at all. */
export async function acquireLock(path: string): Promise<OwnerLock | null> {
  return sqliteOff() === null ? acquireOwnerLock(path) : await holdOwnerLock(path, process.env);
}
