/** A snapshot that was packed for its way is the same when it arrives, and a run's stays under 64 kB however long its journal is. */
import { describe, expect, it } from "vitest";
import type { Update } from "../../electron/core/api.ts";
import { MAX_BUCKETS } from "../../electron/core/curve.ts";
import { read, START } from "../../electron/core/journal.ts";
import { pack, packUpdate, unpack, unpackUpdate } from "../../electron/core/packed.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { journalPieces } from "../fixtures/long-journal.ts";
import { type Dice, rounds } from "./seeded.ts";

const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("what arrives is what was sent", () => {
  it.each([
    [
      "like objects",
      [
        { a: 1, b: null },
        { a: 2, b: "x" },
        { a: 3, b: [1] },
      ],
    ],
    ["unlike objects", [{ a: 1 }, { b: 2 }, { a: 3 }]],
    [
      "the same names in another order",
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
        { a: 1, b: 2 },
      ],
    ],
    ["a field of the mark's name", { "~": [1], rows: [{ "~": null }, { "~": 1 }, { "~": 2 }] }],
    ["a field called __proto__", JSON.parse('{"a":{"__proto__":{"x":1}}}')],
    [
      "a missing field",
      [
        { a: 1, b: undefined },
        { a: 2, b: undefined },
        { a: 3, b: 4 },
      ],
    ],
    ["lists in lists", [[{ a: 1 }, { a: 2 }, { a: 3 }], [], [null, {}, 1]]],
    ["nothing", null],
  ])("%s", (_name, value) => {
    expect(unpack(sent(pack(value)))).toEqual(sent(value));
  });

  it("any JSON", () => {
    rounds(300, (random) => {
      const value = anything(random, 4);
      expect(unpack(sent(pack(value)))).toEqual(value);
      expect(unpack(value)).toEqual(value);
    });
  });

  it("an update with a snapshot, packed or never packed, and one with entries", () => {
    const state = folded(3_000);
    const update: Update = { topic: "run:x", seq: 7, snapshot: state };
    expect(unpackUpdate(sent(packUpdate(update)) as Update)).toEqual(sent(update));
    expect(unpackUpdate(sent(update) as Update)).toEqual(sent(update));
    expect(packUpdate({ topic: "run:x", seq: 7, entries: [] })).toEqual({ topic: "run:x", seq: 7, entries: [] });
  });
});

function folded(events: number): RunState {
  let [cursor, state] = [START, EMPTY_RUN];
  for (const piece of journalPieces(events)) {
    const found = read(cursor, piece);
    cursor = found.cursor;
    state = reduceAll(state, found.entries);
  }
  return state;
}

/** No name is the mark's: what was never packed is read as it stands. */
function anything(random: Dice, depth: number): unknown {
  const kind = random.below(depth > 0 ? 5 : 3);
  if (kind === 0) return random.below(1_000) / 8;
  if (kind === 1) return random.pick(["", "ğ", null, true]);
  if (kind === 2) return {};
  const list = Array.from({ length: random.below(6) }, () => anything(random, depth - 1));
  if (kind === 3) return list;
  const names = random.pick([["a", "b"], ["a", "c", "rows"], ["entries"]]);
  return list.map(() => Object.fromEntries(names.map((name) => [name, anything(random, depth - 1)])));
}

describe("size", () => {
  /** The journal fills every list a night fills: 20 answers before and after, three curves, happenings, checkpoints, step times. */
  it("of a run is under 64 kB at every look of a journal of 10⁵ events", () => {
    let [cursor, state, most] = [START, EMPTY_RUN, 0];
    for (const piece of journalPieces(100_000)) {
      const found = read(cursor, piece);
      cursor = found.cursor;
      state = reduceAll(state, found.entries);
      const update: Update = { topic: "run:jessy-20261123-220000-3fa9", seq: 100_000, snapshot: state };
      most = Math.max(most, Buffer.byteLength(JSON.stringify(packUpdate(update))));
    }
    console.log(`the largest snapshot has ${most} bytes`);
    expect([state.curve, state.pace, state.temperature].every(({ buckets }) => buckets.length > MAX_BUCKETS / 2)).toBe(true);
    expect(most).toBeLessThan(64_000);
  });
});
