/** What the home's own journal amounts to: which runs there are, what is deployed. */
import { foldSchedules, type Schedule } from "./evening/schedule.ts";
import type { Event, EventOf } from "./events.ts";

import type { Entry } from "./journal.ts";
import { foldNotices, type Told } from "./notices/ledger.ts";
import type { Decision } from "./verdict/judgement.ts";

export interface RunEntry {
  readonly id: string;
  readonly name: string;
  readonly campaign: string;
  readonly kind: "practice" | "quick" | "full";
  readonly addedAt: number;
  /** The run whose plan it was made from. */
  readonly from?: string;
  readonly outcome: "finished" | "stopped" | null;
  /** Null while it has not ended. */
  readonly closedAt: number | null;
}

export interface Version {
  readonly name: string;
  readonly run: string;
  readonly candidate: string;
  readonly previous: string | null;
  readonly digest: string;
  readonly at: number;
  /** Of the GGUF; null in journals from before it was told. */
  readonly bytes: number | null;
  /** What the gate had said; other than "go" a person put it there all the same. */
  readonly verdict: Decision | null;
}

/** An undo that a kill may have cut short. */
export interface Undo {
  readonly name: string;
  readonly serve: string;
  readonly keep: string;
}

export interface HomeState {
  /** Oldest first. The list is as long as the home has runs: a run is some hundred bytes here. */
  readonly runs: readonly RunEntry[];
  readonly campaigns: readonly { readonly id: string; readonly name: string; readonly data: string; readonly model: string }[];
  /** Newest last, at most `VERSIONS_KEPT`. */
  readonly versions: readonly Version[];
  /** Begun and not done; one at most for each name. */
  readonly undos: readonly Undo[];
  /** One at most for each run that has not ended. */
  readonly schedules: readonly Schedule[];
  /** What became of nights, newest last, at most `NIGHTS_KEPT`. */
  readonly nights: readonly NightEvent[];
  /** Runs that we paused for the battery. */
  readonly batteryPaused: readonly string[];
  /** What a person was told; newest last, bounded (notices/ledger.ts). */
  readonly notices: readonly Told[];
  /** Candidates that stand in Ollama without a run; newest last, at most `LEFT_KEPT`. */
  readonly leftCandidates: readonly string[];
  readonly damages: number;
}

export type NightEvent = EventOf<"night-checked" | "night-started" | "night-ended" | "night-missed" | "battery-paused">;
const NIGHT_EVENTS: ReadonlySet<string> = new Set<NightEvent["type"]>(["night-checked", "night-started", "night-ended", "night-missed", "battery-paused"]);
export const NIGHTS_KEPT = 40;
export const VERSIONS_KEPT = 100;
export const LEFT_KEPT = 100;
export const EMPTY_HOME: HomeState = {
  runs: [],
  campaigns: [],
  versions: [],
  undos: [],
  leftCandidates: [],
  schedules: [],
  nights: [],
  batteryPaused: [],
  notices: [],
  damages: 0,
};

export function reduceHomeAll(state: HomeState, entries: readonly Entry[]): HomeState {
  return entries.reduce(reduceHome, state);
}

export function reduceHome(state: HomeState, entry: Entry): HomeState {
  if ("damage" in entry) return { ...state, damages: state.damages + 1 };
  const { event } = entry;
  const schedules = foldSchedules(state.schedules, event);
  const notices = foldNotices(state.notices, event);
  const nights = isNightEvent(event) ? [...state.nights, event].slice(-NIGHTS_KEPT) : state.nights;
  return apply({ ...state, schedules, notices, nights }, event);
}

function isNightEvent(event: Event): event is NightEvent {
  return NIGHT_EVENTS.has(event.type);
}

function apply(state: HomeState, event: Event): HomeState {
  switch (event.type) {
    case "campaign-created":
      return {
        ...state,
        campaigns: [...state.campaigns.filter((c) => c.id !== event.campaign), { id: event.campaign, name: event.name, data: event.data, model: event.model }],
      };
    case "run-added":
      // Listed again after a kill: still one run.
      if (state.runs.some((run) => run.id === event.run)) return state;
      return {
        ...state,
        runs: [
          ...state.runs,
          {
            id: event.run,
            name: event.name,
            campaign: event.campaign,
            kind: event.kind,
            addedAt: event.at,
            ...(event.from === undefined ? {} : { from: event.from }),
            outcome: null,
            closedAt: null,
          },
        ],
      };
    case "run-closed":
      return { ...state, runs: state.runs.map((run) => (run.id === event.run ? { ...run, outcome: event.outcome, closedAt: event.at } : run)) };
    case "run-reopened":
      return { ...state, runs: state.runs.map((run) => (run.id === event.run ? { ...run, outcome: null, closedAt: null } : run)) };
    case "run-deleted":
      return {
        ...state,
        runs: state.runs.filter((run) => run.id !== event.run),
        schedules: state.schedules.filter((one) => one.run !== event.run),
        batteryPaused: state.batteryPaused.filter((run) => run !== event.run),
      };
    case "battery-paused":
      return { ...state, batteryPaused: [...state.batteryPaused.filter((run) => run !== event.run), event.run] };
    case "battery-over":
      return { ...state, batteryPaused: state.batteryPaused.filter((run) => run !== event.run) };
    case "version-deployed": {
      const version = {
        name: event.name,
        run: event.run,
        candidate: event.candidate,
        previous: event.previous,
        digest: event.digest,
        at: event.at,
        bytes: event.bytes ?? null,
        verdict: event.verdict ?? null,
      };
      return { ...state, versions: [...state.versions, version].slice(-VERSIONS_KEPT) };
    }
    case "version-undo-begun":
      return { ...state, undos: [...state.undos.filter((one) => one.name !== event.name), { name: event.name, serve: event.serve, keep: event.keep }] };
    case "version-undone":
      return { ...state, undos: state.undos.filter((one) => one.name !== event.name) };
    case "candidate-left":
      return { ...state, leftCandidates: [...state.leftCandidates.filter((name) => name !== event.name), event.name].slice(-LEFT_KEPT) };
    case "candidate-discarded":
      return { ...state, leftCandidates: state.leftCandidates.filter((name) => name !== event.name) };
    default:
      return state;
  }
}
