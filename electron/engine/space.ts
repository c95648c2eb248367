/** A full disk: nothing is tried until there is room, then the run goes on by itself. */
import type { Fault, Phase } from "../core/events.ts";
import type { Ports } from "../core/ports.ts";
import { neededBytes, SPACE_LOOK_S } from "../core/space.ts";
import type { Run } from "./run.ts";

export async function awaitSpace(run: Run, phase: Phase, ports: Ports): Promise<void> {
  const now = ports.clock.mono();
  if (run.spaceLookedAt !== null && now - run.spaceLookedAt < SPACE_LOOK_S) return;
  // Before anything that may throw: a disk that cannot even be asked is not asked at each tick.
  run.spaceLookedAt = now;
  const freeBytes = Math.max(0, Math.floor(await ports.freeBytes(ports.home.runPath(run.id))));
  const needed = neededBytes(run.state);
  if (freeBytes < needed) {
    if (!run.state.space?.waiting) run.append({ type: "space-needed", phase, neededBytes: needed, freeBytes });
    return;
  }
  run.append({ type: "space-returned", phase, freeBytes });
  run.spaceLookedAt = null;
}

const NO_SPACE: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Null for every error that is not about room on a disk. */
export function spaceFaultOf(error: unknown): Fault | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return NO_SPACE.has(code) ? DISK_FULL : null;
}

export const DISK_FULL: Fault = {
  kind: "disk.full",
  message: "The disk is full.",
  next: "Free some space; the run goes on by itself.",
};
