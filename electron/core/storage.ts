/** What the home takes of the disk, and what of it can be cleared away because it can be made again. */
import type { HomeState } from "./home.ts";
import type { HeldModel } from "./jobs.ts";
import type { Part } from "./removal.ts";

/** The merged model and its GGUF: gigabytes, and made again from a checkpoint. */
export const CLEARED_PART = "export";
/** What it is made from. */
const SOURCE_PART = "checkpoints";
const DAY_MS = 86_400_000;

/** Why the files of a run stay whole. */
export type Stays =
  /** It has not ended. */
  | "open"
  /** A model of it was put into Ollama: its files are the copy beside that one. */
  | "deployed"
  /** It ended not long ago. */
  | "new"
  /** It has no checkpoint to make them from again. */
  | "no-checkpoint"
  /** There is nothing of the kind. */
  | "nothing";

export interface RunRoom {
  readonly run: string;
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  /** What clearing would give back, 0 where `stays` says why not. */
  readonly clearableBytes: number;
  readonly stays: Stays | null;
}

export interface Storage {
  readonly home: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Largest first. */
  readonly runs: readonly RunRoom[];
  readonly models: readonly HeldModel[];
  readonly modelsBytes: number;
  readonly pythonBytes: number;
  /** Journals, history, settings. */
  readonly otherBytes: number;
  /** Models of this home in Ollama, each file once; null: Ollama could not be asked. */
  readonly ollamaBytes: number | null;
}

export interface Clearing {
  readonly runs: readonly { readonly run: string; readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly done: boolean;
}

export function roomOf(run: HomeState["runs"][number], parts: readonly Part[], home: HomeState, { now, days }: { now: number; days: number }): RunRoom {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const of = (name: string) => parts.find((part) => part.name === name)?.bytes ?? 0;
  const stays = staysWhy(run, home, { cleared: of(CLEARED_PART), source: of(SOURCE_PART), since: now - days * DAY_MS });
  return { run: run.id, name: run.name, at: run.addedAt, bytes, clearableBytes: stays === null ? of(CLEARED_PART) : 0, stays };
}

interface Found {
  readonly cleared: number;
  readonly source: number;
  readonly since: number;
}

function staysWhy({ id, outcome, closedAt }: HomeState["runs"][number], { versions }: HomeState, { cleared, source, since }: Found): Stays | null {
  if (outcome === null || closedAt === null) return "open";
  if (cleared === 0) return "nothing";
  if (versions.some((version) => version.run === id)) return "deployed";
  if (closedAt > since) return "new";
  return source === 0 ? "no-checkpoint" : null;
}
