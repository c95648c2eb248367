/** A loss curve of bounded size: once full, neighbouring buckets are merged; each keeps its least and greatest value, so spikes survive. */

export interface Bucket {
  readonly firstStep: number;
  readonly lastStep: number;
  readonly sum: number;
  readonly count: number;
  readonly low: number;
  readonly high: number;
  /** Steps whose value was NaN or infinite; they are not in `sum`. */
  readonly nonFinite: number;
}

export interface Curve {
  /** Steps a full bucket spans: a power of two. */
  readonly span: number;
  readonly buckets: readonly Bucket[];
}

export const EMPTY_CURVE: Curve = { span: 1, buckets: [] };
export const MAX_BUCKETS = 600;

export function addPoint(curve: Curve, step: number, value: number): Curve {
  const point = bucketOf(step, value);
  const last = curve.buckets.at(-1);
  const same = last && Math.floor((step - 1) / curve.span) === Math.floor((last.firstStep - 1) / curve.span);
  const buckets = same ? [...curve.buckets.slice(0, -1), merge(last, point)] : [...curve.buckets, point];
  let bounded: Curve = { span: curve.span, buckets };
  // Steps far apart may need more than one doubling; once the span exceeds every step, one bucket is left.
  while (bounded.buckets.length > MAX_BUCKETS) bounded = widen(bounded);
  return bounded;
}

/** Drops what stood after `step` (a resumed run does those steps again); a bucket that straddles it goes whole. */
export function dropAfter(curve: Curve, step: number): Curve {
  return { span: curve.span, buckets: curve.buckets.filter((bucket) => bucket.lastStep <= step) };
}

export function mean(bucket: Bucket): number {
  return bucket.count > 0 ? bucket.sum / bucket.count : Number.NaN;
}

function bucketOf(step: number, value: number): Bucket {
  const finite = Number.isFinite(value);
  return {
    firstStep: step,
    lastStep: step,
    sum: finite ? value : 0,
    count: finite ? 1 : 0,
    low: finite ? value : 0,
    high: finite ? value : 0,
    nonFinite: finite ? 0 : 1,
  };
}

function merge(a: Bucket, b: Bucket): Bucket {
  // A bucket without finite values has no low and high of its own (JSON could not carry an infinity).
  const low = a.count === 0 ? b.low : b.count === 0 ? a.low : Math.min(a.low, b.low);
  const high = a.count === 0 ? b.high : b.count === 0 ? a.high : Math.max(a.high, b.high);
  return {
    firstStep: Math.min(a.firstStep, b.firstStep),
    lastStep: Math.max(a.lastStep, b.lastStep),
    sum: a.sum + b.sum,
    count: a.count + b.count,
    low,
    high,
    nonFinite: a.nonFinite + b.nonFinite,
  };
}

function widen(curve: Curve): Curve {
  const span = curve.span * 2;
  const buckets: Bucket[] = [];
  for (const bucket of curve.buckets) {
    const last = buckets.at(-1);
    const same = last && Math.floor((bucket.firstStep - 1) / span) === Math.floor((last.firstStep - 1) / span);
    if (same) buckets[buckets.length - 1] = merge(last, bucket);
    else buckets.push(bucket);
  }
  return { span, buckets };
}
