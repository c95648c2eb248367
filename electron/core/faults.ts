/** Errors are values: what kind, one sentence for a person, and the next step. Exit codes are documented in docs/cli.md. */
import type { Fault } from "./events.ts";

export type { Fault } from "./events.ts";

/** Exit codes by kind prefix; anything else is 1. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  usage: 2,
  data: 3,
  model: 4,
  name: 5,
  environment: 6,
  ollama: 7,
  run: 8,
  engine: 9,
  port: 10,
  disk: 11,
};

export class FaultError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.name = "FaultError";
    this.fault = fault;
  }
}

export function fault(kind: string, message: string, next: string): FaultError {
  return new FaultError({ kind, message, next });
}

export function exitCode(kind: string): number {
  const prefix = kind.split(".")[0] ?? "";
  // Kinds also come from other processes: "constructor" must not find what every object has.
  return Object.hasOwn(EXIT_CODES, prefix) ? (EXIT_CODES[prefix] ?? 1) : 1;
}

/** What a person may see of anything that was thrown; never a stack trace. */
export function toFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "internal",
    message: `Something unexpected happened: ${message}.`,
    next: "Try again; if it comes back, report it with the file engine.log from the home folder.",
  };
}

export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
