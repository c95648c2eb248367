/** From bytes of a journal to events and damages: pure, fed in chunks, every buffer bounded. */
import { type Event, eventSchema } from "./events.ts";

export interface Damage {
  readonly kind: "broken-line" | "long-line" | "gap" | "log-lost" | "unreadable";
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

const NOTHING = new Uint8Array(0);
export const START: Cursor = { offset: 0, partial: NOTHING, skippedBytes: 0, counters: {} };

const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Takes the next chunk of the file: its bytes from `position(cursor)` on. */
export function read(cursor: Cursor, chunk: Uint8Array): { cursor: Cursor; entries: Entry[] } {
  const entries: Entry[] = [];
  const counters: Record<string, number> = { ...cursor.counters };
  let open: OpenLine = cursor;
  let from = 0;
  for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
    open = closeLine(extend(open, chunk.subarray(from, end)), entries, counters);
    from = end + 1;
  }
  // A copy: the caller may use its buffer again before the line is whole.
  const rest = extend(open, chunk.slice(from));
  return { cursor: { ...rest, counters }, entries };
}

type OpenLine = Pick<Cursor, "offset" | "partial" | "skippedBytes">;

function extend(open: OpenLine, piece: Uint8Array): OpenLine {
  const { offset, partial, skippedBytes } = open;
  if (skippedBytes > 0 || partial.length + piece.length > LINE_LIMIT_BYTES) {
    return { offset, partial: NOTHING, skippedBytes: skippedBytes + partial.length + piece.length };
  }
  return { offset, partial: partial.length === 0 ? piece : join(partial, piece), skippedBytes: 0 };
}

function closeLine(line: OpenLine, entries: Entry[], counters: Record<string, number>): OpenLine {
  const { offset, partial, skippedBytes } = line;
  if (skippedBytes > 0) entries.push({ damage: { kind: "long-line", offset, detail: `a line of ${skippedBytes} bytes was left out` } });
  else if (partial.length > 0) parseLine(partial, offset, counters, entries);
  return { offset: offset + partial.length + skippedBytes + 1, partial: NOTHING, skippedBytes: 0 };
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

function parseLine(line: Uint8Array, offset: number, counters: Record<string, number>, entries: Entry[]): void {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(line));
  } catch {
    entries.push({ damage: { kind: "broken-line", offset, detail: "not a line of JSON" } });
    return;
  }
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    entries.push({ damage: { kind: "broken-line", offset, detail: `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim() } });
    return;
  }
  const event = parsed.data;
  const expected = (counters[event.by] ?? 0) + 1;
  counters[event.by] = event.n;
  // A new process of the same writer starts at 1 again; only a jump within one process is a gap.
  if (event.n !== expected && event.n !== 1) entries.push({ damage: { kind: "gap", offset, detail: `${event.by} wrote ${event.n} after ${expected - 1}` } });
  entries.push({ event });
}
