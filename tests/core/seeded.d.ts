/** Seeded randomness for property tests: a failing round is repeated with THORTIME_SEED. */
export interface Dice {
    /** A whole number, 0 ≤ n < limit. */
    below(limit: number): number;
    chance(share: number): boolean;
    pick<T>(list: readonly T[]): T;
}
/** mulberry32. */
export declare function dice(seed: number): Dice;
/** Runs `round` with `count` seeds; the one that fails is named. */
export declare function rounds(count: number, round: (random: Dice) => void): void;
