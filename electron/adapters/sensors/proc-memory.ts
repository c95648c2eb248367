/** Linux: memory from /proc/meminfo, pressure from /proc/pressure/memory (PSI), swapped-out pages from /proc/vmstat. */
import type { MemoryLevel, Unknown } from "../../core/reading.ts";
import { LookError } from "./place.ts";
import { BYTES, count, type Found, notKnown, type Source, within } from "./source.ts";

/** Linux names no levels; these shares of time waited for memory (10 s average, %) are ours. */
const STALL = { warning: 10, critical: 5 } as const;
/** Where the kernel keeps no such account: share of memory still available. */
const AVAILABLE = { warning: 0.1, critical: 0.05 } as const;

export function parseMeminfo(text: string): Found {
  const bytes = (name: string) => count(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
  const [total, available] = [bytes("MemTotal"), bytes("MemAvailable")];
  return {
    memoryTotalBytes: within(total, { ...BYTES, least: 1 }),
    memoryUsedBytes: within(total - available, BYTES),
    swapUsedBytes: within(bytes("SwapTotal") - bytes("SwapFree"), BYTES),
    memoryLevel: levelOf(available / total),
  };
}

function levelOf(share: number): MemoryLevel | Unknown {
  if (!(share >= 0 && share <= 1)) return notKnown("unfit-lines");
  return share < AVAILABLE.critical ? "critical" : share < AVAILABLE.warning ? "warning" : "normal";
}

export function parsePressure(text: string): Found {
  const share = (kind: string) => Number(new RegExp(`^${kind} avg10=(\\d{1,3}\\.\\d{2}) `, "m").exec(text)?.[1] ?? Number.NaN);
  const [some, full] = [share("some"), share("full")];
  if (!(some <= 100 && full <= 100)) return { memoryLevel: notKnown("lines-unreadable") };
  return { memoryLevel: full >= STALL.critical ? "critical" : some >= STALL.warning ? "warning" : "normal" };
}

/** `swaps` is /proc/swaps: what goes to a zram device stays in memory and wears no disk. */
export function parseSwapOut(vmstat: string, swaps: string, pageBytes: number): Found {
  const devices = swaps
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "");
  if (devices.length > 0 && devices.every((line) => line.startsWith("/dev/zram"))) return { swapOutBytes: 0 };
  const pages = count(/^pswpout (\d+)$/m.exec(vmstat)?.[1]);
  return { swapOutBytes: Number.isNaN(pages) ? notKnown("no-swap-count") : within(pages * pageBytes, BYTES) };
}

function present(text: string | null): string {
  if (text === null) throw new LookError("kernel");
  return text;
}

export const meminfo: Source = {
  name: "/proc/meminfo",
  gives: ["memoryUsedBytes", "memoryTotalBytes", "swapUsedBytes", "memoryLevel"],
  everyS: 2,
  look: async (place) => parseMeminfo(present(await place.read("/proc/meminfo"))),
};

export const pressure: Source = {
  name: "PSI",
  gives: ["memoryLevel"],
  everyS: 2,
  look: async (place) => parsePressure(present(await place.read("/proc/pressure/memory"))),
};

let pageBytes: Promise<number> | null = null;

export const swapOut: Source = {
  name: "/proc/vmstat",
  gives: ["swapOutBytes"],
  everyS: 5,
  look: async (place) => {
    // Asked once: it is a property of the kernel. A failure is asked again.
    pageBytes ??= place.run("getconf", ["PAGESIZE"]).then(
      (text) => count(text.trim()),
      (error: unknown) => {
        pageBytes = null;
        throw error;
      },
    );
    const [vmstat, swaps] = await Promise.all([place.read("/proc/vmstat"), place.read("/proc/swaps")]);
    return parseSwapOut(present(vmstat), swaps ?? "", await pageBytes);
  },
};
