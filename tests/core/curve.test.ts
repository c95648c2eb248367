/** Promise 5: the curve of any run is bounded, and what a person must see (spikes, NaN) survives the bounding. */
import { describe, expect, it } from "vitest";
import { addPoint, type Curve, dropAfter, EMPTY_CURVE, MAX_BUCKETS, mean } from "../../electron/core/curve.ts";
import { rounds } from "./seeded.ts";

function curveOf(points: Iterable<readonly [step: number, value: number]>): Curve {
  let curve = EMPTY_CURVE;
  for (const [step, value] of points) curve = addPoint(curve, step, value);
  return curve;
}

function* straight(steps: number, value: (step: number) => number): Generator<readonly [number, number]> {
  for (let step = 1; step <= steps; step += 1) yield [step, value(step)];
}

const total = (curve: Curve, field: "count" | "nonFinite") => curve.buckets.reduce((sum, bucket) => sum + bucket[field], 0);

describe("size", () => {
  it("is never more than MAX_BUCKETS at any step, and every point is in it", () => {
    let curve = EMPTY_CURVE;
    for (let step = 1; step <= 20_000; step += 1) {
      curve = addPoint(curve, step, 1 / step);
      if (curve.buckets.length > MAX_BUCKETS) throw new Error(`${curve.buckets.length} buckets at step ${step}`);
    }
    expect(total(curve, "count")).toBe(20_000);
    expect(curve.buckets.length).toBeGreaterThan(MAX_BUCKETS / 2);
  });

  it("holds where every step is far from the one before", () => {
    const curve = curveOf(Array.from({ length: 3_000 }, (_, index) => [1 + index * 5_000, index] as const));
    expect(curve.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
    expect(total(curve, "count")).toBe(3_000);
  });

  it("holds for steps with holes, far jumps and repeats", () => {
    rounds(20, (random) => {
      let curve = EMPTY_CURVE;
      let step = 0;
      for (let index = 0; index < 3_000; index += 1) {
        step += random.pick([1, 1, 2, 7, 5_000, -3]);
        curve = addPoint(curve, Math.max(1, step), random.below(100) / 10);
        expect(curve.buckets.length).toBeLessThanOrEqual(MAX_BUCKETS);
      }
      expect(total(curve, "count")).toBe(3_000);
    });
  });
});

describe("what survives", () => {
  it("a spike of one step keeps its height", () => {
    const curve = curveOf(straight(10_000, (step) => (step === 4_321 ? 99 : step === 8_765 ? -5 : 1)));
    expect(Math.max(...curve.buckets.map((bucket) => bucket.high))).toBe(99);
    expect(Math.min(...curve.buckets.map((bucket) => bucket.low))).toBe(-5);
    const bucket = curve.buckets.find((one) => one.high === 99);
    expect(bucket && bucket.firstStep <= 4_321 && bucket.lastStep >= 4_321).toBe(true);
  });

  it("NaN and infinities are counted and never enter sum, low or high", () => {
    const curve = curveOf(straight(5_000, (step) => (step % 100 === 0 ? Number.NaN : step % 100 === 50 ? Number.POSITIVE_INFINITY : 2)));
    expect(total(curve, "nonFinite")).toBe(100);
    expect(total(curve, "count")).toBe(4_900);
    for (const bucket of curve.buckets) expect([mean(bucket), bucket.low, bucket.high]).toEqual([2, 2, 2]);
  });

  it("a bucket of nothing finite has no mean", () => {
    const [bucket] = curveOf([[1, Number.NaN]]).buckets;
    expect(bucket && mean(bucket)).toBeNaN();
  });

  it("low ≤ mean ≤ high, buckets in order and apart, at any length", () => {
    rounds(20, (random) => {
      const steps = 1 + random.below(5_000);
      const { buckets } = curveOf(straight(steps, () => random.below(1_000) / 7));
      buckets.forEach((bucket, index) => {
        expect(bucket.low - 1e-9).toBeLessThanOrEqual(mean(bucket));
        expect(mean(bucket)).toBeLessThanOrEqual(bucket.high + 1e-9);
        if (index > 0) expect(bucket.firstStep).toBeGreaterThan(buckets[index - 1]?.lastStep ?? Number.POSITIVE_INFINITY);
      });
      expect(buckets.at(-1)?.lastStep).toBe(steps);
    });
  });
});

it("goes through JSON unchanged, and goes on from there as if it had not", () => {
  rounds(10, (random) => {
    const value = () => (random.chance(0.05) ? Number.NaN : random.below(1_000) / 3);
    const points = [...straight(2_000, value)];
    const half = curveOf(points.slice(0, 1_000));
    const carried = JSON.parse(JSON.stringify(half)) as Curve;
    expect(carried).toEqual(half);
    let onward = carried;
    for (const [step, loss] of points.slice(1_000)) onward = addPoint(onward, step, loss);
    expect(onward).toEqual(curveOf(points));
  });
});

describe("dropAfter", () => {
  it("leaves nothing after the step, and keeps all before it while a bucket is one step", () => {
    const curve = dropAfter(curveOf(straight(140, (step) => step)), 120);
    expect(curve.buckets.map((bucket) => bucket.lastStep)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  });

  it("a wide bucket that straddles the step goes whole, so no step is ever in it twice", () => {
    let curve = dropAfter(curveOf(straight(5_000, () => 1)), 2_001);
    const kept = total(curve, "count");
    expect(kept).toBeLessThanOrEqual(2_001);
    expect(kept).toBeGreaterThan(2_001 - curve.span);
    for (const [step, value] of straight(5_000, () => 1)) if (step > 2_001) curve = addPoint(curve, step, value);
    expect(total(curve, "count")).toBe(kept + 2_999);
  });
});
