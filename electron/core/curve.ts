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
/** More than a chart draws (120); still more would only make snapshots large. */
export const MAX_BUCKETS = 150;

export function addPoint(curve: Curve, step: number, value: number): Curve {
  const own = copyCurve(curve);
  addPointTo(own, step, value);
  return own;
}

/** A curve that nobody else has seen yet: a million steps are folded without copying the list for each. */
export interface OwnCurve {
  span: number;
  buckets: Bucket[];
}

export function copyCurve({ span, buckets }: Curve): OwnCurve {
  return { span, buckets: [...buckets] };
}

export function addPointTo(own: OwnCurve, step: number, value: number): void {
  const point = bucketOf(step, value);
  const last = own.buckets.at(-1);
  const same = last && Math.floor((step - 1) / own.span) === Math.floor((last.firstStep - 1) / own.span);
  if (same) own.buckets[own.buckets.length - 1] = merge(last, point);
  else own.buckets.push(point);
  // Steps far apart may need more than one doubling; once the span exceeds every step, one bucket is left.
  while (own.buckets.length > MAX_BUCKETS) widen(own);
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
  const shown = finite ? rounded(value) : 0;
  return {
    firstStep: step,
    lastStep: step,
    sum: shown,
    count: finite ? 1 : 0,
    low: shown,
    high: shown,
    nonFinite: finite ? 0 : 1,
  };
}

/** To a millionth, which no chart shows: the other digits of a float32 are half of a curve's bytes. */
function rounded(value: number): number {
  return Math.abs(value) < 1e9 ? Math.round(1e6 * value) / 1e6 : value;
}

function merge(a: Bucket, b: Bucket): Bucket {
  // A bucket without finite values has no low and high of its own (JSON could not carry an infinity).
  const low = a.count === 0 ? b.low : b.count === 0 ? a.low : Math.min(a.low, b.low);
  const high = a.count === 0 ? b.high : b.count === 0 ? a.high : Math.max(a.high, b.high);
  return {
    firstStep: Math.min(a.firstStep, b.firstStep),
    lastStep: Math.max(a.lastStep, b.lastStep),
    sum: rounded(a.sum + b.sum),
    count: a.count + b.count,
    low,
    high,
    nonFinite: a.nonFinite + b.nonFinite,
  };
}

function widen(own: OwnCurve): void {
  const span = own.span * 2;
  const buckets: Bucket[] = [];
  for (const bucket of own.buckets) {
    const last = buckets.at(-1);
    const same = last && Math.floor((bucket.firstStep - 1) / span) === Math.floor((last.firstStep - 1) / span);
    if (same) buckets[buckets.length - 1] = merge(last, bucket);
    else buckets.push(bucket);
  }
  own.span = span;
  own.buckets = buckets;
}
