/** What may be believed of a look at the machine: broken sensors are unknown, and step time and watts tell of throttling that nobody names. */
import type { Conditions, Reading, ThermalLevel } from "../reading.ts";
import { LEAST_CELSIUS, MOST_CELSIUS } from "./settings.ts";
import type { Best, Work } from "./state.ts";

/** None, some, or much: moderate pressure and a clock a little lower are the same warning; heavy and half the speed are the same alarm. */
export type Alarm = "none" | "some" | "much";

export interface Seen {
  readonly celsius: number | null;
  readonly level: ThermalLevel | null;
  readonly slower: number | null;
  readonly alarm: Alarm;
  readonly best: Best;
}

/** Slower than this at the same work is throttling; rows differ, so less says nothing. */
const SOME_SLOWER = 1.25;
const MUCH_SLOWER = 2;
/** Steps whose median is taken: about two minutes. */
const STEPS = 5;
const LEAST_STEPS = 3;
/** Power that has not fallen with the speed means that other work is in the way, not heat. */
const WATTS_FELL = 0.85;
/** The fastest ever seen fades a little with each look, so that one odd step is not believed for ever. */
const FADE = 1.0002;

export function see(conditions: Conditions, work: Work, best: Best): Seen {
  const celsius = plausible(conditions.temperature, LEAST_CELSIUS, MOST_CELSIUS);
  const level = conditions.thermalLevel.value;
  const watts = plausible(conditions.watts, 0.1, 500);
  const now = median(newest(work, best.afterStep));
  const fastest = fastestOf(now, best.secondsPerToken);
  const slower = now === null || fastest === null ? null : now / fastest;
  const isFastest = slower !== null && slower <= 1.02;
  const next = { secondsPerToken: fastest, watts: isFastest && watts !== null ? Math.max(watts, best.watts ?? 0) : best.watts, afterStep: best.afterStep };
  return { celsius, level, slower, alarm: alarmOf(level, believed(slower, watts, best.watts)), best: next };
}

function newest(work: Work, afterStep: number): readonly number[] {
  const count = Math.min(STEPS, work.steps - afterStep);
  return count <= 0 ? [] : work.secondsPerToken.slice(-count);
}

function plausible(reading: Reading<number>, least: number, most: number): number | null {
  const { value } = reading;
  return typeof value === "number" && value >= least && value <= most ? value : null;
}

function fastestOf(now: number | null, known: number | null): number | null {
  if (now === null || known === null) return now ?? known;
  return Math.min(now, known * FADE);
}

/** Median of the newest steps; null before there are enough of them. */
function median(values: readonly number[]): number | null {
  const sorted = values.filter((value) => Number.isFinite(value) && value > 0).sort((a, b) => a - b);
  return sorted.length < LEAST_STEPS ? null : (sorted[Math.floor(sorted.length / 2)] ?? null);
}

function believed(slower: number | null, watts: number | null, bestWatts: number | null): number {
  if (slower === null) return 1;
  const fell = watts === null || bestWatts === null || watts < bestWatts * WATTS_FELL;
  return fell ? slower : 1;
}

/** Step time is a witness and no judge: other programs slow a step as heat does, so without a level it says nothing, and beside a calm one it only warns. */
function alarmOf(level: ThermalLevel | null, slower: number): Alarm {
  if (level === null) return "none";
  if (level === "heavy" || level === "trapping" || level === "sleeping") return "much";
  if (level === "moderate") return slower >= MUCH_SLOWER ? "much" : "some";
  return slower >= SOME_SLOWER ? "some" : "none";
}
