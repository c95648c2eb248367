/**
 * A slowly moving level under noise: the local-level model (a random walk seen with noise), filtered with Kalman's recursion
 * (Durbin & Koopman, Time Series Analysis by State Space Methods, 2012, chapter 2). Variances by the method of moments from near and far
 * differences, drawn towards a prior, because a night has few blocks.
 */

export interface Level {
  readonly mean: number;
  /** Of `mean` itself. */
  readonly variance: number;
  /** By which the level moves from one block to the next. */
  readonly drift: number;
  /** Of one block around the level. */
  readonly noise: number;
}

export interface Prior {
  readonly drift: number;
  readonly noise: number;
}

/** So many blocks' worth of trust in the prior. */
const PRIOR_WEIGHT = 4;

/** `values`: block means in order, at least one. `prior.noise` is the least a block's noise is, as its own steps tell it. */
export function fitLevel(values: readonly number[], prior: Prior): Level {
  const first = differences(values, 1);
  // Over more blocks a slow drift shows, which from one to the next drowns in noise: Var(lag) = lag × drift + 2 × noise.
  const lag = Math.max(2, Math.floor(values.length / 3));
  const far = differences(values, lag);
  const seen = Math.max(0, (meanSquare(far) - meanSquare(first)) / (lag - 1));
  const drift = towards(prior.drift, seen, far.length);
  const noise = Math.max(prior.noise, towards(prior.noise, Math.max(0, (meanSquare(first) - seen) / 2), far.length));
  let mean = values[0] ?? 0;
  let variance = noise;
  for (const value of values.slice(1)) {
    const before = variance + drift;
    const gain = before / (before + noise);
    mean += gain * (value - mean);
    variance = (1 - gain) * before;
  }
  return { mean, variance, drift, noise };
}

/** Variance of the mean of the next `blocks` blocks. */
export function forecastVariance({ variance, drift, noise }: Level, blocks: number): number {
  // The mean of a random walk over n steps has a third of its end's variance.
  return variance + (drift * (blocks + 1)) / 3 + noise / Math.max(blocks, 1e-6);
}

/** What was seen `count` times, drawn towards what was believed before. */
export function towards(prior: number, seen: number, count: number): number {
  return (PRIOR_WEIGHT * prior + count * seen) / (PRIOR_WEIGHT + count);
}

function differences(values: readonly number[], lag: number): number[] {
  return values.slice(lag).map((value, index) => value - (values[index] ?? value));
}

function meanSquare(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
