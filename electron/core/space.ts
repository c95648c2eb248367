/** How much has to be free before a run that filled the disk goes on. */
import type { RunState } from "./state.ts";

export const SPACE_LOOK_S = 30;
const LEAST_BYTES = 1_000_000_000;
/** The one being written, and the two that are always kept. */
const CHECKPOINTS = 3;

export function isSpaceFault(kind: string): boolean {
  return kind === "disk.full" || kind === "disk.space";
}

/** Full again though there was so much when it went on: then that was too little, whatever a checkpoint takes. */
export function neededBytes(state: RunState): number {
  const usual = Math.max(LEAST_BYTES, CHECKPOINTS * (state.checkpoints.at(-1)?.bytes ?? 0));
  const { space } = state;
  if (!space) return usual;
  return space.waiting ? space.neededBytes : Math.max(usual, space.freeBytes + LEAST_BYTES);
}

/** "free 1.3 GB": never less than what a person sees as something. */
export function toFreeBytes({ neededBytes: needed, freeBytes }: { readonly neededBytes: number; readonly freeBytes: number }): number {
  return Math.max(100_000_000, needed - freeBytes);
}
