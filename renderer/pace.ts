/** Why the run works slower than it could, in a sentence; the governor's own reason, in the person's language. */
import type { Reason } from "../electron/core/governor/words.ts";
import type { RunState } from "../electron/core/state.ts";
import { whyGoverned } from "../electron/core/words/happenings.ts";
import type { Words } from "./use-session.ts";

const SLOWING: readonly Reason[] = ["hot", "red", "pressure", "throttled", "too-hot-at-least", "blind"];

/** Null: it works at full pace, or nothing says why not. */
export function whySlowed({ obeyed, governed, process, ended, happenings }: RunState, words: Words): string | null {
  if (!obeyed || ended || process?.verb !== "train") return null;
  const order = happenings.findLast(({ event }) => event.type === "obeyed")?.event;
  if (order?.type === "obeyed" && order.leaseStale) return words.say("popover.unwatched");
  const rests = obeyed.desired === "rest";
  if (!governed || (!rests && obeyed.pace >= 1)) return null;
  if (rests) return words.say("popover.why-rest", { why: whyGoverned(governed, words) });
  // The newest order may be that it may go on: what still holds it back is then the heat of before.
  return SLOWING.includes(governed.reason) ? words.say("popover.why-slow", { why: whyGoverned(governed, words) }) : words.say("popover.still-slower");
}
