/** What holding the temperature cost: "held 84 °C, −6 % speed". From the fold alone. */
import { mean } from "../curve.ts";
import type { RunState } from "../state.ts";

export interface HeatCost {
  /** Nine tenths of the time it was at or under this, °C; null where no temperature was known. */
  readonly heldCelsius: number | null;
  readonly highestCelsius: number | null;
  /** Share of the training time that was rest, 0..1: what full pace would have had more, had the machine not throttled. */
  readonly speedLoss: number;
}

/** Null before the first step. */
export function heatCost({ temperature, trainSeconds, restSeconds }: RunState): HeatCost | null {
  const seconds = trainSeconds + restSeconds;
  if (seconds <= 0) return null;
  const means = temperature.buckets.map(mean).sort((a, b) => a - b);
  const heldCelsius = means[Math.min(means.length - 1, Math.floor(means.length * 0.9))] ?? null;
  const highestCelsius = temperature.buckets.reduce<number | null>((most, { high }) => Math.max(most ?? high, high), null);
  return { heldCelsius, highestCelsius, speedLoss: restSeconds / seconds };
}
