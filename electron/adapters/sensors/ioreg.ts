/** macOS's own registry: the battery with the power the machine draws, and whether the lid is closed. */
import type { Unknown } from "../../core/reading.ts";
import { count, type Found, notKnown, PERCENT, type Source, WATTS, within } from "./source.ts";

export function parseIoregBattery(text: string): Found {
  if (!text.includes("AppleSmartBattery")) return { onBattery: none(), batteryPercent: none(), systemWatts: none() };
  const external = property(text, "ExternalConnected");
  const onBattery = external === "Yes" ? false : external === "No" ? true : notKnown("no-connection-named");
  const [now, full] = [count(property(text, "CurrentCapacity")), count(property(text, "MaxCapacity"))];
  return { onBattery, batteryPercent: within(Math.round((100 * now) / full), PERCENT), systemWatts: systemWatts(text, onBattery === true) };
}

const none = () => notKnown("no-battery-mac");

/** A property of the battery itself stands with spaces around its "="; those inside dictionaries have none. */
function property(text: string, name: string): string | undefined {
  return new RegExp(`"${name}" = (\\w+)`).exec(text)?.[1];
}

/** The battery controller's own telemetry (milliwatts); on battery also current × voltage. */
function systemWatts(text: string, onBattery: boolean): number | Unknown {
  const telemetry = /"PowerTelemetryData" = \{([^}]*)\}/.exec(text)?.[1] ?? "";
  const load = count(/"SystemLoad"=(\d+)/.exec(telemetry)?.[1]) / 1000;
  if (load > 0) return within(load, WATTS);
  if (!onBattery) return notKnown("no-telemetry");
  const milliamperes = signed(property(text, "Amperage"));
  return within((-milliamperes * count(property(text, "Voltage"))) / 1e6, WATTS);
}

/** A negative current is printed as the unsigned number with the same 64 bits. */
export function signed(digits: string | undefined): number {
  return digits !== undefined && /^\d{1,20}$/.test(digits) ? Number(BigInt.asIntN(64, BigInt(digits))) : Number.NaN;
}

export function parseIoregLid(text: string): Found {
  const states = new Set([...text.matchAll(/"AppleClamshellState" = (\w+)/g)].map(([, state]) => state));
  const [state] = states;
  if (states.size === 0) return { lidClosed: notKnown("no-lid-mac") };
  return {
    lidClosed: states.size === 1 && (state === "Yes" || state === "No") ? state === "Yes" : notKnown("no-lid-named"),
  };
}

export const ioregBattery: Source = {
  name: "ioreg",
  gives: ["onBattery", "batteryPercent", "systemWatts"],
  everyS: 10,
  look: async (place) => parseIoregBattery(await place.run("ioreg", ["-rn", "AppleSmartBattery", "-w0"])),
};

export const ioregLid: Source = {
  name: "ioreg",
  gives: ["lidClosed"],
  everyS: 10,
  look: async (place) => parseIoregLid(await place.run("ioreg", ["-r", "-k", "AppleClamshellState", "-d", "4"])),
};
