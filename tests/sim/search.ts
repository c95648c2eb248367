/** The best constant pace that holds the limit: what the governor is measured against, found in the same night by halving. */
import type { HeatSettings } from "../../electron/core/governor/settings.ts";
import { type Outcome, type Scenario, simulate } from "./night.ts";

export const HELD_SHARE = 0.99;
export const RED_SECONDS = 10;
const LEAST = 0.02;
const HALVINGS = 9;

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
  const first = halve((pace) => holds(simulate(before, { paces: [{ from: 0, pace }] }, settings)));
  const from = { from: 0, pace: first };
  if (breakAt === null) return { paces: [from], outcome: simulate(scenario, { paces: [from] }, settings) };
  const paces = (pace: number) => [from, { from: breakAt, pace }];
  const second = halve((pace) => holds(simulate(scenario, { paces: paces(pace) }, settings)));
  return { paces: paces(second), outcome: simulate(scenario, { paces: paces(second) }, settings) };
}

/** The highest pace for which it is true; it is true of low ones. */
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
