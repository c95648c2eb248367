/** Progress for the journal: at most two lines a second, and the last one of each task. */
import { performance } from "node:perf_hooks";
import type { EventOf } from "../../core/events.ts";

export type Task = EventOf<"export-progress">["task"];
export type Progress = { type: "export-progress"; task: Task; doneBytes: number; totalBytes: number };

const INTERVAL_MS = 500;

export class Pacer {
  private lastMs = Number.NEGATIVE_INFINITY;

  /** A list of one or none, so that a generator can `yield*` it. */
  report(task: Task, doneBytes: number, totalBytes: number): readonly Progress[] {
    const nowMs = performance.now();
    if (nowMs - this.lastMs < INTERVAL_MS) return [];
    this.lastMs = nowMs;
    return [{ type: "export-progress", task, doneBytes, totalBytes }];
  }

  finish(task: Task, totalBytes: number): Progress {
    this.lastMs = performance.now();
    return { type: "export-progress", task, doneBytes: totalBytes, totalBytes };
  }
}
