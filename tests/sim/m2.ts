/**
 * The heat of a simulated M2: two thermal masses (die with its sink, case with board and battery), a fan or none, and the system's own
 * throttling. Measured values are those of docs/facts.md (macOS, Heat); where nothing is published a value is chosen and said so.
 */

export interface Machine {
  readonly fan: boolean;
  /** J/K and W/K. The die's own path to the air is the fan's. */
  readonly dieHeat: number;
  readonly caseHeat: number;
  readonly dieToCase: number;
  readonly caseToAir: number;
  readonly fanToAir: number;
  /** °C at which thermal pressure says "moderate": not published. Chosen under the target, else nobody without degrees could hold it. */
  readonly moderateCelsius: number;
  /** The level never leaves nominal although the clock falls: seen on an M1 Air. */
  readonly levelStuck: boolean;
}

/** Package power at full clock and throttled, and the clocks: published bench test of the 13-inch M2, 2022. */
export const FULL_WATTS = 29.5;
export const FULL_MHZ = 1393;
const THROTTLED_WATTS = 7.3;
export const THROTTLED_MHZ = 289;
/** Waiting for the next micro-batch, display off; chosen. */
const IDLE_WATTS = 1;
/** The fanned one drops to the least clock at the top of its swing and comes back at its bottom. */
const TRIP_CELSIUS = 108;
const RELEASE_CELSIUS = 84;
/** The fanless one settles: it gives clock away from here on, a little late, so that it peaks near 114 °C first. */
const SOFT_CELSIUS = 95;
const SOFT_MHZ_PER_CELSIUS = 110;
const SOFT_LAG_S = 150;
/** Levels follow a smoothed temperature and leave later than they come; chosen. */
const LEVEL_LAG_S = 8;
const LEVEL_HYSTERESIS = 3;
/** Fan curve; chosen. */
const FAN_FROM_CELSIUS = 55;
const FAN_FULL_CELSIUS = 80;

/** Air of a room at night: what a blocked fan still moves. */
const BLOCKED_SHARE = 0.1;

export const FANNED: Machine = {
  fan: true,
  dieHeat: 60,
  caseHeat: 700,
  dieToCase: 0.32,
  caseToAir: 0.6,
  fanToAir: 0.1,
  moderateCelsius: 84,
  levelStuck: false,
};
export const FANLESS: Machine = { ...FANNED, fan: false, fanToAir: 0 };

export type Level = 0 | 1 | 2 | 3;

export interface HeatState {
  readonly die: number;
  readonly case: number;
  readonly mhz: number;
  readonly tripped: boolean;
  /** Smoothed temperatures behind the soft limit and the level. */
  readonly softCelsius: number;
  readonly levelCelsius: number;
  readonly level: Level;
  readonly watts: number;
}

export function cold(roomCelsius: number): HeatState {
  const at = roomCelsius + 8;
  return { die: at, case: roomCelsius + 4, mhz: FULL_MHZ, tripped: false, softCelsius: at, levelCelsius: at, level: 0, watts: IDLE_WATTS };
}

/** `busy`: share of the time in which work was done, 0..1. Exact enough at steps of a second: the fastest mode takes minutes. */
export function heatUp(machine: Machine, before: HeatState, busy: number, roomCelsius: number, fanBlocked: boolean, seconds: number): HeatState {
  const watts = IDLE_WATTS + busy * (wattsAt(before.mhz) - IDLE_WATTS);
  const fan = machine.fanToAir * fanSpeed(before.die) * (fanBlocked ? BLOCKED_SHARE : 1);
  const across = machine.dieToCase * (before.die - before.case);
  const die = before.die + ((watts - across - fan * (before.die - roomCelsius)) * seconds) / machine.dieHeat;
  const inCase = before.case + ((across - machine.caseToAir * (before.case - roomCelsius)) * seconds) / machine.caseHeat;
  const softCelsius = before.softCelsius + ((die - before.softCelsius) * seconds) / (SOFT_LAG_S + seconds);
  const levelCelsius = before.levelCelsius + ((die - before.levelCelsius) * seconds) / (LEVEL_LAG_S + seconds);
  const tripped = die >= TRIP_CELSIUS || (before.tripped && die > RELEASE_CELSIUS);
  const mhz = machine.fan ? (tripped ? THROTTLED_MHZ : FULL_MHZ) : softMhz(softCelsius);
  const next = { die, case: inCase, mhz, tripped: machine.fan && tripped, softCelsius, levelCelsius, watts };
  return { ...next, level: levelOf(machine, next, before.level) };
}

/** Share of full speed; step time is its inverse. */
export function speedOf({ mhz }: HeatState): number {
  return mhz / FULL_MHZ;
}

/** Between the two measured points in proportion to the clock. */
function wattsAt(mhz: number): number {
  return THROTTLED_WATTS + ((FULL_WATTS - THROTTLED_WATTS) * (mhz - THROTTLED_MHZ)) / (FULL_MHZ - THROTTLED_MHZ);
}

function fanSpeed(die: number): number {
  return Math.min(1, Math.max(0, (die - FAN_FROM_CELSIUS) / (FAN_FULL_CELSIUS - FAN_FROM_CELSIUS)));
}

function softMhz(celsius: number): number {
  return Math.min(FULL_MHZ, Math.max(THROTTLED_MHZ, FULL_MHZ - SOFT_MHZ_PER_CELSIUS * (celsius - SOFT_CELSIUS)));
}

function levelOf(machine: Machine, now: Omit<HeatState, "level">, before: Level): Level {
  if (machine.levelStuck) return 0;
  if (now.die >= 112) return 3;
  if (now.tripped || now.mhz < 0.8 * FULL_MHZ) return 2;
  const from = machine.moderateCelsius - (before >= 1 ? LEVEL_HYSTERESIS : 0);
  return now.levelCelsius >= from ? 1 : 0;
}
