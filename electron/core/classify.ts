/** Why a process ended: from how it ended, what it had journalled by then, and the end of its log. What nothing says is "unknown". */
import type { Cause, Phase } from "./events.ts";
import type { RunState } from "./state.ts";

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly tail: readonly string[];
  /** How often the kernel had killed for memory before and after the process lived; null where nobody can say. */
  readonly oomKills: { readonly before: number; readonly after: number } | null;
  /** We sent SIGKILL. */
  readonly forced: boolean;
  /** The boot the machine is in now. */
  readonly boot: string;
}

/** A shell's 128 + number, or the signal's own name: keepers report the second, wrappers the first. */
const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGABRT: 134, SIGKILL: 137, SIGSEGV: 139, SIGTERM: 143 };

/** What macOS writes where the display waited for our work on the GPU (mlx issue 3267). */
const WATCHDOG_WORDS = "ImpactingInteractivity";
/** A Metal command buffer without memory: MLX aborts (134), and the log alone tells it from the watchdog. */
const MEMORY_WORDS: readonly string[] = ["kIOGPUCommandBufferCallbackErrorOutOfMemory", "Insufficient Memory"];

/** `state` is the fold of everything the process wrote, its process still in it. */
export function classifyEnding(state: RunState, phase: Phase | null, ending: Ending): Cause {
  if (phase && state.succeeded.includes(phase)) return isBy(ending, "SIGSEGV") ? "segfault-after-success" : "finished";
  if (state.stalled?.stage === 3) return "stalled";
  if (state.pendingFault) return state.pendingFault.kind === "memory.full" ? "memory-kill" : "named-fault";
  if (ending.forced || (isAsked(state) && isObedient(ending))) return "asked";
  if (ending.code === null && ending.signal === null) return withoutEvidence(state, ending.boot);
  return byItsLooks(ending);
}

function byItsLooks(ending: Ending): Cause {
  if (says(ending, MEMORY_WORDS)) return "memory-kill";
  // A person's `kill -9` looks the same. Where the kernel says that it killed nobody for memory, it was one; where it says nothing, less is safer.
  if (isBy(ending, "SIGKILL")) return ending.oomKills && ending.oomKills.after <= ending.oomKills.before ? "crash" : "memory-kill";
  return isBy(ending, "SIGABRT") || says(ending, [WATCHDOG_WORDS]) ? "display-watchdog" : "crash";
}

function isBy({ code, signal }: Ending, name: string): boolean {
  return signal === name || (code !== null && code === SIGNAL_CODES[name]);
}

/** How a process ends that was told to: by itself, or by a signal that an engine before us may have sent. */
function isObedient(ending: Ending): boolean {
  return ending.code === 0 || ["SIGTERM", "SIGINT", "SIGKILL"].some((name) => isBy(ending, name));
}

/** On a full disk the verb may not have been able to journal what it knew. */
const NO_SPACE_WORDS: readonly string[] = ["No space left on device", "Disk quota exceeded", "The disk is full"];

export function endedWithoutSpace(state: RunState, ending: Ending): boolean {
  return state.pendingFault === null && ending.code !== 0 && says(ending, NO_SPACE_WORDS);
}

function isAsked({ asked }: RunState): boolean {
  return asked.pause || asked.stop;
}

function says({ tail }: Ending, words: readonly string[]): boolean {
  return tail.some((line) => words.some((word) => line.includes(word)));
}

/** Process and keeper are gone without exit.json: another boot explains both, nothing else does. */
function withoutEvidence({ process, asked }: RunState, boot: string): Cause {
  if (process && isOtherBoot(process.boot, boot)) return "reboot";
  return asked.stop ? "asked" : "unknown";
}

export function isOtherBoot(one: string, other: string): boolean {
  return one !== other && one !== "unknown" && other !== "unknown";
}
