/** Linux: the hottest of CPU and GPU from /sys/class/hwmon, or from the kernel's thermal zones where there is none. */
import type { Unknown } from "../../core/reading.ts";
import type { Place } from "./place.ts";
import { CELSIUS, count, notKnown, type Source, within } from "./source.ts";

/** Drivers of processors and graphics; disks, radios and mainboards have their own heat, which no pace of ours changes. */
const CHIPS = /^(coretemp|k10temp|zenpower|cpu_thermal|cpu\d*_thermal|soc_thermal|scpi_sensors|amdgpu|radeon|nouveau|i915|xe|macsmc_hwmon)$/;
const ZONES = /^(x86_pkg_temp|cpu|gpu|soc|bigcore|littlecore)/i;

/** Millidegrees, as the kernel writes them. */
export function parseMillidegrees(text: string | null): number | Unknown {
  const trimmed = text?.trim() ?? "";
  const value = trimmed.startsWith("-") ? -count(trimmed.slice(1)) : count(trimmed);
  return within(value / 1000, CELSIUS);
}

async function hottest(place: Place, files: readonly string[]): Promise<number | Unknown> {
  const read = await Promise.all(files.map(async (file) => parseMillidegrees(await place.read(file).catch(() => null))));
  const known = read.filter((value) => typeof value === "number");
  return known.length > 0 ? Math.max(...known) : (read[0] ?? notKnown("no-chip"));
}

/** Folders of `base` that are wanted by the word in their file `kind`. */
async function wanted(place: Place, base: string, kind: string, pattern: RegExp): Promise<readonly string[]> {
  const folders = (await place.list(base)).map((name) => `${base}/${name}`);
  const names = await Promise.all(folders.map((folder) => place.read(`${folder}/${kind}`).catch(() => null)));
  return folders.filter((_folder, index) => pattern.test(names[index]?.trim() ?? ""));
}

export const hwmon: Source = {
  name: "hwmon",
  gives: ["temperature"],
  everyS: 2,
  look: async (place) => {
    const chips = await wanted(place, "/sys/class/hwmon", "name", CHIPS);
    const files = await Promise.all(
      chips.map(async (chip) => (await place.list(chip)).filter((name) => /^temp\d+_input$/.test(name)).map((name) => `${chip}/${name}`)),
    );
    return { temperature: await hottest(place, files.flat()) };
  },
};

export const thermalZones: Source = {
  name: "thermal zones",
  gives: ["temperature"],
  everyS: 2,
  look: async (place) => {
    const zones = await wanted(place, "/sys/class/thermal", "type", ZONES);
    return {
      temperature: await hottest(
        place,
        zones.map((zone) => `${zone}/temp`),
      ),
    };
  },
};
