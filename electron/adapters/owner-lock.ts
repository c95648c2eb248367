/**
 * Who owns a home: whoever holds `owner.sqlite` with an exclusive transaction. The operating system takes the lock away when its
 * process ends, however it ends, so a stale lock cannot be. SQLite is used for it because it knows each system's file locks.
 *
 * Beware: on POSIX systems, a process that opens and closes this file by any other way loses its own lock.
 */
import { statSync, truncateSync } from "node:fs";
import Database from "better-sqlite3";

export interface OwnerLock {
  /** False once somebody deleted or replaced the file: another engine could then own the home too. */
  isHeld(): boolean;
  release(): void;
}

/** Null: someone living owns it. Throws where the file cannot be made at all. */
export function acquireOwnerLock(path: string): OwnerLock | null {
  try {
    return take(path);
  } catch (error) {
    if (!isText(error)) throw error;
    // Emptied in place, never deleted: whoever comes at the same moment locks the same file.
    truncateSync(path, 0);
    return take(path);
  }
}

function take(path: string): OwnerLock | null {
  const db = new Database(path, { timeout: 0 });
  try {
    // No journal file: nothing is ever written, and WAL would lock other files.
    db.pragma("journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
    const { ino } = statSync(path);
    return { isHeld: () => db.open && inodeOf(path) === ino, release: () => db.close() };
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}

function isText(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_NOTADB");
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch {
    return null;
  }
}
