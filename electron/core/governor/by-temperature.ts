/**
 * The wanted pace from degrees: a PI controller in velocity form, so that a limit reached or a command withheld winds nothing up.
 * Slower than the ripple of work and rest (seconds to a minute), which no pace can take away, and faster than the case warms through
 * (a quarter of an hour). The gains were found on the simulated M2, fanned and not; tests/sim holds what they reach.
 */
import type { HeatSettings } from "./settings.ts";
import { LEAST_PACE, MARGIN_CELSIUS } from "./settings.ts";

/** Pace given up for each °C gained. */
const PROPORTIONAL = 0.03;
/** Pace gained in a second for each °C under the aim. */
const INTEGRAL = 0.0003;
/** Over the target the way down is faster than the way up. */
const OVER = 2;
/** Of a new reading; the rest is what was believed. */
const NEW_SHARE = 0.2;

/** One reading in so many may be over the target; the aim under it is moved until that holds (a running quantile, Robbins and Monro 1951). */
const OVER_SHARE = 0.004;
const MARGIN_STEP = 0.25;

export interface Heat {
  /** With the noise smoothed out. */
  readonly celsius: number;
  readonly wantedPace: number;
  readonly margin: number;
}

/** `before` null: the first look, or the first after sleep. */
export function byTemperature(
  reading: number,
  before: { readonly celsius: number | null; readonly wantedPace: number; readonly margin: number },
  seconds: number,
  { targetCelsius }: HeatSettings,
): Heat {
  const { wantedPace: pace, margin: aimedUnder } = before;
  if (before.celsius === null || seconds <= 0) return { celsius: reading, wantedPace: pace, margin: aimedUnder };
  const celsius = before.celsius + NEW_SHARE * (reading - before.celsius);
  const gap = targetCelsius - aimedUnder - celsius;
  const pull = INTEGRAL * gap * (celsius > targetCelsius ? OVER : 1);
  const wantedPace = Math.min(1, Math.max(LEAST_PACE, pace - PROPORTIONAL * (celsius - before.celsius) + pull * seconds));
  // Full pace and still under the aim: the margin is not what holds it there.
  const margin = wantedPace === 1 ? aimedUnder : aimedUnder + MARGIN_STEP * ((reading > targetCelsius ? 1 : 0) - OVER_SHARE);
  return { celsius, wantedPace, margin: Math.min(MARGIN_CELSIUS.most, Math.max(MARGIN_CELSIUS.least, margin)) };
}
