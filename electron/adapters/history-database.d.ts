import Database from "better-sqlite3";
import type { HistoryRow } from "../core/api.ts";
import { type Migration } from "./history-schema.ts";
export type Opening = {
    readonly db: Database.Database;
    readonly ino: number;
    /** Empty, so every run has to be projected again. */
    readonly fresh: boolean;
    /** Newest first, at most `ROWS_READ`. */
    readonly rows: readonly HistoryRow[];
} | {
    readonly busy: true;
} | {
    readonly off: string;
};
export declare const ROWS_READ = 10000;
export declare function openDatabase(path: string, migrations?: readonly Migration[]): Opening;
export declare function isBusy(error: unknown): boolean;
/** A table that is missing, or a column, is damage too: migrations made them, so somebody took them away. */
export declare function isDamage(error: unknown): boolean;
export declare function codeOf(error: unknown): string;
/** `history.sqlite.broken-1`, `-2`, …; with nine of them the newest one is replaced. Its log goes with it. */
export declare function moveAside(path: string): void;
/** False once somebody deleted or replaced the file: what we wrote then would go nowhere. */
export declare function isStillThere(path: string, ino: number): boolean;
export declare function writeRows(db: Database.Database, rows: readonly HistoryRow[]): void;
export declare function readRows(db: Database.Database, limit: number): readonly HistoryRow[];
