/** On battery, in Low Power Mode, with the lid closed, asleep: what a run does, and what is only said. Pure, level-triggered. */
import type { Conditions } from "../reading.ts";

export interface PowerState {
  /** The run was paused for its battery by us, so it is us who let it go on. */
  readonly pausedForBattery: boolean;
  /** Since when, on the monotonic clock, the machine has had power again. */
  readonly powerSince: number | null;
}

export const NO_POWER_STATE: PowerState = { pausedForBattery: false, powerSince: null };

export type PowerStep = { readonly do: "nothing" } | { readonly do: "pause"; readonly percent: number } | { readonly do: "go-on" };

/** Power that comes and goes (a loose plug) is waited out. */
const STEADY_POWER_S = 30;
/** Charged by so much over the limit before it goes on where only the battery is there. */
const SPARE_PERCENT = 10;

export function powerStep(
  state: PowerState,
  { onBattery, batteryPercent }: Conditions,
  belowPercent: number,
  mono: number,
): { readonly state: PowerState; readonly step: PowerStep } {
  const percent = batteryPercent.value;
  const hasPower = onBattery.value === false;
  const powerSince = hasPower ? (state.powerSince ?? mono) : null;
  const next = { ...state, powerSince };
  if (!state.pausedForBattery) {
    // Unknown is no reason to stop a night: only a battery that is known to run down is.
    const low = onBattery.value === true && percent !== null && percent < belowPercent;
    return low ? { state: { ...next, pausedForBattery: true }, step: { do: "pause", percent } } : { state: next, step: { do: "nothing" } };
  }
  const steady = powerSince !== null && mono - powerSince >= STEADY_POWER_S;
  const charged = onBattery.value === true && percent !== null && percent >= belowPercent + SPARE_PERCENT;
  return steady || charged ? { state: { pausedForBattery: false, powerSince }, step: { do: "go-on" } } : { state: next, step: { do: "nothing" } };
}

export type PowerWarning = "low-power-mode" | "lid-closed";

/** Closing the lid sleeps a laptop whatever is held; Low Power Mode halves its speed. Said, never acted on. */
export function powerWarnings({ lowPowerMode, lidClosed }: Conditions): readonly PowerWarning[] {
  return [...(lowPowerMode.value === true ? (["low-power-mode"] as const) : []), ...(lidClosed.value === true ? (["lid-closed"] as const) : [])];
}
