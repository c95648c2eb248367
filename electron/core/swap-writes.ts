/**
 * Bytes written to the disk by swapping, from the growth of the system's own counter (macOS `Swapouts`, Linux `pswpout`, × page size).
 * An estimate: what the disk writes for its own housekeeping is not in it, and swap held in compressed memory is left out by the adapter.
 */
import type { Reading } from "./reading.ts";

export interface SwapWrites {
  readonly bytes: number;
  /** The counter at the last look; null before the first. */
  readonly counter: number | null;
}

export const NO_SWAP_WRITES: SwapWrites = { bytes: 0, counter: null };

/** An unknown reading changes nothing: the next known one catches up. A counter that fell began anew with the machine. */
export function addSwapWrites(writes: SwapWrites, reading: Reading<number> | undefined): SwapWrites {
  if (reading === undefined || reading.value === null) return writes;
  const now = reading.value;
  if (!Number.isFinite(now) || now < 0) return writes;
  if (writes.counter === null) return { bytes: writes.bytes, counter: now };
  return { bytes: writes.bytes + (now >= writes.counter ? now - writes.counter : now), counter: now };
}
