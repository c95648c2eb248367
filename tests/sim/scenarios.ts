/** The nights the governor is judged by, each with a machine of its own seed. They begin at 22:00. */
import type { HeatSettings } from "../../electron/core/governor/settings.ts";
import { uniform } from "./chance.ts";
import type { Setting } from "./house.ts";
import { FANLESS, FANNED, type Machine } from "./m2.ts";
import { type Outcome, type Scenario, simulate } from "./night.ts";
import { type Best, bestConstant, holds } from "./search.ts";
import type { Sense } from "./sensors.ts";

export const BEGINS_HOUR = 22;
export const BLOCKED_AT_S = 5 * 3_600;
const HOUR_S = 3_600;

export interface Kind {
  readonly name: string;
  readonly says: string;
  readonly machine: Machine;
  readonly setting: Setting;
}

const ROOM: Setting = { roomCelsius: 22, coolingCelsiusAnHour: 0.25, fanBlockedFrom: null, asleep: [], paused: [], unplugged: [], guestBytes: 0, guest: null };
const room = (roomCelsius: number): Setting => ({ ...ROOM, roomCelsius });
/** The lid is closed for half an hour, the plug pulled for one, and another program takes 4 GB for a while. */
const EVENTFUL: Setting = {
  ...ROOM,
  asleep: [{ from: 2 * HOUR_S, to: 2.5 * HOUR_S }],
  unplugged: [{ from: 4 * HOUR_S, to: 5 * HOUR_S }],
  guestBytes: 4e9,
  guest: { from: 3 * HOUR_S, to: 4 * HOUR_S },
};

export const KINDS: readonly Kind[] = [
  { name: "fanned-cold", says: "Fanned M2, a cold room (14 °C)", machine: FANNED, setting: room(14) },
  { name: "fanned", says: "Fanned M2, a room of 22 °C", machine: FANNED, setting: ROOM },
  { name: "fanned-hot", says: "Fanned M2, a hot room (32 °C)", machine: FANNED, setting: room(32) },
  { name: "fan-blocked", says: "Fanned M2, its fan blocked at 03:00", machine: FANNED, setting: { ...ROOM, fanBlockedFrom: BLOCKED_AT_S } },
  { name: "fanless-cold", says: "Fanless M2, a cold room (14 °C)", machine: FANLESS, setting: room(14) },
  { name: "fanless", says: "Fanless M2, a room of 22 °C", machine: FANLESS, setting: ROOM },
  { name: "fanless-hot", says: "Fanless M2, a hot room (32 °C)", machine: FANLESS, setting: room(32) },
  { name: "eventful", says: "Fanned M2 that sleeps for half an hour", machine: FANNED, setting: EVENTFUL },
];

/** For the forecast alone: a person takes the machine for an hour. */
export const PAUSED: Kind = {
  name: "paused",
  says: "Fanned M2, paused from 00:30 to 01:30",
  machine: FANNED,
  setting: { ...ROOM, paused: [{ from: 2.5 * HOUR_S, to: 3.5 * HOUR_S }] },
};

/** No two machines are built alike: the heat they shed differs by a tenth, and so does where their level turns (83–84 °C, not published). */
export function scenarioOf({ machine, setting }: Kind, seed: number, hours: number): Scenario {
  const draw = uniform(seed + 2_000_000);
  const shed = draw(0.9, 1.1);
  const own = { ...machine, dieToCase: machine.dieToCase * shed, fanToAir: machine.fanToAir * shed, moderateCelsius: draw(83, 84) };
  return { machine: own, setting, hours, seed };
}

/** Work is told as a share of that of the best constant pace; where the fan is blocked, of the best one before it and the best one after. */
export function bestFor(scenario: Scenario, settings: HeatSettings): Best {
  const { fanBlockedFrom } = scenario.setting;
  const breaks = fanBlockedFrom !== null && fanBlockedFrom < scenario.hours * HOUR_S;
  return bestConstant(scenario, settings, breaks ? fanBlockedFrom : null);
}

export interface Figures {
  readonly seeds: number;
  readonly nightsHeld: number;
  /** Least over the seeds. */
  readonly workShare: number;
  readonly workShareMean: number;
  readonly heldShare: number;
  readonly longestRedSeconds: number;
  readonly highestCelsius: number;
  readonly commands: number;
}

export function figuresOf(nights: readonly { readonly outcome: Outcome; readonly best: Best }[]): Figures {
  const shares = nights.map(({ outcome, best }) => outcome.rows / best.outcome.rows);
  const most = (of: (outcome: Outcome) => number) => Math.max(...nights.map(({ outcome }) => of(outcome)));
  return {
    seeds: nights.length,
    nightsHeld: nights.filter(({ outcome }) => holds(outcome)).length,
    workShare: round(Math.min(...shares), 4),
    workShareMean: round(shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length), 4),
    heldShare: round(-most((outcome) => -outcome.heldShare), 4),
    longestRedSeconds: most((outcome) => outcome.longestRedSeconds),
    highestCelsius: round(
      most((outcome) => outcome.highest),
      1,
    ),
    commands: most((outcome) => outcome.said.length),
  };
}

/** Both ways of seeing, over the same nights. */
export function judge(kind: Kind, seeds: readonly number[], hours: number, settings: HeatSettings): Readonly<Record<Exclude<Sense, "none">, Figures>> {
  const nights = seeds.map((seed) => {
    const scenario = scenarioOf(kind, seed, hours);
    return { scenario, best: bestFor(scenario, settings) };
  });
  const figures = (sense: Sense) => figuresOf(nights.map(({ scenario, best }) => ({ best, outcome: simulate(scenario, { sense }, settings) })));
  return { all: figures("all"), level: figures("level") };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
