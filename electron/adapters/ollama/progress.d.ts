import type { EventOf } from "../../core/events.ts";
export type Task = EventOf<"export-progress">["task"];
export type Progress = {
    type: "export-progress";
    task: Task;
    doneBytes: number;
    totalBytes: number;
};
export declare class Pacer {
    private lastMs;
    /** A list of one or none, so that a generator can `yield*` it. */
    report(task: Task, doneBytes: number, totalBytes: number): readonly Progress[];
    finish(task: Task, totalBytes: number): Progress;
}
