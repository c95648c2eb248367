/**
 * The projection people search, in SQLite, in a thread of its own. What cannot be written now is written later; what is lost is
 * written again. Without SQLite the app runs on and says why there is no history.
 */
import { Worker } from "node:worker_threads";
import type { HistoryRow } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import type { History } from "../core/ports.ts";
import type { RunState } from "../core/state.ts";
import { openDatabase, ROWS_READ } from "./history-database.ts";
import { historyRow } from "./history-row.ts";
import type { Reply, Request } from "./history-worker.ts";
import { sqliteOff } from "./sqlite.ts";

const RETRY_MS = 100;
const LIST_TRIES = 50;
const CLOSE_TRIES = 20;
const WRITE_ROUNDS = 10;

/** `workerFile`: `history-worker.ts`, or what it was bundled into. */
export function openHistory(path: string, workerFile: string | URL): History {
  const off = sqliteOff();
  if (off !== null) return noHistory(off);
  // Looked at once from here, so that the engine knows at once whether it has to project every run.
  const opening = openDatabase(path);
  if ("off" in opening) return noHistory(opening.off);
  // What stands in it cannot be seen now, and may be nothing at all.
  if ("busy" in opening) return new WorkerHistory(path, workerFile, [], true);
  opening.db.close();
  return new WorkerHistory(path, workerFile, opening.rows, opening.fresh);
}

function noHistory(offReason: string): History {
  return { offReason, needsRebuild: false, project: () => {}, outcomeOf: () => null, list: async () => [], forget: () => {}, close: async () => {} };
}

class WorkerHistory implements History {
  offReason: string | null = null;
  readonly needsRebuild: boolean;
  private readonly worker: Worker;
  /** Every row there is, so that a database lost under us is whole again without the journals; the oldest go at `ROWS_READ`. */
  private readonly known = new Map<string, HistoryRow>();
  private readonly waiting = new Set<string>();
  /** Rows that are to be deleted. */
  private readonly forgotten = new Set<string>();
  private flushing: Promise<void> | null = null;
  private closing: Promise<void> | null = null;
  private ended = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(path: string, workerFile: string | URL, rows: readonly HistoryRow[], fresh: boolean) {
    this.needsRebuild = fresh;
    for (const row of rows.toReversed()) this.known.set(row.run, row);
    this.worker = new Worker(workerFile, { workerData: { path } });
    // History keeps no process alive; while a request is under way, `ask` does.
    this.worker.unref();
    this.worker.on("error", (error) => this.turnOff(`its thread ended (${error.message})`));
    this.worker.on("exit", () => this.turnOff("its thread ended"));
  }

  project(state: RunState): void {
    if (this.offReason !== null || this.closing || state.id === "") return;
    const row = historyRow(state);
    const old = this.known.get(row.run);
    if (old && JSON.stringify(old) === JSON.stringify(row)) return;
    this.known.set(row.run, row);
    this.forgotten.delete(row.run);
    this.waiting.add(row.run);
    this.forgetOldest();
    void this.flush();
  }

  outcomeOf(run: string): string | null {
    return this.known.get(run)?.outcome ?? null;
  }

  /** Its row goes when the database can be written; until then it is not listed. */
  forget(run: string): void {
    this.known.delete(run);
    this.waiting.delete(run);
    this.forgotten.add(run);
    void this.flush();
  }

  async list(limit: number, search = ""): Promise<readonly HistoryRow[]> {
    for (let tries = 0; tries < LIST_TRIES && this.offReason === null && !this.closing; tries += 1) {
      await this.flush();
      // Rows that came while the last ones were being written.
      await this.flush();
      const reply = await this.ask({ list: limit, search });
      if ("done" in reply) return reply.rows;
      await this.after(reply);
    }
    const why = this.offReason ?? (this.closing ? "it is closed" : "another program holds its database locked, or the disk is full");
    throw fault("engine.history", `History cannot be read: ${why}.`, "Runs go on without it; try again later.");
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    for (let tries = 0; tries < CLOSE_TRIES && this.pending > 0 && this.offReason === null; tries += 1) {
      await this.flush();
      if (this.pending > 0) await pause();
    }
    await this.ask({ close: true });
    this.ended = true;
    await this.worker.terminate();
  }

  /** Resolves when everything is written, or cannot be now and will be tried again. */
  private flush(): Promise<void> {
    if (this.pending === 0 || this.offReason !== null || this.ended) return this.flushing ?? Promise.resolve();
    this.flushing ??= this.writeWaiting().finally(() => {
      this.flushing = null;
      if (this.pending > 0) setTimeout(() => void this.flush(), RETRY_MS).unref();
    });
    return this.flushing;
  }

  private get pending(): number {
    return this.waiting.size + this.forgotten.size;
  }

  private async writeWaiting(): Promise<void> {
    if (!(await this.deleteForgotten())) return;
    for (let round = 0; round < WRITE_ROUNDS && this.waiting.size > 0; round += 1) {
      const sent = [...this.waiting].flatMap((run) => this.known.get(run) ?? []);
      const reply = await this.ask({ write: sent });
      if ("done" in reply) this.keep(sent);
      else await this.after(reply);
      if ("busy" in reply) return;
    }
  }

  /** A row that changed while it was on its way stays and goes once more. */
  private keep(sent: readonly HistoryRow[]): void {
    for (const row of sent) if (this.known.get(row.run) === row) this.waiting.delete(row.run);
  }

  /** False: not now; it is tried again. */
  private async deleteForgotten(): Promise<boolean> {
    if (this.forgotten.size === 0) return true;
    const gone = [...this.forgotten];
    const reply = await this.ask({ forget: gone });
    if ("done" in reply) for (const run of gone) this.forgotten.delete(run);
    else await this.after(reply);
    return !("busy" in reply);
  }

  private async after(reply: Exclude<Reply, { done: true }>): Promise<void> {
    if ("off" in reply) this.turnOff(reply.off);
    else if ("lost" in reply) for (const run of this.known.keys()) this.waiting.add(run);
    else await pause();
  }

  /** One request at a time, in order; a dead thread answers "off". */
  private ask(request: Request): Promise<Reply> {
    const reply = this.turn.then(() => this.exchange(request));
    this.turn = reply;
    return reply;
  }

  private exchange(request: Request): Promise<Reply> {
    if (this.offReason !== null || this.ended) return Promise.resolve({ off: this.offReason ?? "it is closed" });
    return new Promise((resolve) => {
      const finish = (reply: Reply) => {
        this.worker.off("message", finish);
        this.worker.off("exit", ended);
        this.worker.unref();
        resolve(reply);
      };
      const ended = () => finish({ off: this.offReason ?? "its thread ended" });
      this.worker.ref();
      this.worker.on("message", finish);
      this.worker.on("exit", ended);
      this.worker.postMessage(request);
    });
  }

  private turnOff(reason: string): void {
    if (this.ended) return;
    this.offReason ??= reason;
    this.waiting.clear();
    this.forgotten.clear();
  }

  private forgetOldest(): void {
    if (this.known.size <= ROWS_READ) return;
    const oldest = this.known.keys().next().value;
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
  });
}
