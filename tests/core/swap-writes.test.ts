/** Issue 5, point 4: bytes written by swapping are the growth of the system's counter, nothing else. */
import { describe, expect, test } from "vitest";
import type { Reading } from "../../electron/core/reading.ts";
import { addSwapWrites, NO_SWAP_WRITES } from "../../electron/core/swap-writes.ts";

const at = (value: number): Reading<number> => ({ value, source: "vm_stat", at: 0 });
const fold = (...readings: readonly (Reading<number> | undefined)[]) => readings.reduce(addSwapWrites, NO_SWAP_WRITES);

describe("swap writes", () => {
  test("what was written before the first look is not the run's", () => {
    expect(fold(at(5_000))).toEqual({ bytes: 0, counter: 5_000 });
  });

  test("grow with the counter, and unknown readings lose nothing", () => {
    expect(fold(at(5_000), at(5_000), at(7_000), { value: null, why: "it hangs" }, undefined, at(9_500)).bytes).toBe(4_500);
  });

  test("go on after a restart of the machine, which begins the counter anew", () => {
    expect(fold(at(5_000), at(8_000), at(100), at(300)).bytes).toBe(3_000 + 300);
  });

  test("pass over what is no number", () => {
    expect(fold(at(1_000), at(Number.NaN), at(-5), at(Number.POSITIVE_INFINITY), at(1_500)).bytes).toBe(500);
  });
});
