/** Everything about the simulated machine but its heat: room, fan, mains and battery, lid, sleep, memory and swap. Times in seconds of the night. */
import type { MemoryLevel } from "../../electron/core/reading.ts";

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Setting {
  readonly roomCelsius: number;
  readonly coolingCelsiusAnHour: number;
  readonly fanBlockedFrom: number | null;
  readonly asleep: readonly Span[];
  /** A person has it paused: no trainer is there. */
  readonly paused: readonly Span[];
  readonly unplugged: readonly Span[];
  /** Bytes that other programs take at a time of the night. */
  readonly guestBytes: number;
  readonly guest: Span | null;
}

export interface House {
  readonly roomCelsius: number;
  readonly fanBlocked: boolean;
  readonly asleep: boolean;
  readonly paused: boolean;
  readonly lidClosed: boolean;
  readonly onBattery: boolean;
  readonly batteryPercent: number;
  readonly memoryUsedBytes: number;
  readonly swapUsedBytes: number;
  readonly memoryLevel: MemoryLevel;
}

const GB = 1e9;
const MEMORY_BYTES = 16 * GB;
/** The system with its caches, and training by docs/product.md's bound; chosen. */
const SYSTEM_BYTES = 4 * GB;
const TRAINING_BYTES = 8.7 * GB;
/** What does not fit goes out at about this rate, and comes back slower. */
const SWAP_OUT_BYTES_A_SECOND = 0.2 * GB;
const SWAP_IN_BYTES_A_SECOND = 0.05 * GB;
/** 52.6 Wh (13-inch M2 Air) at the machine's own draw beside the package's. */
const BATTERY_WH = 52.6;
const BOARD_WATTS = 4;
const CHARGE_WATTS = 25;

export const AT_FIRST: Pick<House, "batteryPercent" | "swapUsedBytes"> = { batteryPercent: 100, swapUsedBytes: 0 };

export function houseAt(setting: Setting, before: Pick<House, "batteryPercent" | "swapUsedBytes">, packageWatts: number, at: number, seconds: number): House {
  const within = (span: Span | null) => span !== null && at >= span.from && at < span.to;
  const asleep = setting.asleep.some(within);
  const onBattery = setting.unplugged.some(within);
  const draw = onBattery ? -(packageWatts + BOARD_WATTS) : CHARGE_WATTS;
  const memory = SYSTEM_BYTES + TRAINING_BYTES + (within(setting.guest) ? setting.guestBytes : 0);
  const over = memory - MEMORY_BYTES;
  const { swapUsedBytes: swapped } = before;
  const swapUsedBytes = over > 0 ? Math.min(over, swapped + SWAP_OUT_BYTES_A_SECOND * seconds) : Math.max(0, swapped - SWAP_IN_BYTES_A_SECOND * seconds);
  return {
    roomCelsius: setting.roomCelsius - (setting.coolingCelsiusAnHour * at) / 3_600,
    fanBlocked: setting.fanBlockedFrom !== null && at >= setting.fanBlockedFrom,
    asleep,
    paused: setting.paused.some(within),
    lidClosed: asleep,
    onBattery,
    batteryPercent: Math.min(100, Math.max(0, before.batteryPercent + ((draw * seconds) / 3_600 / BATTERY_WH) * 100)),
    memoryUsedBytes: Math.min(MEMORY_BYTES, memory),
    swapUsedBytes,
    memoryLevel: over > 2 * GB ? "critical" : over > 0 ? "warning" : "normal",
  };
}
