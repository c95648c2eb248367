/** What a person may set of the governor, and the numbers it lives by. Units last in the names. */
import { UNWATCHED_PACE } from "../control.ts";

export interface HeatSettings {
  /** Held at or under this, °C. */
  readonly targetCelsius: number;
  /** Never for long over this, °C: work stops at once. */
  readonly redCelsius: number;
}

export const DEFAULT_HEAT: HeatSettings = { targetCelsius: 85, redCelsius: 90 };

/** At most one command in this time. */
export const COMMAND_EVERY_S = 10;
/** A change of pace smaller than this is not worth a command. */
export const PACE_STEP = 0.03;
/** Slower than this is not worth the electricity: then rest, and go on cool. */
export const LEAST_PACE = 0.15;
/**
 * While the system has called its heat nominal for so long, slow steps alone take no more than this share of the pace that the level was last seen to
 * allow (of all of it, if it never pressed): other programs make steps slow too.
 */
export const CALM_LEAST_SHARE = 0.6;
export const CALM_AFTER_S = 1800;
/** Without any reading no faster than a trainer without an engine. */
export const BLIND_PACE = UNWATCHED_PACE;
/** A reading that fails now and then is no blindness: what was seen last holds so long. */
export const BLIND_AFTER_S = 30;
/** A longer gap between two looks is sleep or a stopped engine: what was seen before it says nothing. */
export const SLEPT_S = 30;
/** Aimed for so far under the target, so that sensor noise and the ripple of work and rest stay under it; learnt from the readings. */
export const MARGIN_CELSIUS = { first: 2.5, least: 0.5, most: 8 };
/** A rest for heat ends so far under the target. */
export const COOL_CELSIUS = 8;
/** Nothing a chip lives at: such a reading is a broken sensor. */
export const LEAST_CELSIUS = 1;
export const MOST_CELSIUS = 130;
/** At the least pace and still too hot for so long: the next rung (smaller micro-batches, then rest). */
export const RUNG_AFTER_S = 60;
/** Smaller micro-batches are taken back after so long at half pace or more. */
export const ROOM_AFTER_S = 600;
export const ROOM_PACE = 0.5;
/** A smaller budget than this only costs. */
export const LEAST_MICRO_BATCH_TOKENS = 64;

export function heatSettings(targetCelsius: number, redCelsius: number): HeatSettings {
  const target = Math.min(100, Math.max(50, Number.isFinite(targetCelsius) ? targetCelsius : DEFAULT_HEAT.targetCelsius));
  const red = Number.isFinite(redCelsius) ? redCelsius : DEFAULT_HEAT.redCelsius;
  // Red at or under the target would make a rest of every night.
  return { targetCelsius: target, redCelsius: Math.min(108, Math.max(target + 2, red)) };
}
