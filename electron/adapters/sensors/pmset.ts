/** macOS: who gives the power and how full the battery is (`pmset -g batt`), and Low Power Mode (`pmset -g`). */
import type { Unknown } from "../../core/reading.ts";
import { count, type Found, notKnown, PERCENT, type Source, within } from "./source.ts";

export function parsePmsetBattery(text: string): Found {
  const supply = /^Now drawing from '([^'\n]{1,40})'/m.exec(text)?.[1];
  return { onBattery: onBattery(supply), batteryPercent: batteryPercent(text, supply) };
}

function onBattery(supply: string | undefined): boolean | Unknown {
  if (supply === "AC Power") return false;
  // A UPS in use is a battery that will be empty before the morning.
  if (supply === "Battery Power" || supply === "UPS Power") return true;
  return supply === undefined ? notKnown("no-supply") : notKnown("other-supply", { supply });
}

function batteryPercent(text: string, supply: string | undefined): number | Unknown {
  const percent = /^\s*-InternalBattery-\d+\b[^\n]*?\t\s*(\d{1,9})%/m.exec(text)?.[1];
  if (percent === undefined) return notKnown(supply === undefined ? "no-battery-named" : "no-battery-mac");
  return within(count(percent), PERCENT);
}

/** `lowpowermode 0|1`, or where a Mac has a high-power mode too `powermode 0|1|2` with 1 the low one. */
export function parsePmsetSettings(text: string): Found {
  const mode = /^\s*(?:lowpowermode|powermode)\s+(\d+)\s*$/m.exec(text)?.[1];
  if (mode === undefined) return { lowPowerMode: notKnown("no-low-power") };
  return { lowPowerMode: /^[012]$/.test(mode) ? mode === "1" : notKnown("no-such-mode", { mode: mode.slice(0, 9) }) };
}

export const pmsetBattery: Source = {
  name: "pmset",
  gives: ["onBattery", "batteryPercent"],
  everyS: 10,
  look: async (place) => parsePmsetBattery(await place.run("pmset", ["-g", "batt"])),
};

export const pmsetSettings: Source = {
  name: "pmset",
  gives: ["lowPowerMode"],
  everyS: 30,
  look: async (place) => parsePmsetSettings(await place.run("pmset", ["-g"])),
};
