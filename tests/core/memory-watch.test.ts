/** Row 24: memory that runs short is seen before the system kills somebody, not at one bad moment, and a rung is given time to help. */
import { describe, expect, it } from "vitest";
import { easierRung, memoryLadder } from "../../electron/core/ladder.ts";
import { CRITICAL_S, EASE_EVERY_S, type MemoryWatch, SWAP_GROWTH_BYTES, SWAP_WINDOW_S, watchMemory } from "../../electron/core/memory-watch.ts";
import type { Conditions, MemoryLevel } from "../../electron/core/reading.ts";
import { unknown } from "../../electron/core/reading.ts";
import { FINE, known } from "./conditions.ts";

const LOOK_S = 5;

/** When, in seconds, a shortage was found, and why. */
function watched(seconds: number, at: (second: number) => Partial<Conditions>): string[] {
  let watch: MemoryWatch | null = null;
  const found: string[] = [];
  for (let second = 0; second <= seconds; second += LOOK_S) {
    const look = watchMemory(watch, { ...FINE, ...at(second) }, second);
    watch = look.watch;
    if (look.shortage) found.push(`${second} ${look.shortage.why}`);
    expect(watch?.swap.length).toBeLessThanOrEqual(SWAP_WINDOW_S / LOOK_S + 1);
  }
  return found;
}
const level = (value: MemoryLevel) => ({ memoryLevel: known(value) });
const PER_LOOK = (SWAP_GROWTH_BYTES / SWAP_WINDOW_S) * LOOK_S;

describe("row 24: the system's own word", () => {
  it("critical for a while is a shortage, once in a stated time while it lasts", () => {
    expect(watched(2 * EASE_EVERY_S, () => level("critical"))).toEqual([`${CRITICAL_S} pressure`, `${CRITICAL_S + EASE_EVERY_S} pressure`]);
  });

  it("one critical look, or a warning all night, is none; unknown is none", () => {
    expect(watched(600, (second) => level(second % 20 === 0 ? "critical" : "normal"))).toEqual([]);
    expect(watched(600, () => level("warning"))).toEqual([]);
    expect(watched(600, () => ({ memoryLevel: unknown("a test"), swapUsedBytes: unknown("a test") }))).toEqual([]);
  });
});

describe("row 24: swap", () => {
  it("that keeps growing is a shortage; what was swapped long ago, or slowly, is none", () => {
    const growing = (times: number) => (second: number) => ({ swapOutBytes: known(9e9 + times * PER_LOOK * (second / LOOK_S)) });
    expect(watched(SWAP_WINDOW_S + 60, growing(1.2))[0]).toMatch(/ swap$/);
    expect(watched(1_200, growing(0.8))).toEqual([]);
    expect(watched(1_200, () => ({ swapOutBytes: known(40e9) }))).toEqual([]);
  });

  it("in use counts where nobody counts what was written; a counter that begins anew is no growth", () => {
    const inUse = (second: number) => ({ swapUsedBytes: known(2 * PER_LOOK * (second / LOOK_S)) });
    expect(watched(SWAP_WINDOW_S, inUse)[0]).toMatch(/ swap$/);
    expect(watched(100, (second) => ({ swapOutBytes: known(second >= 50 ? 0 : 50e9) }))).toEqual([]);
  });

  it("what came while the machine slept is not this run's", () => {
    let watch = watchMemory(null, { ...FINE, swapOutBytes: known(0) }, 0).watch;
    const after = watchMemory(watch, { ...FINE, swapOutBytes: known(8e9), memoryLevel: known("critical") }, 8 * 3_600);
    watch = after.watch;
    expect(after.shortage).toBeNull();
    expect(watchMemory(watch, { ...FINE, swapOutBytes: known(8e9) }, 8 * 3_600 + LOOK_S).shortage).toBeNull();
  });
});

it("row 24: only rungs that keep the loss are taken before a kill", () => {
  const rungs = memoryLadder({ micro_batch_size: 4, max_seq_length: 2048 });
  expect([0, 1, 2, 3].map((taken) => easierRung(rungs, taken)?.microBatchTokens ?? null)).toEqual([4096, 2048, null, null]);
});
