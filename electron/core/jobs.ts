/** Long work that somebody waits for on a screen, outside of any run: it lives as long as the engine and is asked after by its id. */
import type { Inspecting, Inspection } from "./doctor.ts";
import type { Fault } from "./faults.ts";

export type JobKind = "inspect" | "model-fetch" | "python-setup";
/** What it is at. The last three are of the set-up of Python. */
export type JobTask = "read" | "compare" | "tokens" | "languages" | "near" | "write" | "download" | "look" | "install";
export const JOB_TASKS: readonly JobTask[] = ["read", "compare", "tokens", "languages", "near", "write", "download", "look", "install"];

export interface JobProgress {
  readonly task: JobTask;
  readonly done: number;
  /** Null where nobody knows. */
  readonly total: number | null;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** What it is about: a file, a model. */
  readonly about: string;
  readonly startedAt: number;
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly progress: JobProgress | null;
  readonly fault: Fault | null;
  /** Of a data doctor that is done. */
  readonly inspection: Inspection | null;
}

export interface Watch {
  readonly onProgress: (progress: JobProgress) => void;
  readonly signal: AbortSignal;
}

/** Where Ollama is; `host` as the engine would reach it. */
export interface OllamaPlace {
  readonly state: "running" | "installed" | "absent" | "unusable";
  readonly version: string | null;
  /** What keeps it from being used. */
  readonly fault: Fault | null;
}

export interface PythonPlace {
  /** Null: none is set up, and `fault` says why. */
  readonly fault: Fault | null;
  /** The interpreter a person named; null: one is found. */
  readonly own: string | null;
  readonly settingUp: boolean;
}

/** A base model in the home's `models` folder. */
export interface HeldModel {
  readonly source: string;
  /** All its files are there. */
  readonly whole: boolean;
  readonly bytes: number;
}

/** The long work itself; each throws a FaultError, also when it is stopped. */
export interface Workshop {
  inspect(asked: Inspecting, watch: Watch): Promise<Inspection>;
  fetchModel(source: string, watch: Watch): Promise<void>;
  /** `own`: an interpreter's path; null finds one; undefined leaves what was chosen. */
  setUpPython(own: string | null | undefined, watch: Watch): Promise<void>;
  ownPython(): string | null;
  heldModels(): readonly HeldModel[];
  /** Whether a program called Ollama is installed here, running or not. */
  hasOllama(): Promise<boolean>;
}
