/** Errors are values: what kind, one sentence for a person, and the next step. Exit codes are documented in docs/cli.md. */
import type { Fault } from "./events.ts";
export type { Fault } from "./events.ts";
export declare class FaultError extends Error {
    readonly fault: Fault;
    constructor(fault: Fault);
}
export declare function fault(kind: string, message: string, next: string): FaultError;
export declare function exitCode(kind: string): number;
/** What a person may see of anything that was thrown; never a stack trace. */
export declare function toFault(error: unknown): Fault;
export declare function assertNever(value: never): never;
