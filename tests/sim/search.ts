/** The best constant pace that holds the limit: what the governor is measured against, found in the same night by halving. */
import type { HeatSettings } from "../../electron/core/governor/settings.ts";
import { type Outcome, type Scenario, simulate } from "./night.ts";

export const HELD_SHARE = 0.99;
export const RED_SECONDS = 10;
const LEAST = 0.02;
const HALVINGS = 8;
const FINE = 0.01;
const REACH = 0.15;

export interface Best {
  readonly paces: readonly { readonly from: number; readonly pace: number }[];
  readonly outcome: Outcome;
}

export function holds({ heldShare, longestRedSeconds }: Outcome): boolean {
  return heldShare >= HELD_SHARE && longestRedSeconds <= RED_SECONDS;
}

/** One pace for the whole night; with `breakAt` one before it and another from it on, each the best in its turn. */
export function bestConstant(scenario: Scenario, settings: HeatSettings, breakAt: number | null = null): Best {
  const before = breakAt === null ? scenario : { ...scenario, hours: breakAt / 3_600 };
  const first = highest((pace) => holds(simulate(before, { paces: [{ from: 0, pace }] }, settings)));
  const from = { from: 0, pace: first };
  if (breakAt === null) return { paces: [from], outcome: simulate(scenario, { paces: [from] }, settings) };
  const paces = (pace: number) => [from, { from: breakAt, pace }];
  const second = highest((pace) => holds(simulate(scenario, { paces: paces(pace) }, settings)));
  return { paces: paces(second), outcome: simulate(scenario, { paces: paces(second) }, settings) };
}

/**
 * The highest pace for which it is true. Nearly always it is true of every lower one; where one long row tips a single pace over, halving
 * stops too low, so the paces above are tried one by one.
 */
function highest(isTrue: (pace: number) => boolean): number {
  let found = halve(isTrue);
  const first = found;
  for (let pace = first + FINE; pace <= Math.min(1, first + REACH); pace += FINE) if (isTrue(pace)) found = pace;
  return found;
}

function halve(isTrue: (pace: number) => boolean): number {
  if (isTrue(1)) return 1;
  let [low, high] = [LEAST, 1];
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const middle = (low + high) / 2;
    if (isTrue(middle)) low = middle;
    else high = middle;
  }
  return low;
}
