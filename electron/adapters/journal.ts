/** One journal file: appended with O_APPEND, read by identity and offset, so that a file changed under us is seen. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { EventBody } from "../core/events.ts";
import { type Cursor, type Entry, LINE_LIMIT_BYTES, position, read, START } from "../core/journal.ts";
import type { Journal, JournalRead } from "../core/ports.ts";
import { bootId } from "./boot.ts";

const CHUNK_BYTES = 128 * 1024;
/** One for all journals: reading is synchronous, and whatever is kept of a chunk is copied out of it. */
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

export class FileJournal implements Journal {
  private readonly path: string;
  private readonly by: "engine";
  private readonly now: () => number;
  private writer: { fd: number; ino: number } | null = null;
  private reader: { fd: number; ino: number } | null = null;
  private cursor: Cursor = START;
  private written = 0;
  private missingSaid = false;
  private lost: string | null = null;
  private unreadable: string | null = null;

  constructor(path: string, by: "engine", now: () => number = () => Date.now()) {
    this.path = path;
    this.by = by;
    this.now = now;
  }

  append(body: EventBody, attempt: number): void {
    const n = this.written + 1;
    const line = `${JSON.stringify({ v: 1, at: this.now(), mono: performance.now() / 1000, boot: bootId(), by: this.by, n, attempt, ...body })}\n`;
    if (Buffer.byteLength(line) > LINE_LIMIT_BYTES) throw new Error(`an event of type ${body.type} is longer than a journal line may be`);
    const { fd, torn } = this.openWriter();
    const bytes = Buffer.from(torn ? `\n${line}` : line);
    // On a disk that fills up a part is written, and only the result says so.
    if (writeSync(fd, bytes) !== bytes.length) throw new Error(`the disk is full: ${this.path} could not be written whole`);
    this.written = n;
  }

  readNew(): JournalRead {
    try {
      const read = this.readChunk();
      this.unreadable = null;
      return read;
    } catch (error) {
      return this.sayUnreadable((error as Error).message);
    }
  }

  private readChunk(): JournalRead {
    // Kept until it was told: the reading below may fail.
    this.lost = this.openReader() ?? this.lost;
    if (this.lost) this.cursor = START;
    const lost = this.lost;
    const entries: Entry[] = lost ? [{ damage: { kind: "log-lost", offset: 0, detail: lost } }] : [];
    if (!this.reader) return this.told(lost, entries, false);
    const bytes = readSync(this.reader.fd, chunk, 0, CHUNK_BYTES, position(this.cursor));
    const result = read(this.cursor, chunk.subarray(0, bytes));
    this.cursor = result.cursor;
    // Not `push(...)`: a chunk of short lines may hold more entries than a call may have arguments.
    for (const entry of result.entries) entries.push(entry);
    return this.told(lost, entries, bytes === CHUNK_BYTES);
  }

  private told(lost: string | null, entries: Entry[], more: boolean): JournalRead {
    this.lost = null;
    return { reset: lost !== null, entries, more };
  }

  /** Once, and not at each look: what was read stays, and reading goes on from there when it can. */
  private sayUnreadable(detail: string): JournalRead {
    const entries: Entry[] = this.unreadable === detail ? [] : [{ damage: { kind: "unreadable", offset: position(this.cursor), detail } }];
    this.unreadable = detail;
    return { reset: false, entries, more: false };
  }

  close(): void {
    if (this.writer) closeSync(this.writer.fd);
    if (this.reader) closeSync(this.reader.fd);
    this.writer = null;
    this.reader = null;
  }

  /** The file may have been replaced since: what we append has to land where readers look. `torn`: it does not end in a newline. */
  private openWriter(): { fd: number; torn: boolean } {
    const ino = inodeOf(this.path);
    if (this.writer && this.writer.ino !== ino) {
      closeSync(this.writer.fd);
      this.writer = null;
    }
    if (!this.writer) {
      const fd = openSync(this.path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      this.writer = { fd, ino: fstatSync(fd).ino };
    }
    const { fd } = this.writer;
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    return { fd, torn: size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 10 };
  }

  /** Returns why the log was lost, or null when reading simply goes on. */
  private openReader(): string | null {
    const ino = inodeOf(this.path);
    if (ino === null) return this.readerGone();
    this.missingSaid = false;
    const replaced = this.reader !== null && this.reader.ino !== ino;
    if (this.reader && !replaced) {
      return fstatSync(this.reader.fd).size < position(this.cursor) ? "the journal became shorter" : null;
    }
    const old = this.reader;
    this.reader = null;
    if (old) closeSync(old.fd);
    this.reader = { fd: openSync(this.path, constants.O_RDONLY | constants.O_NOFOLLOW), ino };
    return replaced || position(this.cursor) > 0 ? "the journal was replaced" : null;
  }

  private readerGone(): string | null {
    if (this.reader) closeSync(this.reader.fd);
    const had = this.reader !== null && !this.missingSaid;
    this.reader = null;
    this.missingSaid = true;
    return had ? "the journal was deleted" : null;
  }
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
