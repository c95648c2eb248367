/** When a run will be done, before it begins and while it works: an 80 % interval, or null where that would be a guess. */
import type { Preflight } from "../electron/core/api.ts";
import { type Duration, type Interval, runEnd } from "../electron/core/eta.ts";
import { latestSeconds } from "../electron/core/evening/fit.ts";
import type { RunState } from "../electron/core/state.ts";
import type { Words } from "./use-session.ts";

const DAY_MS = 86_400_000;

export function forecastOf(run: RunState | null, night: Preflight | null, nowMs: number): Interval | null {
  const end = run && runEnd(run, nowMs);
  if (end) return end;
  return night?.fit ? endAfter(beginsAt(night, nowMs), night.fit.forecast) : null;
}

/** The plan with its cuts made. */
export function forecastAfterCuts(night: Preflight, nowMs: number): Interval | null {
  return night.fit && endAfter(beginsAt(night, nowMs), night.fit.after);
}

function beginsAt({ night }: Preflight, nowMs: number): number {
  return Math.max(nowMs, night.opensAt);
}

/** The two ends of the interval lie as far from its middle, on the logarithmic scale that `latestSeconds` uses. */
function endAfter(beginsAtMs: number, duration: Duration): Interval {
  const latest = latestSeconds(duration);
  return { fromMs: beginsAtMs + (1000 * duration.mean ** 2) / latest, toMs: beginsAtMs + 1000 * latest };
}

/** `05:10–05:50`; with the day where it is not within the next one. */
export function intervalWords({ fromMs, toMs }: Interval, { format }: Words, nowMs: number): string {
  if (toMs - nowMs >= DAY_MS) return format.span(fromMs, toMs);
  const [first, last] = [format.clock(fromMs), format.clock(toMs)];
  return first === last ? first : `${first}–${last}`;
}
