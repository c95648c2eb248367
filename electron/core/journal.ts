/** From bytes of a journal to events and damages: pure, fed in chunks, every buffer bounded. */
import { type Event, eventSchema, lineSchemas } from "./events.ts";
import { type Check, quickCheck } from "./quick-check.ts";

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
/** So many bytes are decoded at once, unless one line alone is longer. */
const BLOCK_BYTES = 1024 * 1024;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const QUICK: ReadonlyMap<unknown, Check | null> = new Map(lineSchemas.map((schema) => [schema.shape.type.value, quickCheck(schema)]));

/** Takes the next chunk of the file: its bytes from `position(cursor)` on. */
export function read(cursor: Cursor, chunk: Uint8Array): { cursor: Cursor; entries: Entry[] } {
  const entries: Entry[] = [];
  const counters: Record<string, number> = { ...cursor.counters };
  const first = chunk.indexOf(NEWLINE);
  if (first === -1) return { cursor: { ...extend(cursor, new Uint8Array(chunk)), counters }, entries };
  let { offset } = closeLine(extend(cursor, chunk.subarray(0, first)), entries, counters);
  let from = first + 1;
  for (const whole = chunk.lastIndexOf(NEWLINE) + 1; from < whole; ) {
    const block = chunk.subarray(from, blockEnd(chunk, from, whole));
    readLines(block, offset, entries, counters);
    offset += block.length;
    from += block.length;
  }
  // A copy (a Buffer's own slice is none): the caller may use its buffer again before the line is whole.
  const rest = extend({ offset, partial: NOTHING, skippedBytes: 0 }, new Uint8Array(chunk.subarray(from)));
  return { cursor: { ...rest, counters }, entries };
}

/** After the last line that ends within a block, or after the first one where that is longer. */
function blockEnd(chunk: Uint8Array, from: number, whole: number): number {
  if (whole - from <= BLOCK_BYTES) return whole;
  const last = chunk.lastIndexOf(NEWLINE, from + BLOCK_BYTES - 1);
  return (last >= from ? last : chunk.indexOf(NEWLINE, from)) + 1;
}

/** Whole lines. Decoding them together costs far less than one by one; where one is no UTF-8, each is decoded for itself. */
function readLines(block: Uint8Array, offset: number, entries: Entry[], counters: Record<string, number>): void {
  const text = decode(block);
  const isAscii = text?.length === block.length;
  let at = 0;
  for (let from = 0; from < block.length; ) {
    // Of ASCII the places in the text are those in the bytes.
    const endAt = text?.indexOf("\n", at) ?? -1;
    const end = isAscii ? endAt : block.indexOf(NEWLINE, from);
    if (end - from > LINE_LIMIT_BYTES) entries.push(longLine(offset + from, end - from));
    else if (end > from) parseLine(text === null ? decode(block.subarray(from, end)) : text.slice(at, endAt), offset + from, counters, entries);
    from = end + 1;
    at = endAt + 1;
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

function longLine(offset: number, bytes: number): Entry {
  return { damage: { kind: "long-line", offset, detail: `a line of ${bytes} bytes was left out` } };
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
  if (skippedBytes > 0) entries.push(longLine(offset, skippedBytes));
  else if (partial.length > 0) parseLine(decode(partial), offset, counters, entries);
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

/** `line` is null where its bytes were no UTF-8. */
function parseLine(line: string | null, offset: number, counters: Record<string, number>, entries: Entry[]): void {
  let value: unknown;
  try {
    if (line === null) throw new SyntaxError("no UTF-8");
    value = JSON.parse(line);
  } catch {
    entries.push({ damage: { kind: "broken-line", offset, detail: "not a line of JSON" } });
    return;
  }
  const event = toEvent(value);
  if (typeof event === "string") {
    entries.push({ damage: { kind: "broken-line", offset, detail: event } });
    return;
  }
  const expected = (counters[event.by] ?? 0) + 1;
  counters[event.by] = event.n;
  // A new process of the same writer starts at 1 again; only a jump within one process is a gap.
  if (event.n !== expected && event.n !== 1) entries.push({ damage: { kind: "gap", offset, detail: `${event.by} wrote ${event.n} after ${expected - 1}` } });
  entries.push({ event });
}

/** The event, or what is wrong with it. */
function toEvent(value: unknown): Event | string {
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : null;
  if (QUICK.get(type)?.(value)) return value as Event;
  const parsed = eventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
}
