/**
 * Memory that runs short while training, seen before the system kills somebody: its own word "critical" for a while, or swap that keeps growing.
 * What is done about it is a rung of the memory ladder. Pure; what is seen and the time come in.
 */
import type { Conditions } from "./reading.ts";

/** One look may meet another program's moment; this long is no moment. */
export const CRITICAL_S = 15;
export const SWAP_WINDOW_S = 300;
/** On 16 GB a plan that fits swaps next to nothing once it runs: so much in one window is 24 GB an hour, which wears the disk and halves the speed. */
export const SWAP_GROWTH_BYTES = 2e9;
/** Smaller micro-batches need this long to show. */
export const EASE_EVERY_S = 300;
/** A longer gap between two looks is sleep: what was seen before it says nothing. */
const SLEPT_S = 30;

export interface MemoryWatch {
  readonly lookedAt: number;
  readonly criticalSince: number | null;
  /** Oldest first; those of one window, so as many as it has looks. */
  readonly swap: readonly { readonly at: number; readonly bytes: number }[];
  readonly easedAt: number | null;
}

export interface Shortage {
  readonly why: "pressure" | "swap";
  readonly swapGrowthBytes: number;
}

/** `now`: seconds that never jump. */
export function watchMemory(
  before: MemoryWatch | null,
  conditions: Conditions,
  now: number,
): { readonly watch: MemoryWatch; readonly shortage: Shortage | null } {
  const watch = seen(fresh(before, now), conditions, now);
  const shortage = shortageOf(watch, now);
  // Counted anew: what led to this step is no reason for the next.
  return shortage ? { watch: { ...watch, easedAt: now, criticalSince: null, swap: [] }, shortage } : { watch, shortage: null };
}

function fresh(before: MemoryWatch | null, now: number): MemoryWatch {
  const gap = before === null ? 0 : now - before.lookedAt;
  return before !== null && gap >= 0 && gap <= SLEPT_S ? before : { lookedAt: now, criticalSince: null, swap: [], easedAt: null };
}

function seen(watch: MemoryWatch, conditions: Conditions, now: number): MemoryWatch {
  const criticalSince = conditions.memoryLevel.value === "critical" ? (watch.criticalSince ?? now) : null;
  return { ...watch, lookedAt: now, criticalSince, swap: swapWindow(watch.swap, conditions, now) };
}

function shortageOf({ criticalSince, swap, easedAt }: MemoryWatch, now: number): Shortage | null {
  if (easedAt !== null && now - easedAt < EASE_EVERY_S) return null;
  const swapGrowthBytes = Math.max(0, Math.round((swap.at(-1)?.bytes ?? 0) - (swap[0]?.bytes ?? 0)));
  if (criticalSince !== null && now - criticalSince >= CRITICAL_S) return { why: "pressure", swapGrowthBytes };
  return swapGrowthBytes >= SWAP_GROWTH_BYTES ? { why: "swap", swapGrowthBytes } : null;
}

/** What was written out, or where nobody counts that, what is in use. A counter that fell began anew. */
function swapWindow(before: MemoryWatch["swap"], { swapOutBytes, swapUsedBytes }: Conditions, now: number): MemoryWatch["swap"] {
  const bytes = swapOutBytes?.value ?? swapUsedBytes.value;
  if (bytes === null || !Number.isFinite(bytes) || bytes < 0) return before;
  const rising = (before.at(-1)?.bytes ?? 0) <= bytes ? before : [];
  return [...rising.filter((one) => now - one.at <= SWAP_WINDOW_S), { at: now, bytes }];
}
