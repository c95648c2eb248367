/** Fault row 24: less memory step by step, down to one row, then shorter rows, then a person. */
import { describe, expect, it } from "vitest";
import { memoryLadder, rungAfter } from "../../electron/core/ladder.ts";
import { rounds } from "./seeded.ts";

const ladder = (micro_batch_size: number, max_seq_length: number) =>
  memoryLadder({ micro_batch_size, max_seq_length }).map(({ microBatchTokens, maxSeqLength }) => [microBatchTokens, maxSeqLength]);

describe("row 24: the rungs", () => {
  it.each<[number, number, ReturnType<typeof ladder>]>([
    [
      4,
      2048,
      [
        [4096, null],
        [2048, null],
        [1024, 1024],
      ],
    ],
    [1, 2048, [[1024, 1024]]],
    [
      3,
      2048,
      [
        [3072, null],
        [2048, null],
        [1024, 1024],
      ],
    ],
    [2, 1024, [[1024, null]]],
    [1, 1024, []],
    [1, 64, []],
    [
      4,
      64,
      [
        [128, null],
        [64, null],
      ],
    ],
    [1, 1025, [[1024, 1024]]],
  ])("%i rows of %i tokens", (rows, tokens, expected) => {
    expect(ladder(rows, tokens)).toEqual(expected);
  });

  it("each asks for less than the one before, the longest row always fits, and there are at most nine", () => {
    rounds(300, (random) => {
      const [rows, tokens] = [1 + random.below(256), 16 + random.below(8_177)];
      const rungs = ladder(rows, tokens);
      expect(rungs.length).toBeLessThanOrEqual(9);
      let before = rows * tokens;
      for (const [budget, length] of rungs) {
        expect(budget).toBeLessThan(before);
        expect(budget).toBeGreaterThanOrEqual(length ?? tokens);
        before = budget ?? 0;
      }
    });
  });
});

it("begins at the budget that the plan states", () => {
  const budget = (micro_batch_tokens: number | null) =>
    memoryLadder({ micro_batch_size: 4, max_seq_length: 2048, micro_batch_tokens }).map((rung) => rung.microBatchTokens);
  expect([budget(6000), budget(2048), budget(1500), budget(null)]).toEqual([[3000, 2048, 1024], [1024], [1024], [4096, 2048, 1024]]);
});

describe("row 24: where a run stands", () => {
  const rungs = memoryLadder({ micro_batch_size: 4, max_seq_length: 2048 });
  it.each([
    [0, { microBatchTokens: null, maxSeqLength: null }],
    [1, { microBatchTokens: 4096, maxSeqLength: null }],
    [3, { microBatchTokens: 1024, maxSeqLength: 1024 }],
    [9, { microBatchTokens: 1024, maxSeqLength: 1024 }],
  ])("after %i kills", (kills, expected) => {
    expect(rungAfter(rungs, kills)).toEqual(expected);
  });

  it("without a ladder it stays with its plan", () => {
    expect(rungAfter([], 5)).toEqual({ microBatchTokens: null, maxSeqLength: null });
  });
});
