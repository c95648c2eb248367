import { expect, test } from "vitest";
import { smoothed } from "../../electron/core/words/curve-data.ts";

test("a constant stays what it is from its first point on, and what has no value has none", () => {
  expect(smoothed([2, 2, null, 2]).map((value) => value && Math.round(value * 1e9) / 1e9)).toEqual([2, 2, null, 2]);
  expect(smoothed([null])).toEqual([null]);
});

test("noise shrinks, the level is followed, and nothing leaves the range of what was seen", () => {
  const noisy = Array.from({ length: 200 }, (_, index) => (index < 100 ? 4 : 1) + (index % 2 === 0 ? 0.5 : -0.5));
  const smooth = smoothed(noisy).map(Number);
  const swing = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  expect(swing(smooth.slice(50, 100))).toBeLessThan(swing(noisy.slice(50, 100)) / 4);
  expect(Math.abs((smooth.at(-1) ?? 0) - 1)).toBeLessThan(0.2);
  expect([Math.min(...smooth) >= Math.min(...noisy), Math.max(...smooth) <= Math.max(...noisy)]).toEqual([true, true]);
});
