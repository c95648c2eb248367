/**
 * SQLite's own thread: it is synchronous, and a locked database must not hold up the engine. One request at a time comes in,
 * one reply goes out; whatever is not simply done is told, and the other side decides what to ask next.
 */
import { parentPort, workerData } from "node:worker_threads";
import type Database from "better-sqlite3";
import type { HistoryRow } from "../core/api.ts";
import { codeOf, deleteRow, isBusy, isDamage, isStillThere, moveAside, openDatabase, readRows, writeRows } from "./history-database.ts";

export type Request =
  | { readonly write: readonly HistoryRow[] }
  | { readonly list: number; readonly search: string }
  | { readonly forget: readonly string[] }
  | { readonly close: true };
export type Reply =
  | { readonly done: true; readonly rows: readonly HistoryRow[] }
  | { readonly busy: true }
  /** The database was lost, and a new, empty one stands in its place. */
  | { readonly lost: true }
  | { readonly off: string };

const path = (workerData as { path: string }).path;
let open: { readonly db: Database.Database; readonly ino: number } | null = null;

function answer(request: Request): Reply {
  if ("close" in request) {
    open?.db.close();
    open = null;
    return { done: true, rows: [] };
  }
  if (open && !isStillThere(path, open.ino)) {
    open.db.close();
    open = null;
  }
  if (!open) {
    const opening = openDatabase(path);
    if (!("db" in opening)) return opening;
    open = opening;
    if (opening.fresh) return { lost: true };
  }
  try {
    if ("list" in request) return { done: true, rows: readRows(open.db, request.list, request.search) };
    if ("forget" in request) {
      for (const run of request.forget) deleteRow(open.db, run);
      return { done: true, rows: [] };
    }
    writeRows(open.db, request.write);
    return { done: true, rows: [] };
  } catch (error) {
    return afterError(error);
  }
}

function afterError(error: unknown): Reply {
  if (isBusy(error)) return { busy: true };
  if (!isDamage(error)) return { off: `it cannot be written (${codeOf(error)})` };
  open?.db.close();
  open = null;
  moveAside(path);
  return { busy: true };
}

parentPort?.on("message", (request: Request) => {
  let reply: Reply;
  try {
    reply = answer(request);
  } catch (error) {
    reply = { off: codeOf(error) };
  }
  parentPort?.postMessage(reply);
});
