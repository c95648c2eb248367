/** Seeded randomness for property tests: a failing round is repeated with THORTIME_SEED. */

export interface Dice {
  /** A whole number, 0 ≤ n < limit. */
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** mulberry32. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}

/** Runs `round` with `count` seeds; the one that fails is named. */
export function rounds(count: number, round: (random: Dice) => void): void {
  const first = Number(process.env["THORTIME_SEED"] ?? "20261123");
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      round(dice(seed));
    } catch (error) {
      throw new Error(`failed with THORTIME_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
