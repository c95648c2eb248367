/** What the governor remembers between two looks, and what it says. All of it is plain data: a new engine begins from `control.json`. */
import type { ThermalLevel } from "../reading.ts";
import { MARGIN_CELSIUS } from "./settings.ts";
import type { GovernorAction, Reason } from "./words.ts";

/** Where its knowledge comes from now. */
export type Basis = "temperature" | "pressure" | "blind";

/** One command to the trainer: all that is in force after it. */
export interface Command {
  readonly action: GovernorAction;
  readonly pace: number;
  readonly rest: boolean;
  /** Micro-batches of half the usual size. */
  readonly smallerBatches: boolean;
}

export interface Why {
  readonly reason: Reason;
  readonly celsius: number | null;
  readonly level: ThermalLevel | null;
  /** How many times slower the same work has become; null while nobody can tell. */
  readonly slower: number | null;
}

/** What training says of itself; heat shows there even where every sensor is silent. */
export interface Work {
  /** Working seconds for each padded token, of the newest steps, oldest first. Rest is not in it. */
  readonly secondsPerToken: readonly number[];
  /** All steps there were, so that those from before a change can be told from those after it. */
  readonly steps: number;
  /** Smaller micro-batches can be had. */
  readonly canCutBatches: boolean;
}

export interface GovernorState {
  /** When it looked last, seconds on the engine's clock. */
  readonly lookedAt: number | null;
  readonly commandedAt: number | null;
  /** In force. */
  readonly pace: number;
  readonly resting: boolean;
  readonly smallerBatches: boolean;
  /** What it would order if it could at this moment; between two commands it moves on. */
  readonly wantedPace: number;
  /** Temperature with the noise smoothed out; null before the first look and after sleep. */
  readonly celsius: number | null;
  /** °C under the target that are aimed for (by-temperature.ts). */
  readonly margin: number;
  readonly basis: Basis;
  /** When temperature or level was last known. */
  readonly seenAt: number | null;
  readonly celsiusAt: number | null;
  /** When the system last called its heat anything but nominal. */
  readonly pressedAt: number | null;
  /** Since when the least pace has not been enough. */
  readonly tooHotSince: number | null;
  readonly roomSince: number | null;
  readonly restingSince: number | null;
  readonly probe: Probe;
  readonly best: Best;
}

/** Without degrees: the pace at which pressure rose last is a ceiling that is felt for again, gently (by-pressure.ts). */
export interface Probe {
  readonly ceiling: number;
  readonly hitAt: number | null;
  /** Pressure has not gone since. */
  readonly pressed: boolean;
  /** The ceiling when the level itself last pressed; null: it never did. */
  readonly levelCeiling: number | null;
}

/** The same work at its fastest, and what it took in watts: what "slower" is measured by. */
export interface Best {
  readonly secondsPerToken: number | null;
  readonly watts: number | null;
  /** Steps up to this one were made under other orders (before a rest, cut otherwise) and are not looked at again. */
  readonly afterStep: number;
}

export const FIRST_STATE: GovernorState = {
  lookedAt: null,
  commandedAt: null,
  pace: 1,
  resting: false,
  smallerBatches: false,
  wantedPace: 1,
  celsius: null,
  margin: MARGIN_CELSIUS.first,
  basis: "blind",
  seenAt: null,
  celsiusAt: null,
  pressedAt: null,
  tooHotSince: null,
  roomSince: null,
  restingSince: null,
  probe: { ceiling: 1, hitAt: null, pressed: false, levelCeiling: null },
  best: { secondsPerToken: null, watts: null, afterStep: 0 },
};
