/** Linux: mains and batteries from /sys/class/power_supply, the lid from ACPI, the power profile of the firmware, watts from RAPL. */
import type { Unknown } from "../../core/reading.ts";
import type { Place } from "./place.ts";
import { count, type Found, notKnown, PERCENT, type Source, WATTS, within } from "./source.ts";

const SUPPLIES = "/sys/class/power_supply";

export interface Supply {
  readonly type: string;
  readonly scope: string;
  readonly online: string;
  readonly status: string;
  readonly capacity: string;
}

export function readSupplies(all: readonly Supply[]): Found {
  // A mouse has a battery too; its scope says that it does not feed the machine.
  const supplies = all.filter((supply) => supply.scope !== "Device");
  const batteries = supplies.filter((supply) => supply.type === "Battery");
  const mains = supplies.filter((supply) => supply.type === "Mains" || supply.type.startsWith("USB"));
  if (batteries.length === 0) return { batteryPercent: notKnown("no-battery"), onBattery: withoutBattery(mains) };
  return { batteryPercent: within(count(batteries[0]?.capacity), PERCENT), onBattery: withBattery(batteries, mains) };
}

function withoutBattery(mains: readonly Supply[]): boolean | Unknown {
  return mains.some((supply) => supply.online === "1") ? false : notKnown("no-adapter");
}

function withBattery(batteries: readonly Supply[], mains: readonly Supply[]): boolean | Unknown {
  if (mains.some((supply) => supply.online === "1")) return false;
  if (batteries.some((battery) => battery.status === "Discharging")) return true;
  if (mains.length > 0 && mains.every((supply) => supply.online === "0")) return true;
  if (batteries.some((battery) => ["Charging", "Full", "Not charging"].includes(battery.status))) return false;
  return notKnown("no-supply");
}

export const powerSupply: Source = {
  name: "power_supply",
  gives: ["onBattery", "batteryPercent"],
  everyS: 10,
  look: async (place) => {
    const field = async (name: string, file: string) => ((await place.read(`${SUPPLIES}/${name}/${file}`).catch(() => null)) ?? "").trim();
    const read = async (name: string): Promise<Supply> => {
      const [type, scope, online, status, capacity] = await Promise.all(["type", "scope", "online", "status", "capacity"].map((file) => field(name, file)));
      return { type: type ?? "", scope: scope ?? "", online: online ?? "", status: status ?? "", capacity: capacity ?? "" };
    };
    return readSupplies(await Promise.all((await place.list(SUPPLIES)).map(read)));
  },
};

export const acpiLid: Source = {
  name: "ACPI lid",
  gives: ["lidClosed"],
  everyS: 10,
  look: async (place) => {
    const [name] = await place.list("/proc/acpi/button/lid");
    const state = name === undefined ? null : /^state:\s+(open|closed)\s*$/m.exec((await place.read(`/proc/acpi/button/lid/${name}/state`)) ?? "")?.[1];
    return { lidClosed: state ? state === "closed" : notKnown("no-lid") };
  },
};

export const platformProfile: Source = {
  name: "platform_profile",
  gives: ["lowPowerMode"],
  everyS: 30,
  look: async (place) => {
    const profile = (await place.read("/sys/firmware/acpi/platform_profile"))?.trim() ?? "";
    return { lowPowerMode: /^[a-z-]{3,30}$/.test(profile) ? profile === "low-power" : notKnown("no-profiles") };
  },
};

const RAPL = "/sys/class/powercap/intel-rapl:0";

/** Energy of the first processor package, read twice: power is its growth. The counter starts anew at its range. */
export function packagePower(clock: { mono(): number }): Source {
  let before: { readonly microjoules: number; readonly at: number } | null = null;
  const power = async (place: Place): Promise<number | Unknown> => {
    const text = await place.read(`${RAPL}/energy_uj`);
    if (text === null) return notKnown("no-power-counter");
    const now = { microjoules: count(text.trim()), at: clock.mono() };
    const range = count(((await place.read(`${RAPL}/max_energy_range_uj`)) ?? "").trim());
    const last = before;
    before = now;
    if (last === null || now.at - last.at > 60) return notKnown("read-once");
    const grown = now.microjoules - last.microjoules;
    return within((grown >= 0 ? grown : grown + range) / 1e6 / (now.at - last.at), WATTS);
  };
  return { name: "RAPL", gives: ["watts"], everyS: 5, live: true, look: async (place) => ({ watts: await power(place) }) };
}
