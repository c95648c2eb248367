/** From bytes of a journal to events and damages: pure, fed in chunks, every buffer bounded. */
import { type Event, eventSchema } from "./events.ts";

export interface Damage {
  readonly kind: "broken-line" | "long-line" | "gap" | "log-lost";
  readonly offset: number;
  readonly detail: string;
}

export type Entry = { readonly event: Event } | { readonly damage: Damage };

/** Writers stay under 64 kB a line; anything longer is not ours. */
export const LINE_LIMIT_BYTES = 64 * 1024;

/** Reader state between chunks: the unfinished last line and each writer's counter. Treat as opaque. */
export interface Cursor {
  readonly offset: number;
  readonly partial: Uint8Array;
  /** Bytes of an over-long line being thrown away; 0 when none is. */
  readonly skippedBytes: number;
  readonly counters: Readonly<Record<string, number>>;
}

export const START: Cursor = { offset: 0, partial: new Uint8Array(0), skippedBytes: 0, counters: {} };

const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Takes the next chunk of the file (its bytes from `cursor.offset + partial + skipped` on). */
export function read(cursor: Cursor, chunk: Uint8Array): { cursor: Cursor; entries: Entry[] } {
  const entries: Entry[] = [];
  const counters: Record<string, number> = { ...cursor.counters };
  let { offset, partial, skippedBytes } = cursor;
  let from = 0;
  while (from < chunk.length) {
    const end = chunk.indexOf(NEWLINE, from);
    const piece = chunk.subarray(from, end === -1 ? chunk.length : end);
    if (skippedBytes > 0 || partial.length + piece.length > LINE_LIMIT_BYTES) {
      skippedBytes += partial.length + piece.length;
      partial = new Uint8Array(0);
    } else if (end === -1 || partial.length > 0) {
      partial = join(partial, piece);
    }
    if (end === -1) break;
    if (skippedBytes > 0) {
      entries.push({ damage: { kind: "long-line", offset, detail: `a line of ${skippedBytes} bytes was left out` } });
      offset += skippedBytes + 1;
    } else {
      const line = partial.length > 0 ? partial : piece;
      if (line.length > 0) entries.push(...parseLine(line, offset, counters));
      offset += line.length + 1;
    }
    partial = new Uint8Array(0);
    skippedBytes = 0;
    from = end + 1;
  }
  return { cursor: { offset, partial, skippedBytes, counters }, entries };
}

/** Where in the file the next chunk has to start. */
export function position(cursor: Cursor): number {
  return cursor.offset + cursor.partial.length + cursor.skippedBytes;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function parseLine(line: Uint8Array, offset: number, counters: Record<string, number>): Entry[] {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(line));
  } catch {
    return [{ damage: { kind: "broken-line", offset, detail: "not a line of JSON" } }];
  }
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return [{ damage: { kind: "broken-line", offset, detail: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() } }];
  }
  const event = parsed.data;
  const expected = (counters[event.by] ?? 0) + 1;
  counters[event.by] = event.n;
  // A new process of the same writer starts at 1 again; only a jump within one process is a gap.
  const gap = event.n !== expected && event.n !== 1;
  if (!gap) return [{ event }];
  return [{ damage: { kind: "gap", offset, detail: `${event.by} wrote ${event.n} after ${expected - 1}` } }, { event }];
}
