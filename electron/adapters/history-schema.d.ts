/** The database's shape as a list of named steps. A step never changes once it has shipped; a new shape is a new step at the end. */
import type Database from "better-sqlite3";
export interface Migration {
    readonly name: string;
    apply(db: Database.Database): void;
}
export declare const MIGRATIONS: readonly Migration[];
export type MigrationResult = {
    readonly applied: readonly string[];
} | {
    readonly newer: string;
};
/** Each step and its record are one transaction: killed at any moment, the file has the shape before the step or after it. */
export declare function migrate(db: Database.Database, migrations?: readonly Migration[]): MigrationResult;
