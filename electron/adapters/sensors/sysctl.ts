/** macOS's memory pressure level, swap in use and memory size, from one `sysctl` (the names that are unknown to it are left out). */
import type { MemoryLevel, Unknown } from "../../core/reading.ts";
import { BYTES, count, type Found, notKnown, type Source, within } from "./source.ts";

const LEVEL = "kern.memorystatus_vm_pressure_level";
const SWAP = "vm.swapusage";
const SIZE = "hw.memsize";
/** DISPATCH_MEMORYPRESSURE_NORMAL, _WARN and _CRITICAL. */
const LEVELS: Readonly<Record<string, MemoryLevel>> = { "1": "normal", "2": "warning", "4": "critical" };
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

export function parseSysctl(text: string): Found {
  const values = new Map(text.split("\n").map((line) => pairOf(line)));
  return {
    memoryLevel: memoryLevel(values.get(LEVEL)),
    swapUsedBytes: swapUsed(values.get(SWAP)),
    memoryTotalBytes: within(count(values.get(SIZE)), { ...BYTES, least: 2 ** 20 }),
  };
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

function memoryLevel(text: string | undefined): MemoryLevel | Unknown {
  if (text === undefined || text === "") return notKnown("name-unknown", { name: LEVEL });
  return (Object.hasOwn(LEVELS, text) && LEVELS[text]) || notKnown("meaningless", { value: `${LEVEL} ${text.slice(0, 20)}` });
}

/** `total = 2048.00M  used = 1017.50M  free = 1030.50M  (encrypted)`; some languages write a comma, two digits follow it. */
function swapUsed(text: string | undefined): number | Unknown {
  const [, number, unit] = /\bused = (\d[\d.,]{0,20}?)([KMGT]?)(?=\s|$)/.exec(text ?? "") ?? [];
  if (number === undefined) return notKnown("no-name", { name: SWAP });
  const [, whole, decimals] = /^([\d.,]*\d)[.,](\d{1,2})$/.exec(number) ?? [undefined, number, "0"];
  const value = Number(`${(whole ?? "").replace(/[.,]/g, "")}.${decimals}`);
  return within(Math.round(value * (UNITS[unit ?? ""] ?? Number.NaN)), BYTES);
}

export const sysctl: Source = {
  name: "sysctl",
  gives: ["memoryLevel", "swapUsedBytes", "memoryTotalBytes"],
  everyS: 5,
  look: async (place) => parseSysctl(await place.run("sysctl", [LEVEL, SWAP, SIZE])),
};
