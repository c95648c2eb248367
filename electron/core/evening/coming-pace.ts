/** What is known of the pace to come: the governor's blind one, and the full one of a machine that has cooled. */
import type { Duration } from "../eta.ts";
import { BLIND_PACE } from "../governor/settings.ts";
import type { RunState } from "../state.ts";
import type { StepTime } from "./timing.ts";

/**
 * A machine whose pace heat holds down comes back cool from a pause or a sleep, and is at full pace until its case has warmed through (a quarter of an
 * hour, by-temperature.ts): so long it gains what the pace takes, half of it if it slows as it warms. How far off that is was measured on simulated
 * nights (seeds 1–20).
 */
const WARM_S = 900;
const COOL_GAIN = 0.5;
const COOL_GAIN_SPREAD = 0.1;
/** As long as they would take at the blind pace, where it is ordered, or is to come: where nothing tells the heat, the governor orders it in half a minute. */
export function atTheComingPace({ timing, conditions }: RunState): readonly StepTime[] {
  const { steps, slowed, pace } = timing;
  if (slowed !== null) return steps.map((one) => (one.step <= slowed.afterStep ? { ...one, wallSeconds: one.wallSeconds * slowed.times } : one));
  const isBlind = conditions !== null && conditions.temperature === null && conditions.thermalLevel === null;
  return isBlind && pace > BLIND_PACE ? steps.map((one) => ({ ...one, wallSeconds: (one.wallSeconds * pace) / BLIND_PACE })) : steps;
}

/** What a rested machine gains; nothing where nobody held its pace for its heat. */
export function coolAgain(heldPace: number, leftSeconds: number, restedSeconds: number): Duration {
  const cooled = 1 - Math.exp(-Math.max(0, restedSeconds) / WARM_S);
  const most = Math.min(WARM_S * (1 / heldPace - 1) * cooled, leftSeconds * (1 - heldPace));
  return { mean: -COOL_GAIN * most, variance: (COOL_GAIN_SPREAD * most) ** 2 };
}
