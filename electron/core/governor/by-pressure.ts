/**
 * The wanted pace without degrees. Pressure says only "over" or "not over", as a lost packet does to a sender, so the search is that
 * of CUBIC (Ha, Rhee and Xu 2008): down at each hit, quickly back to near the pace at which it came, long on that plateau, then
 * carefully beyond it.
 */
import { LEAST_PACE } from "./settings.ts";
import type { Probe } from "./state.ts";
import type { Alarm } from "./witness.ts";

/** After a hit on the plateau, and after one that came early: then the case is still warming through and the true ceiling lower. */
const AFTER_LATE_HIT = 0.96;
const AFTER_EARLY_HIT = 0.88;
const EARLY_S = 400;
/** While pressure lasts: this share of the ceiling, and a ceiling that comes down by so much a second, until it is gone. */
const PRESSED = 0.2;
const PRESSED_FALL = 1 / 700;
/** From a hit to the plateau's middle: about as long as the case takes to warm through. */
const PLATEAU_S = 1_200;

export interface Search {
  readonly probe: Probe;
  readonly wantedPace: number;
}

/** `levelPresses`: the level itself, not step time alone. `most`: the pace of a machine that was never hit. */
export function byPressure(alarm: Alarm, levelPresses: boolean, before: Probe, pace: number, now: number, seconds: number, most: number): Search {
  if (alarm !== "none") {
    const hit = before.pressed ? { ...before, ceiling: floored(before.ceiling * (1 - seconds * PRESSED_FALL)) } : hitAt(pace, now, before);
    const probe = levelPresses ? { ...hit, levelCeiling: hit.ceiling } : hit;
    return { probe, wantedPace: floored(probe.ceiling * PRESSED) };
  }
  const probe = before.pressed ? { ...before, pressed: false, hitAt: now } : before;
  return { probe, wantedPace: probe.hitAt === null ? most : Math.min(most, cubic(probe.ceiling, now - probe.hitAt)) };
}

/** The plateau stands where the hit came; an early hit says that the ceiling is lower than the pace it came at. */
function hitAt(pace: number, now: number, before: Probe): Probe {
  const early = before.hitAt === null || now - before.hitAt < EARLY_S;
  return { ...before, ceiling: floored(early ? pace * (AFTER_EARLY_HIT / AFTER_LATE_HIT) : pace), hitAt: now, pressed: true };
}

/** `AFTER_LATE_HIT` of the ceiling at once, the ceiling after `PLATEAU_S`, as far above it after twice that. */
function cubic(ceiling: number, seconds: number): number {
  const way = seconds / PLATEAU_S - 1;
  return floored(ceiling * (1 + (1 - AFTER_LATE_HIT) * way ** 3));
}

function floored(pace: number): number {
  return Math.min(1, Math.max(LEAST_PACE, pace));
}
