/** How often the forecast's 80 % interval held the truth, and how wide it was: over simulated nights and over the recordings of real runs. */
import { fileURLToPath } from "node:url";
import { type Coverage, coverageOf, type Moment, momentsOf, runMomentsOf } from "../core/forecast-moments.ts";
import { readRecordings } from "../fixtures/recordings.ts";
import { journalOf, plannedSteps, RHYTHM } from "./journal.ts";
import { simulate } from "./night.ts";
import { KINDS, type Kind, PAUSED, scenarioOf } from "./scenarios.ts";
import type { Sense } from "./sensors.ts";

/** Moments asked about in each run, beside those right after a resume and a sleep. */
const MOMENTS = 12;
const HOURS = 8;
const RECORDED = fileURLToPath(new URL("../fixtures/recorded/", import.meta.url));
export const SOURCES = {
  practice: "the trainer alone, on a shared machine",
  engine: "the whole engine, undisturbed",
  soak: "under the soak's faults",
  "fresh-engine": "the whole engine with other settings, recorded after the rule stood",
  "fresh-soak": "under the soak's faults, recorded after the rule stood",
} as const;
export type Source = keyof typeof SOURCES;
export const ALL_SOURCES = Object.keys(SOURCES) as Source[];

/** One simulated night's moments; none where its plan would be too short to be one. */
export function simulatedMoments(kind: Kind, seed: number, sense: Sense): Moment[] {
  const scenario = { ...scenarioOf(kind, seed, HOURS), rhythm: RHYTHM };
  const outcome = simulate(scenario, { sense });
  const total = plannedSteps(outcome, seed);
  return total === 0 ? [] : momentsOf(journalOf(scenario, outcome, total), MOMENTS);
}

export function recordedMoments(source: Source): Moment[] {
  return readRecordings(RECORDED, `${source}-`).flatMap((events) => momentsOf(events, MOMENTS));
}

/** Of the whole run's end; earlier recordings stop with their training. */
export function wholeRunMoments(): Moment[] {
  return readRecordings(RECORDED, "fresh-engine-").flatMap((events) => runMomentsOf(events, MOMENTS));
}

export interface Judged {
  readonly simulated: Coverage;
  readonly byNight: Readonly<Record<string, Coverage>>;
  readonly byMoment: Readonly<Record<string, Coverage>>;
  readonly recorded: Readonly<Record<string, Coverage>>;
}

export function judgeForecast(seeds: readonly number[]): Judged {
  const byNight: Record<string, Moment[]> = {};
  for (const kind of [...KINDS, PAUSED]) {
    for (const sense of ["all", "level"] as const)
      byNight[`${kind.name} (${sense === "all" ? "degrees" : "level only"})`] = seeds.flatMap((seed) => simulatedMoments(kind, seed, sense));
  }
  const simulated = Object.values(byNight).flat();
  const recorded = Object.fromEntries(ALL_SOURCES.map((source) => [source, recordedMoments(source)]));
  const all = [...simulated, ...Object.values(recorded).flat()];
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  return {
    simulated: coverageOf(simulated),
    byNight: covered(byNight),
    byMoment: Object.fromEntries(kinds.map((kind) => [kind, coverageOf(all.filter((one) => one.kind === kind))])),
    recorded: covered({ ...recorded, "whole run": wholeRunMoments() }),
  };
}

function covered(moments: Readonly<Record<string, readonly Moment[]>>): Record<string, Coverage> {
  return Object.fromEntries(Object.entries(moments).map(([name, list]) => [name, coverageOf(list)]));
}
