/** Opens the history database, or says why not. A damaged file is moved aside, never repaired: journals are the truth. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import type { HistoryRow } from "../core/api.ts";
import { MIGRATIONS, type Migration, migrate } from "./history-schema.ts";

export type Opening =
  | {
      readonly db: Database.Database;
      readonly ino: number;
      /** Empty, or of an older shape: every run has to be projected again. */
      readonly fresh: boolean;
      /** Newest first, at most `ROWS_READ`. */
      readonly rows: readonly HistoryRow[];
    }
  | { readonly busy: true }
  | { readonly off: string };

/** Short, so that nobody waits; whoever asked asks again later. */
const BUSY_MS = 50;
const BROKEN_KEPT = 9;
export const ROWS_READ = 10_000;

export function openDatabase(path: string, migrations: readonly Migration[] = MIGRATIONS): Opening {
  const first = attempt(path, migrations);
  if (first !== "damaged") return first;
  try {
    moveAside(path);
  } catch (error) {
    return { off: `it is damaged and cannot be moved aside (${codeOf(error)})` };
  }
  const second = attempt(path, migrations);
  return second === "damaged" ? { off: "a new file in its place is damaged too" } : second;
}

function attempt(path: string, migrations: readonly Migration[]): Opening | "damaged" {
  let db: Database.Database | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    db = new Database(path, { timeout: BUSY_MS });
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = NORMAL");
    // One row is enough to know: `ok`, or the first thing that is wrong.
    if (db.pragma("quick_check(1)", { simple: true }) !== "ok") throw new DamagedError();
    const result = migrate(db, migrations);
    if ("newer" in result) {
      db.close();
      return { off: "it was written by a newer Thortime; update Thortime to see it" };
    }
    // Read here, because a check that finds nothing is no proof that the rows can be had.
    return { db, ino: statSync(path).ino, fresh: result.applied.length > 0, rows: readRows(db, ROWS_READ) };
  } catch (error) {
    db?.close();
    if (isBusy(error)) return { busy: true };
    if (isDamage(error)) return "damaged";
    return { off: `it cannot be opened (${codeOf(error)})` };
  }
}

class DamagedError extends Error {}

/** Passes by itself: somebody holds it, or the disk is full. Without room, the log's index fails as an i/o error. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR_SHM|IOERR_WRITE|IOERR_TRUNCATE)/.test(codeOf(error));
}

/** A table that is missing, or a column, is damage too: migrations made them, so somebody took them away. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedError || /^SQLITE_(CORRUPT|NOTADB|FORMAT|SCHEMA)/.test(codeOf(error))) return true;
  return codeOf(error) === "SQLITE_ERROR" && error instanceof Error && /no such (table|column)/.test(error.message);
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
}

/** `history.sqlite.broken-1`, `-2`, …; with nine of them the newest one is replaced. Its log goes with it. */
export function moveAside(path: string): void {
  let number = 1;
  while (number < BROKEN_KEPT && existsSync(`${path}.broken-${number}`)) number += 1;
  for (const suffix of ["", "-wal", "-shm"]) {
    rmSync(`${path}.broken-${number}${suffix}`, { recursive: true, force: true });
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${path}.broken-${number}${suffix}`);
  }
}

/** False once somebody deleted or replaced the file: what we wrote then would go nowhere. */
export function isStillThere(path: string, ino: number): boolean {
  try {
    return statSync(path).ino === ino;
  } catch {
    return false;
  }
}

const COLUMNS = [
  "run",
  "name",
  "kind",
  "model",
  "from",
  "verdict",
  "createdAt",
  "outcome",
  "steps",
  "totalSteps",
  "firstLoss",
  "lastLoss",
  "heldOutBefore",
  "heldOutAfter",
  "checkpoints",
  "trainSeconds",
  "gguf",
  "deployedAs",
] as const satisfies readonly (keyof HistoryRow)[];

/** `from` is a word of SQL's own. */
const columnOf = (field: string) => (field === "from" ? "fromRun" : field);
const NAMES = COLUMNS.map(columnOf).join(", ");
const READ = COLUMNS.map((field) => `${columnOf(field)} AS "${field}"`).join(", ");

export function writeRows(db: Database.Database, rows: readonly HistoryRow[]): void {
  const statement = db.prepare(`INSERT OR REPLACE INTO runs (${NAMES}) VALUES (${COLUMNS.map((column) => `@${column}`).join(", ")})`);
  const write = db.transaction(() => {
    for (const row of rows) statement.run(row);
  });
  write.immediate();
}

/** `search` stands somewhere in name, id or base model, as it is written; in ASCII upper and lower case are alike. */
export function readRows(db: Database.Database, limit: number, search = ""): readonly HistoryRow[] {
  const like = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  const found = "name LIKE @like ESCAPE '\\' OR run LIKE @like ESCAPE '\\' OR model LIKE @like ESCAPE '\\'";
  return db.prepare(`SELECT ${READ} FROM runs WHERE ${found} ORDER BY createdAt DESC, run DESC LIMIT @limit`).all({ like, limit }) as HistoryRow[];
}

export function deleteRow(db: Database.Database, run: string): void {
  db.prepare("DELETE FROM runs WHERE run = ?").run(run);
}
