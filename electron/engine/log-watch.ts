/** Errors in the log of the process that lives: read on from where it was read to, a bounded piece in a while. */
import { countLogErrors, LOG_ERRORS_COUNTED } from "../core/notices/log-errors.ts";
import type { Ports } from "../core/ports.ts";
import type { Run } from "./run.ts";

const READ_EVERY_S = 30;

export class LogWatch {
  private readonly ports: Ports;
  private seen: { readonly token: string; readonly readTo: number; readonly readAt: number; readonly errors: number } | null = null;

  constructor(ports: Ports) {
    this.ports = ports;
  }

  /** Of the living training; 0 where none lives. The log is the whole run's: what stood there when a process was first seen is older ones'. */
  errorsOf(run: Run): number {
    const { process } = run.state;
    if (process?.verb !== "train") return 0;
    const now = this.ports.clock.mono();
    const known = this.seen?.token === process.token ? this.seen : null;
    if (known && now - known.readAt < READ_EVERY_S) return known.errors;
    const { text, next } = this.ports.trainers.readLog(run.id, known?.readTo ?? Number.POSITIVE_INFINITY);
    const errors = known ? Math.min(LOG_ERRORS_COUNTED, known.errors + countLogErrors(text)) : 0;
    this.seen = { token: process.token, readTo: next, readAt: now, errors };
    return errors;
  }
}
