/** What sensors say of this machine: a value with its source and age, or why there is none. Unknown is never 0. */
import type { Why } from "./reason.ts";

export interface Known<T> {
  readonly value: T;
  /** The program or file that gave it, e.g. "notifyutil", "macmon", "hwmon". */
  readonly source: string;
  /** Seconds on the engine's monotonic clock at which it was taken. */
  readonly at: number;
}

export interface Unknown {
  readonly value: null;
  readonly why: Why;
}

export type Reading<T> = Known<T> | Unknown;

/** macOS's own words for how far the system has throttled; elsewhere unknown. */
export type ThermalLevel = "nominal" | "moderate" | "heavy" | "trapping" | "sleeping";
export type MemoryLevel = "normal" | "warning" | "critical";

/** What one app holds: the resident memory of all its processes, pages they share counted for each. */
export interface AppMemory {
  readonly name: string;
  readonly bytes: number;
}

/** One look at the machine. Adapters fill it, pure rules of core read it. */
export interface Conditions {
  /** Hottest of CPU and GPU, °C. */
  readonly temperature: Reading<number>;
  readonly thermalLevel: Reading<ThermalLevel>;
  /** Power drawn by the package, watts. */
  readonly watts: Reading<number>;
  readonly memoryLevel: Reading<MemoryLevel>;
  readonly memoryUsedBytes: Reading<number>;
  readonly swapUsedBytes: Reading<number>;
  readonly onBattery: Reading<boolean>;
  /** 0..100. */
  readonly batteryPercent: Reading<number>;
  readonly lowPowerMode: Reading<boolean>;
  readonly lidClosed: Reading<boolean>;
  /** Power of the whole machine, watts; on a laptop what the energy bill sees, less the adapter's loss. */
  readonly systemWatts?: Reading<number>;
  readonly memoryTotalBytes?: Reading<number>;
  /** Written out to swap since the machine started; its growth is what wears the disk. */
  readonly swapOutBytes?: Reading<number>;
  /** The largest first, at most `APPS_LISTED`. */
  readonly apps?: Reading<readonly AppMemory[]>;
}

export const APPS_LISTED = 12;

export function unknown(why: Why): Unknown {
  return { value: null, why };
}

export function nothingKnown(why: Why): Conditions {
  const none = unknown(why);
  return {
    temperature: none,
    thermalLevel: none,
    watts: none,
    memoryLevel: none,
    memoryUsedBytes: none,
    swapUsedBytes: none,
    onBattery: none,
    batteryPercent: none,
    lowPowerMode: none,
    lidClosed: none,
  };
}
