/** Faults rows 14, 25, 26: whatever stands in a journal, reading goes on; damage is counted, buffers stay bounded. */
import { describe, expect, it } from "vitest";
import { type Cursor, type Entry, LINE_LIMIT_BYTES, position, read, START } from "../../electron/core/journal.ts";
import { ALL_SAMPLES, eventOf, lineOf, sample } from "./samples.ts";
import { type Dice, rounds } from "./seeded.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text);
const step = (n: number) => lineOf(eventOf(sample("step", { step: n }), { by: "trainer", n }));

function readAll(chunks: Iterable<Uint8Array>): { entries: Entry[]; cursor: Cursor } {
  const entries: Entry[] = [];
  let cursor = START;
  for (const chunk of chunks) {
    const result = read(cursor, chunk);
    cursor = result.cursor;
    for (const one of result.entries) entries.push(one);
  }
  return { entries, cursor };
}

const readText = (text: string) => readAll([bytes(text)]).entries;
const kinds = (entries: readonly Entry[]) => entries.map((one) => ("damage" in one ? one.damage.kind : one.event.type));

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A journal as bad luck writes it: good lines, torn ones, half characters, NULs, empty lines, now and then one too long. */
function badLuck(random: Dice, withLong: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let index = 0; index < 40; index += 1) {
    const line = bytes(lineOf(eventOf(random.pick(ALL_SAMPLES), { by: random.pick(["trainer", "engine", "keeper"]), n: 1 + random.below(5) })));
    const luck = random.below(10);
    if (luck < 5) parts.push(line);
    else if (luck === 5) parts.push(line.slice(0, random.below(line.length)));
    else if (luck === 6) parts.push(line.slice(0, random.below(line.length)), bytes("\n"));
    else if (luck === 7) parts.push(new Uint8Array(random.below(20)), bytes("\n"));
    else if (luck === 8) parts.push(bytes("\n".repeat(random.below(4))));
    else if (withLong) parts.push(new Uint8Array(LINE_LIMIT_BYTES - 2 + random.below(5)).fill(65), bytes("\n"));
  }
  return join(parts);
}

function cut(whole: Uint8Array, random: Dice, longest: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < whole.length; ) {
    const to = Math.min(whole.length, from + random.below(longest + 1));
    chunks.push(whole.slice(from, to));
    from = to;
  }
  return chunks;
}

describe("row 14: chunks", () => {
  it("any cutting into chunks gives the entries of one chunk", () => {
    rounds(100, (random) => {
      const longest = random.pick([3, 100, 5_000, 70_000]);
      const whole = badLuck(random, longest >= 5_000);
      const expected = readAll([whole]);
      const found = readAll(cut(whole, random, longest));
      expect(found.entries).toEqual(expected.entries);
      expect(position(found.cursor)).toBe(whole.length);
      expect(position(expected.cursor)).toBe(whole.length);
    });
  });

  it("a line cut at each of its bytes, characters of two to four bytes included, is one event", () => {
    const event = eventOf(sample("answered", { answer: "ğ🙂‏é\u2028" }), { by: "trainer" });
    const line = bytes(lineOf(event));
    for (let at = 0; at <= line.length; at += 1) expect(readAll([line.slice(0, at), line.slice(at)]).entries).toEqual([{ event }]);
  });

  it.each([
    ["plain bytes", (size: number) => new Uint8Array(size)],
    ["a Buffer, whose slices are no copies", (size: number) => Buffer.alloc(size)],
  ])("the caller may use its buffer again between two chunks: %s", (_name, make) => {
    const line = bytes(step(1));
    const buffer = make(line.length);
    const half = line.length >> 1;
    buffer.set(line.slice(0, half));
    const first = read(START, buffer.subarray(0, half));
    buffer.fill(0);
    expect(kinds(read(first.cursor, line.slice(half)).entries)).toEqual(["step"]);
  });

  it("a line that is not whole yet waits and is no damage", () => {
    const line = bytes(step(1));
    expect(readAll([line.slice(0, -1)]).entries).toEqual([]);
  });
});

describe("row 14: damage", () => {
  it("a torn line is one damage, and the line after it is read", () => {
    expect(kinds(readText(`${step(1)}{"v":1,"at":5\n${step(2)}`))).toEqual(["step", "broken-line", "step"]);
  });

  it("half a UTF-8 character is one damage, never a replaced character", () => {
    const line = bytes(lineOf(eventOf(sample("warned", { message: "ğ" }))));
    const broken = line.filter((byte) => byte !== 0x9f);
    expect(broken.length).toBe(line.length - 1);
    expect(kinds(readAll([broken, bytes(step(1))]).entries)).toEqual(["broken-line", "step"]);
  });

  it("NUL bytes (a power cut's hole) are one damage", () => {
    expect(kinds(readAll([bytes(step(1)), new Uint8Array(4096), bytes(`\n${step(2)}`)]).entries)).toEqual(["step", "broken-line", "step"]);
  });

  it.each([
    ["an unknown type", '{"v":1,"at":1,"mono":1,"boot":"b","by":"engine","n":1,"attempt":0,"type":"teleported"}'],
    ["no type", '{"v":1,"at":1,"mono":1,"boot":"b","by":"engine","n":1,"attempt":0}'],
    [
      "another version",
      lineOf(eventOf(sample("resumed")))
        .trim()
        .replace('"v":1', '"v":2'),
    ],
    [
      "an unknown writer",
      lineOf(eventOf(sample("resumed")))
        .trim()
        .replace('"engine"', '"renderer"'),
    ],
    ["a counter of 0", lineOf(eventOf(sample("resumed"), { n: 0 })).trim()],
    [
      "a wrong field",
      lineOf(eventOf(sample("resumed")))
        .trim()
        .replace('"fromStep":2', '"fromStep":"2"'),
    ],
    [
      "a missing field",
      lineOf(eventOf(sample("resumed")))
        .trim()
        .replace(',"fromStep":2', ""),
    ],
    [
      "a bare NaN",
      lineOf(eventOf(sample("evaluated")))
        .trim()
        .replace('"loss":2.25', '"loss":NaN'),
    ],
    [
      "a number beyond doubles",
      lineOf(eventOf(sample("evaluated")))
        .trim()
        .replace('"loss":2.25', '"loss":1e999'),
    ],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "42"],
    ["deep nesting", "[".repeat(30_000)],
    ["a prototype key", '{"__proto__":{"type":"resumed"}}'],
  ])("%s is one damage", (_name, line) => {
    expect(kinds(readText(`${line}\n${step(1)}`))).toEqual(["broken-line", "step"]);
  });

  it("a field we do not know yet is dropped and the event is kept", () => {
    const [found] = readText(step(1).replace('"step":1', '"step":1,"gpuWatts":7'));
    expect(found).toEqual({ event: eventOf(sample("step"), { by: "trainer" }) });
  });

  it("names the offset of the damaged line", () => {
    const [, damage] = readText(`${step(1)}x\n`);
    expect(damage).toEqual({ damage: { kind: "broken-line", offset: bytes(step(1)).length, detail: "not a line of JSON" } });
  });

  it("rows 14 and 44: nothing of a journal reaches a prototype", () => {
    readText(`${step(1).replace('"v":1', '"__proto__":{"polluted":1},"v":1')}`);
    expect("polluted" in {}).toBe(false);
  });
});

describe("counters", () => {
  const numbered = (...list: readonly (readonly ["trainer" | "engine", number])[]) =>
    kinds(readText(list.map(([by, n]) => lineOf(eventOf(sample("resumed"), { by, n }))).join("")));

  it("counts each writer for itself", () => {
    expect(numbered(["trainer", 1], ["engine", 1], ["trainer", 2], ["engine", 2])).toEqual(["resumed", "resumed", "resumed", "resumed"]);
  });

  it("a number left out is a gap, and the event still counts", () => {
    expect(numbered(["trainer", 1], ["trainer", 3], ["trainer", 4])).toEqual(["resumed", "gap", "resumed", "resumed"]);
  });

  it("a number twice is a gap too", () => {
    expect(numbered(["trainer", 1], ["trainer", 2], ["trainer", 2])).toEqual(["resumed", "resumed", "gap", "resumed"]);
  });

  it("a journal that starts in the middle is a gap", () => {
    expect(numbered(["trainer", 7])).toEqual(["gap", "resumed"]);
  });

  it("a new process starts at 1 again, which is no gap", () => {
    expect(numbered(["trainer", 1], ["trainer", 2], ["trainer", 1], ["trainer", 2])).not.toContain("gap");
  });
});

describe("size", () => {
  it("row 26: a line of 100 MB is one damage, and never more than a line's limit is held", () => {
    const chunk = new Uint8Array(1024 * 1024).fill(65);
    let cursor = START;
    let held = 0;
    for (let megabyte = 0; megabyte < 100; megabyte += 1) {
      const result = read(cursor, chunk);
      expect(result.entries).toEqual([]);
      cursor = result.cursor;
      held = Math.max(held, cursor.partial.length);
    }
    expect(held).toBeLessThanOrEqual(LINE_LIMIT_BYTES);
    const { entries } = read(cursor, bytes(`\n${step(1)}`));
    expect(kinds(entries)).toEqual(["long-line", "step"]);
    expect(entries[0]).toMatchObject({ damage: { offset: 0, detail: expect.stringContaining("104857600 bytes") } });
  });

  it("a line of exactly the limit is read, one byte more is not", () => {
    const around = (length: number) => {
      const empty = lineOf(eventOf(sample("warned", { message: "" }))).length - 1;
      return lineOf(eventOf(sample("warned", { message: "a".repeat(length - empty) })));
    };
    expect(kinds(readText(around(LINE_LIMIT_BYTES)))).toEqual(["warned"]);
    expect(kinds(readText(around(LINE_LIMIT_BYTES + 1)))).toEqual(["long-line"]);
  });

  it("row 26: a million empty lines are nothing", () => {
    const { entries, cursor } = readAll([new Uint8Array(1_000_000).fill(10), bytes(step(1))]);
    expect(kinds(entries)).toEqual(["step"]);
    expect(cursor.offset).toBe(1_000_000 + bytes(step(1)).length);
  });
});
