/**
 * A nightly window in local time, as instants. The zone comes in as a function, so DST nights can be tested anywhere. A time of day that a clock
 * change leaves out or repeats is taken as `Temporal` takes it ("compatible"): the later one after a gap, the first of two.
 */

/** Minutes east of UTC at an instant (unix ms). */
export type ZoneOffset = (atMs: number) => number;

/** Local times of day as "HH:MM"; `to` at or before `from` is on the next day. */
export interface Window {
  readonly from: string;
  readonly to: string;
}

export interface Night {
  /** The local day it begins on, "2026-11-23": its name. */
  readonly night: string;
  readonly opensAt: number;
  readonly closesAt: number;
}

export const USUAL_WINDOW: Window = { from: "22:00", to: "06:00" };
export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The night that `nowMs` is in, or else the next one. */
export function nightAt(nowMs: number, window: Window, offset: ZoneOffset): Night {
  const night = nightsAround(nowMs, window, offset).find((one) => one.closesAt > nowMs);
  if (!night) throw new Error("no night within two days");
  return night;
}

/** The newest night that is over. */
export function nightBefore(nowMs: number, window: Window, offset: ZoneOffset): Night {
  const night = nightsAround(nowMs, window, offset).findLast((one) => one.closesAt <= nowMs);
  if (!night) throw new Error("no night within two days");
  return night;
}

export function isOpen(night: Night, nowMs: number): boolean {
  return nowMs >= night.opensAt && nowMs < night.closesAt;
}

/** In order; one that a clock change leaves no room for is left out. */
function nightsAround(nowMs: number, { from, to }: Window, offset: ZoneOffset): Night[] {
  const overnight = toMinutes(to) <= toMinutes(from);
  return [-2, -1, 0, 1, 2]
    .map((days) => {
      const day = addDays(localDay(nowMs, offset), days);
      const opensAt = instantOf(day, from, offset);
      return { night: day, opensAt, closesAt: instantOf(overnight ? addDays(day, 1) : day, to, offset) };
    })
    .filter((night) => night.closesAt > night.opensAt);
}

export function localDay(atMs: number, offset: ZoneOffset): string {
  return new Date(atMs + offset(atMs) * MINUTE).toISOString().slice(0, 10);
}

/** "HH:MM" on the local clock. */
export function localTime(atMs: number, offset: ZoneOffset): string {
  return new Date(atMs + offset(atMs) * MINUTE).toISOString().slice(11, 16);
}

export function instantOf(day: string, time: string, offset: ZoneOffset): number {
  const clock = Date.parse(`${day}T00:00:00Z`) + toMinutes(time) * MINUTE;
  const offsets = [offset(clock - DAY), offset(clock + DAY)];
  const instants = offsets.map((minutes) => clock - minutes * MINUTE);
  const real = instants.filter((instant, index) => offset(instant) === offsets[index]);
  // In a gap neither is real; the offset before it gives a clock time that is later by the gap.
  return real.length > 0 ? Math.min(...real) : (instants[0] ?? clock);
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** What a person may type to have a sleeping Mac awake before a night; it asks for their password (`man pmset`). Thortime never runs it. */
export function wakeCommand(atMs: number, offset: ZoneOffset): string {
  const [year = "", month = "", day = ""] = localDay(atMs, offset).split("-");
  return `sudo pmset schedule wakeorpoweron "${month}/${day}/${year.slice(2)} ${localTime(atMs, offset)}:00"`;
}

export interface Wake {
  /** For the night that comes. */
  readonly once: string;
  /** For every night; `pmset` keeps one such wish, and a later one replaces it. */
  readonly nightly: string;
  /** Takes the nightly one back. */
  readonly undo: string;
}

/** The Mac is woken so long before its window opens. */
const WAKE_EARLY_MS = 5 * MINUTE;

export function wakeFor({ opensAt }: Night, offset: ZoneOffset): Wake {
  const at = opensAt - WAKE_EARLY_MS;
  return { once: wakeCommand(at, offset), nightly: `sudo pmset repeat wakeorpoweron MTWRFSU ${localTime(at, offset)}:00`, undo: "sudo pmset repeat cancel" };
}
