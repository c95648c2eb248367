/**
 * Holds the target temperature with the least loss of speed. Pure: what it is told and the time come in, what to order goes out.
 * In turn: pace, smaller micro-batches, rest until cool. By degrees where they are known, else by thermal pressure, with step time and
 * watts as witnesses; blind it keeps a stated pace and says so. At most one command in 10 s, whatever the sensors do.
 */
import type { Conditions } from "../reading.ts";
import { byPressure } from "./by-pressure.ts";
import { byTemperature } from "./by-temperature.ts";
import {
  BLIND_AFTER_S,
  BLIND_PACE,
  CALM_AFTER_S,
  CALM_LEAST_SHARE,
  COMMAND_EVERY_S,
  COOL_CELSIUS,
  type HeatSettings,
  LEAST_PACE,
  PACE_STEP,
  ROOM_AFTER_S,
  ROOM_PACE,
  RUNG_AFTER_S,
  SLEPT_S,
} from "./settings.ts";
import type { Basis, Command, GovernorState, Why, Work } from "./state.ts";
import { type Seen, see } from "./witness.ts";
import type { GovernorAction, Reason } from "./words.ts";

/** Red is acted on this long before it would be reached. */
const AHEAD_S = 10;
/** A rest without degrees ends when the pressure has been gone and at least so long has passed. */
const LEAST_REST_S = 30;
/** After a rest the pace that led to it is not taken up again whole. */
const AFTER_REST = 0.8;

export interface Governed {
  readonly state: GovernorState;
  /** Null: all stays as ordered. */
  readonly command: Command | null;
  readonly why: Why;
}

export function govern(before: GovernorState, conditions: Conditions, work: Work, now: number, settings: HeatSettings): Governed {
  const seen = see(conditions, work, before.best);
  const state = wish(fresh(before, now), seen, now, settings);
  const { order, reason } = decide(state, before, seen, work, now, settings);
  const why = { reason, celsius: seen.celsius, level: seen.level, slower: seen.slower };
  const waits = state.commandedAt !== null && now >= state.commandedAt && now - state.commandedAt < COMMAND_EVERY_S;
  if (order === null || waits) return { state, command: null, why };
  return { ...ordered(state, order, work.steps, now), why };
}

/** After sleep the machine is another one: nothing seen before it is compared with what is seen now. */
function fresh(before: GovernorState, now: number): GovernorState {
  const gap = before.lookedAt === null ? 0 : now - before.lookedAt;
  return gap >= 0 && gap <= SLEPT_S ? before : afterSleep(before, now);
}

/** What was learnt of the machine stays, what was measured leaves. */
export function afterSleep(before: GovernorState, now: number): GovernorState {
  return { ...before, celsius: null, tooHotSince: null, roomSince: null, seenAt: now, celsiusAt: now, lookedAt: null, commandedAt: null };
}

/** When what was last known. */
function times(state: GovernorState, seen: Seen, now: number): Pick<GovernorState, "seenAt" | "celsiusAt" | "pressedAt"> {
  const known = seen.celsius !== null || seen.level !== null;
  const pressed = seen.level !== null && seen.level !== "nominal";
  return {
    seenAt: known ? now : (state.seenAt ?? now),
    celsiusAt: seen.celsius === null ? (state.celsiusAt ?? now) : now,
    pressedAt: pressed ? now : state.pressedAt,
  };
}

function isCalm(pressedAt: number | null, { level }: Seen, now: number): boolean {
  return level === "nominal" && (pressedAt === null || now - pressedAt >= CALM_AFTER_S);
}

/** What is known now, and the pace that follows from it. */
function wish(state: GovernorState, seen: Seen, now: number, settings: HeatSettings): GovernorState {
  const next = { ...state, ...times(state, seen, now), lookedAt: now, best: seen.best };
  const seconds = state.lookedAt === null ? 0 : now - state.lookedAt;
  const basis = basisOf(next, seen, now);
  if (basis === null) return next;
  if (basis === "temperature" && seen.celsius !== null) {
    const heat = byTemperature(seen.celsius, state, seconds, settings);
    // A rest cools by itself: what it shows says nothing about the pace to go on with.
    const learnt = state.resting ? { celsius: heat.celsius } : heat;
    return timed({ ...next, basis, ...learnt }, heat.celsius > settings.targetCelsius, now);
  }
  const levelPresses = seen.level !== null && seen.level !== "nominal";
  const { probe, wantedPace } = byPressure(seen.alarm, levelPresses, state.probe, state.pace, now, seconds, basis === "blind" ? BLIND_PACE : 1);
  const calm = isCalm(next.pressedAt, seen, now);
  const least = calm ? CALM_LEAST_SHARE * (probe.levelCeiling ?? 1) : 0;
  return timed({ ...next, basis, celsius: null, probe, wantedPace: Math.max(wantedPace, least) }, probe.pressed && !calm, now);
}

/** Null: unknown for a moment only, as when a tool was late once, and what was ordered stays. */
function basisOf(state: GovernorState, seen: Seen, now: number): Basis | null {
  if (seen.celsius !== null) return "temperature";
  if (state.basis === "temperature" && now - (state.celsiusAt ?? now) < BLIND_AFTER_S) return null;
  if (seen.level !== null) return "pressure";
  return now - (state.seenAt ?? now) >= BLIND_AFTER_S ? "blind" : null;
}

function timed(state: GovernorState, tooHot: boolean, now: number): GovernorState {
  const atLeast = tooHot && !state.resting && state.pace <= LEAST_PACE + PACE_STEP;
  const room = state.smallerBatches && !tooHot && state.pace >= ROOM_PACE;
  return { ...state, tooHotSince: atLeast ? (state.tooHotSince ?? now) : null, roomSince: room ? (state.roomSince ?? now) : null };
}

interface Decision {
  readonly order: GovernorAction | null;
  readonly reason: Reason;
}

function decide(state: GovernorState, before: GovernorState, seen: Seen, work: Work, now: number, settings: HeatSettings): Decision {
  const reason = reasonFor(state, seen, settings);
  if (state.resting) return mayResume(state, seen, now, settings) ? { order: "resume", reason: "cooled" } : { order: null, reason };
  if (isRed(state, before, seen, settings)) return { order: "rest", reason: reason === "hot" ? "red" : reason };
  if (lasts(state.tooHotSince, now, RUNG_AFTER_S))
    return { order: work.canCutBatches && !state.smallerBatches ? "smaller-batches" : "rest", reason: "too-hot-at-least" };
  if (isWorthACommand(state)) return { order: "pace", reason };
  return lasts(state.roomSince, now, ROOM_AFTER_S) ? { order: "plan-batches", reason: "room-for-batches" } : { order: null, reason };
}

function lasts(since: number | null, now: number, seconds: number): boolean {
  return since !== null && now - since >= seconds;
}

function isWorthACommand({ wantedPace, pace }: GovernorState): boolean {
  return Math.abs(wantedPace - pace) >= PACE_STEP || (wantedPace === 1 && pace < 1);
}

/** Why the pace is what it is, in the words of what it was judged by. */
function reasonFor(state: GovernorState, seen: Seen, { redCelsius }: HeatSettings): Reason {
  const slows = state.wantedPace < state.pace || state.resting;
  if (state.basis === "temperature") {
    if ((seen.celsius ?? 0) >= redCelsius) return "red";
    return slows ? "hot" : "room";
  }
  if (seen.alarm !== "none") return seen.level === null || seen.level === "nominal" ? "throttled" : "pressure";
  if (state.basis === "blind") return "blind";
  return slows ? "pressure" : "room";
}

/** Over red, about to be, or as good as told so by the system. */
function isRed(state: GovernorState, before: GovernorState, seen: Seen, { redCelsius }: HeatSettings): boolean {
  if (seen.celsius === null) return seen.alarm === "much" && state.basis !== "temperature";
  if (seen.celsius >= redCelsius) return true;
  const seconds = (state.lookedAt ?? 0) - (before.lookedAt ?? 0);
  if (before.celsius === null || state.celsius === null || seconds <= 0 || seconds > SLEPT_S) return false;
  return Math.max(seen.celsius, state.celsius) + (AHEAD_S * (state.celsius - before.celsius)) / seconds >= redCelsius;
}

function mayResume(state: GovernorState, seen: Seen, now: number, { targetCelsius }: HeatSettings): boolean {
  if (seen.celsius !== null) return seen.celsius <= targetCelsius - COOL_CELSIUS;
  const rested = now - (state.restingSince ?? now);
  // Step time says nothing while nothing is done: only a level can still hold it back.
  const levelHolds = seen.level !== null && seen.level !== "nominal";
  return rested >= LEAST_REST_S && !levelHolds;
}

function ordered(state: GovernorState, action: GovernorAction, steps: number, now: number): { readonly state: GovernorState; readonly command: Command } {
  const next = { ...state, commandedAt: now, ...changeFor(state, action, steps, now) };
  return { state: next, command: { action, pace: next.pace, rest: next.resting, smallerBatches: next.smallerBatches } };
}

function changeFor(state: GovernorState, action: GovernorAction, steps: number, now: number): Partial<GovernorState> {
  const pace = Math.round(state.wantedPace * 100) / 100;
  switch (action) {
    case "pace":
      return { pace };
    case "rest":
      return { resting: true, restingSince: now, tooHotSince: null, roomSince: null };
    case "resume": {
      const calmer = Math.max(LEAST_PACE, Math.round(state.pace * AFTER_REST * 100) / 100);
      return {
        resting: false,
        restingSince: null,
        pace: calmer,
        wantedPace: calmer,
        probe: { ...state.probe, ceiling: Math.min(state.probe.ceiling, calmer) },
        best: { ...state.best, afterStep: steps },
      };
    }
    case "smaller-batches":
      // Another cut is other work: what was its fastest has to be seen anew.
      return { smallerBatches: true, tooHotSince: null, best: { secondsPerToken: null, watts: null, afterStep: steps } };
    case "plan-batches":
      return { smallerBatches: false, roomSince: null, best: { secondsPerToken: null, watts: null, afterStep: steps } };
  }
}
