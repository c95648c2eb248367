import type { History } from "../core/ports.ts";
/** `workerFile`: `history-worker.ts`, or what it was bundled into. */
export declare function openHistory(path: string, workerFile: string | URL): History;
