/** Reads little-endian values off the head of a GGUF file. Nothing is read, and nothing reserved, before its bound is checked. */

/** The file breaks the format; the message says how. */
export class Refusal extends Error {}

/** The head handed in ends before the header does; this many bytes of the file are needed at least. */
export class MoreNeeded extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super("more bytes are needed");
    this.bytes = bytes;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export class GgufReader {
  readonly fileBytes: number;
  private readonly head: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(head: Uint8Array, fileBytes: number) {
    this.head = head;
    this.fileBytes = fileBytes;
    this.view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  }

  get position(): number {
    return this.at;
  }

  get bytesLeft(): number {
    return this.fileBytes - this.at;
  }

  /** Moves over `bytes` and returns where they begin. */
  take(bytes: number, what: string): number {
    if (bytes > this.bytesLeft) throw new Refusal(`the file ends inside ${what}`);
    if (this.at + bytes > this.head.length) throw new MoreNeeded(this.at + bytes);
    const from = this.at;
    this.at += bytes;
    return from;
  }

  uint8(what: string): number {
    return this.view.getUint8(this.take(1, what));
  }

  uint32(what: string): number {
    return this.view.getUint32(this.take(4, what), true);
  }

  /** A count or length; beyond 2^53 it could not be a true one. */
  uint64(what: string): number {
    const value = this.view.getBigUint64(this.take(8, what), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Refusal(`${what} is ${value}, which no file can hold`);
    return Number(value);
  }

  /** A count of things that take at least `leastBytes` each: more than the file could hold is a lie. */
  count(what: string, leastBytes: number): number {
    const value = this.uint64(`the number of ${what}`);
    if (value > this.bytesLeft / leastBytes) throw new Refusal(`it claims ${value} ${what}, more than fit into its ${this.fileBytes} bytes`);
    return value;
  }

  skipString(what: string): void {
    this.take(this.count(`bytes in ${what}`, 1), what);
  }

  string(what: string, limitBytes: number): string {
    const bytes = this.count(`bytes in ${what}`, 1);
    if (bytes > limitBytes) throw new Refusal(`${what} is ${bytes} bytes long, more than the ${limitBytes} allowed`);
    const from = this.take(bytes, what);
    try {
      return utf8.decode(this.head.subarray(from, from + bytes));
    } catch {
      throw new Refusal(`${what} is not UTF-8 text`);
    }
  }
}
