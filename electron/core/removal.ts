/** What deleting a run takes away, named before it is done, and what may not be deleted. */
import { fault } from "./faults.ts";
import type { HomeState } from "./home.ts";
import type { RunState } from "./state.ts";

/** A file or folder right inside the run's folder, with all that is in it. */
export interface Part {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

export type RemovalWarning =
  /** A model of this run was put into Ollama; it stays there, with its own file. */
  | { readonly kind: "deployed"; readonly name: string; readonly answers: boolean }
  /** That run was made from this one's plan; it stays, and its origin is then a name only. */
  | { readonly kind: "child"; readonly run: string };

export interface Removal {
  readonly run: string;
  readonly name: string;
  readonly folder: string;
  readonly parts: readonly Part[];
  readonly bytes: number;
  readonly warnings: readonly RemovalWarning[];
  /** False: it was only looked at. */
  readonly deleted: boolean;
}

/** Throws for a run that has not ended: what it still does would be lost without a word. */
export function refuseLiving({ id, name, ended, process }: RunState): void {
  if (ended && !process) return;
  throw fault("run.living", `${name} has not ended; it is not deleted.`, `End it first with: thortime stop ${id}.`);
}

/** `answering`: names whose newest model in Ollama is this run's, as far as Ollama could be asked; null where it could not. */
export function removalWarnings(run: string, home: HomeState, answering: ReadonlySet<string> | null): readonly RemovalWarning[] {
  const names = [...new Set(home.versions.filter((version) => version.run === run).map(({ name }) => name))];
  const newest = (name: string) => home.versions.findLast((version) => version.name === name)?.run === run;
  const children = home.runs.filter(({ from }) => from === run).map(({ id }) => id);
  return [
    ...names.map((name) => ({ kind: "deployed", name, answers: answering?.has(name) ?? newest(name) }) as const),
    ...children.map((child) => ({ kind: "child", run: child }) as const),
  ];
}
