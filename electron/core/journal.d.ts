/** From bytes of a journal to events and damages: pure, fed in chunks, every buffer bounded. */
import { type Event } from "./events.ts";
export interface Damage {
    readonly kind: "broken-line" | "long-line" | "gap" | "log-lost" | "unreadable";
    readonly offset: number;
    readonly detail: string;
}
export type Entry = {
    readonly event: Event;
} | {
    readonly damage: Damage;
};
/** Writers stay under 64 kB a line; anything longer is not ours. */
export declare const LINE_LIMIT_BYTES: number;
/** Reader state between chunks: the unfinished last line and each writer's counter. Treat as opaque. */
export interface Cursor {
    readonly offset: number;
    readonly partial: Uint8Array;
    /** Bytes of an over-long line being thrown away; 0 when none is. */
    readonly skippedBytes: number;
    readonly counters: Readonly<Record<string, number>>;
}
export declare const START: Cursor;
/** Takes the next chunk of the file: its bytes from `position(cursor)` on. */
export declare function read(cursor: Cursor, chunk: Uint8Array): {
    cursor: Cursor;
    entries: Entry[];
};
/** Where in the file the next chunk has to start. */
export declare function position(cursor: Cursor): number;
