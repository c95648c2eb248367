/**
 * The wanted pace from degrees: a PI controller in velocity form, so that a limit reached or a command withheld winds nothing up.
 * Gains by lambda tuning (Rivera, Morari and Skogestad 1986) for a die that gains about 0.5 °C/s at full work, follows with a time
 * constant of two to three minutes, and is seen and obeyed about 12 s late; tests/sim holds them.
 */
import type { HeatSettings } from "./settings.ts";
import { LEAST_PACE, MARGIN_CELSIUS } from "./settings.ts";

/** Pace given up for each °C gained. */
const PROPORTIONAL = 0.045;
/** Pace gained in a second for each °C under the aim. */
const INTEGRAL = 0.0007;
/** Over the target the way down is faster than the way up. */
const OVER = 3;
/** Of a new reading; the rest is what was believed. */
const NEW_SHARE = 0.5;

export interface Heat {
  readonly celsius: number;
  readonly wantedPace: number;
  /** °C a second. */
  readonly slope: number;
}

/** `before` null: the first look, or the first after sleep. */
export function byTemperature(reading: number, before: number | null, pace: number, seconds: number, settings: HeatSettings): Heat {
  if (before === null || seconds <= 0) return { celsius: reading, wantedPace: pace, slope: 0 };
  const celsius = before + NEW_SHARE * (reading - before);
  const gap = settings.targetCelsius - MARGIN_CELSIUS - celsius;
  const pull = INTEGRAL * gap * (celsius > settings.targetCelsius ? OVER : 1);
  const wantedPace = Math.min(1, Math.max(LEAST_PACE, pace - PROPORTIONAL * (celsius - before) + pull * seconds));
  return { celsius, wantedPace, slope: (celsius - before) / seconds };
}
