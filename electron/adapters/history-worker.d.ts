import type { HistoryRow } from "../core/api.ts";
export type Request = {
    readonly write: readonly HistoryRow[];
} | {
    readonly list: number;
} | {
    readonly close: true;
};
export type Reply = {
    readonly done: true;
    readonly rows: readonly HistoryRow[];
} | {
    readonly busy: true;
}
/** The database was lost, and a new, empty one stands in its place. */
 | {
    readonly lost: true;
} | {
    readonly off: string;
};
