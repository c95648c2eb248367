/** The popover's curve: within its box, as far along as the run is, broken where the loss was no number. */
import { expect, test } from "vitest";
import type { CurveData, Row } from "../../electron/core/words/curve-data.ts";
import { pathOf } from "../../renderer/views/sparkline.tsx";

const at = (step: number, mean: number | null): Row => ({ step, span: { from: step, to: step, mean, low: mean, high: mean }, heldOut: null });
const data = (rows: readonly Row[], totalSteps: number): CurveData => ({ rows, totalSteps, checkpoints: [], notFinite: [] });
const points = (path: string | null) => [...(path ?? "").matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

test("nothing before the second point", () => {
  expect(pathOf(data([], 100))).toBeNull();
  expect(pathOf(data([at(1, 2)], 100))).toBeNull();
});

test("high losses stand high, and half the steps fill half the width", () => {
  expect(points(pathOf(data([at(1, 3), at(26, 2), at(51, 1)], 101)))).toEqual([
    [2, 2],
    [76, 22],
    [150, 42],
  ]);
});

test("a gap where the loss was not finite, and a held-out figure alone is no point", () => {
  const alone: Row = { step: 4, span: null, heldOut: 1 };
  expect(pathOf(data([at(1, 3), at(2, null), at(3, 2), alone, at(5, 1)], 5))?.replace(/[\d. ]/g, "")).toBe("MML");
});

test("a flat curve runs through the middle; more steps than planned still fit", () => {
  const all = points(pathOf(data([at(1, 2), at(30, 2)], 10)));
  expect(all).toEqual([
    [2, 22],
    [298, 22],
  ]);
});
