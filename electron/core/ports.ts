/** What the engine needs of the outside world. Adapters give it; tests may give another. */
import type { HistoryRow, Input } from "./api.ts";
import type { Control } from "./control.ts";
import type { Correction } from "./correction.ts";
import type { ZoneOffset } from "./evening/window.ts";
import type { EventBody, Fault, Verb } from "./events.ts";
import type { Workshop } from "./jobs.ts";
import type { Entry } from "./journal.ts";
import type { Delivered, Notice } from "./notice.ts";
import type { Catalogue } from "./notices/words.ts";
import type { Scored } from "./parity.ts";
import type { Format, RunPlan } from "./plan.ts";
import type { Conditions, Reading } from "./reading.ts";
import type { Why } from "./reason.ts";
import type { Part } from "./removal.ts";
import type { Settings } from "./settings.ts";
import type { PowerEvent, ShellNote } from "./shell.ts";
import type { RunState } from "./state.ts";

export interface Clock {
  /** Unix ms, for people. */
  now(): number;
  /** Seconds on a clock that never jumps, for durations. */
  mono(): number;
  /** Calls back after `ms`; the function returned takes it back. */
  after(ms: number, callback: () => void): () => void;
  random(): number;
}

export interface JournalRead {
  /** The file was replaced, truncated or deleted: these entries start from its beginning, and the fold has to as well. */
  readonly reset: boolean;
  readonly entries: readonly Entry[];
  /** More is already there to be read. */
  readonly more: boolean;
}

/** Appends to one journal and reads it back. */
export interface Journal {
  append(body: EventBody, attempt: number): void;
  /** The next entries in order, a bounded piece at a time; an unreadable journal is a damage, not an exception. */
  readNew(): JournalRead;
  close(): void;
}

/** The home folder: the only place where run folders are made and found. */
export interface Home {
  readonly path: string;
  homeJournal(): Journal;
  runJournal(run: string): Journal;
  runPath(run: string): string;
  hasRun(run: string): boolean;
  /** Every run folder there is, oldest first, listed or not: a kill may have come between making it and listing it. */
  listRuns(): readonly string[];
  /** Makes the run's folder complete with run.json and control.json, or not at all. */
  createRun(plan: RunPlan, control: Control): void;
  readPlan(run: string): RunPlan;
  /** Whole or as it was. */
  writePlan(plan: RunPlan): void;
  /** Null when it cannot be read; the next write makes it whole again. */
  readControl(run: string): Control | null;
  writeControl(run: string, control: Control): void;
  /** What lies right inside the run's folder, largest first; links are counted as such and never followed. */
  partsOf(run: string): readonly Part[];
  /** The folder leaves its name at once, then the disk; cut short, the next start clears what is left. */
  deleteRun(run: string): void;
  /** What lies right inside the home, the runs left out. */
  parts(): Promise<readonly Part[]>;
  /** A folder right inside a run's leaves its name at once, `onGone` is told, then the disk; cut short, the next start clears what is left. */
  clearPart(run: string, part: string, onGone: () => void): void;
  /** Answers that a person put right, one JSON row a line, readable by nobody else. */
  readonly correctionsPath: string;
  appendCorrection(correction: Correction): void;
  /** How the trained model reads its own answers (`answers/scored.jsonl`); none where there is no such file. */
  readScored(run: string): readonly Scored[];
  /** Both whole or as they were; the page goes last. Returns its path. */
  writeReport(run: string, report: { readonly html: string; readonly json: string }): string;
}

export interface Spawned {
  readonly pid: number;
  readonly start: string;
  readonly token: string;
}

export interface Exit {
  readonly token: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly tail: readonly string[];
  /** The kernel's count of kills for memory when the process began and when it ended; null where it cannot be told. */
  readonly oomKills: { readonly before: number; readonly after: number } | null;
}

/** Trainer processes: started by a keeper, found again by identity, signalled only when the identity matches. */
export interface Trainers {
  /** The process this run's folder names, if it still lives: a kill may have come between its start and its line in the journal. */
  living(run: string): Promise<(Spawned & { readonly verb: Verb }) | null>;
  /** Resolves once the keeper has named its child; another one that was faster is returned in its place, so that no two ever are. */
  spawn(run: string, verb: Verb, stage: "before" | "after" | null, attempt: number): Promise<Spawned & { readonly verb: Verb }>;
  isAlive(process: Spawned): Promise<boolean>;
  /** The process's keeper lives: on a full disk it waits for room to write down how its child ended. */
  isKept(run: string, token: string): Promise<boolean>;
  readExit(run: string, token: string): Exit | null;
  /** What the run's processes wrote to their log from a byte on, at most 64 kB of it, and where to go on; "" where there is no log. */
  readLog(run: string, fromByte: number): { readonly text: string; readonly next: number };
  /** To the whole group; false when the identity no longer matches and nothing was sent. */
  signal(process: Spawned, signal: "SIGTERM" | "SIGKILL"): Promise<boolean>;
}

/** Python verbs without a run: looked at before a run exists, so that bad input leaves nothing half-made. */
export interface Inspector {
  /** Throws a FaultError for data or a model that cannot be used. */
  check(input: { data: string; heldOut: string | null; model: string; skipBadRows: boolean }): Promise<{ readonly localModel: boolean }>;
  /** How many kinds of things the data doctor finds. Throws a FaultError for files that cannot be read. */
  findings(input: { data: string; heldOut: string | null }): Promise<number>;
}

/** A run that was unpacked and is not yet one of this home's. */
export interface Parcel {
  readonly plan: RunPlan;
  /** What its journal amounts to. */
  readonly state: RunState;
  /** It is this home's from now on, under this id, with a line in its journal that says so. */
  settle(id: string): void;
  /** Leaves nothing behind. */
  discard(): void;
}

/** Runs as one file each. Throws a FaultError for a file that is none, or holds anything but a run. */
export interface Parcels {
  /** A new file at `path`, whole or not at all. */
  pack(run: string, path: string): Promise<{ readonly files: number; readonly bytes: number }>;
  unpack(path: string): Promise<Parcel>;
}

export interface ExportInput {
  readonly run: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly candidate: string;
  readonly target: string;
  readonly quantize: "q4_K_M" | "q8_0" | "f16";
  readonly format: Format;
  readonly parameters: RunPlan["deploy"]["parameters"];
  readonly ggufPath: string;
}

/** An exported GGUF as a model under a name of its own. */
export interface GgufModel {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  readonly format: Format;
  readonly parameters: RunPlan["deploy"]["parameters"];
}

export interface Promotion {
  readonly candidate: string;
  readonly digest: string;
  readonly name: string;
  /** Digests of models that this home has deployed: what is none of them is a person's own, and is never overwritten without a copy. */
  readonly ours: ReadonlySet<string>;
}

export interface Promoted {
  readonly previous: string | null;
  /** The name under which a person's own model was kept that `previous` had to make room for. */
  readonly kept: string | null;
}

/** How a question is asked: greedily and the same each time, or with the model's own sampling from a seed. */
export interface Asking {
  /** Null: greedy. */
  readonly seed: number | null;
  readonly tokens: number;
}

export interface Asked {
  readonly answer: string;
  /** The model came to an end by itself. */
  readonly ended: boolean;
  /** From the question to the end of the answer, loading included. */
  readonly seconds: number;
  /** Loading the model, 0 where it was loaded. */
  readonly loadSeconds: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

export interface TokenChance {
  /** The token's bytes in hexadecimal. */
  readonly bytes: string;
  readonly logprob: number;
}

/** What a model goes on with behind a text, greedily. */
export interface Continuation {
  /** `top`: the likeliest tokens of that place, where they were asked for. */
  readonly tokens: readonly (TokenChance & { readonly top: readonly TokenChance[] })[];
  readonly ended: boolean;
  /** Tokens of the text it goes on behind, the beginning-of-text token included. */
  readonly promptTokens: number;
}

/** `prompt` as it stands, without template; at most `tokens` more, `top` of each place named (0: none, which is much faster). */
export interface Continue {
  readonly prompt: string;
  readonly tokens: number;
  readonly top: number;
}

/** `serve` is to be NAME:latest, and `keep` NAME:prev: digests of two models that stand there, or stood before a kill. */
export interface Exchange {
  readonly name: string;
  readonly serve: string;
  readonly keep: string;
}

export interface NamedModel {
  /** In small letters, with its tag. */
  readonly tag: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Ollama over HTTP. Everything here can be asked again after a kill and then completes. */
export interface Ollama {
  /** A fault says in one sentence why there is no export: absent, remote, too old, another program. */
  available(): Promise<{ readonly version: string } | { readonly fault: Fault }>;
  /** Blobs up, candidate made, GGUF copied out and verified; yields what is to be journalled. */
  export(input: ExportInput, signal: AbortSignal): AsyncIterable<EventBody>;
  /** A model for questions only; made again, it is the same. */
  fromGguf(model: GgufModel, signal: AbortSignal): Promise<void>;
  /** One question to a model; without `how` greedily, as the smoke test asks. */
  ask(name: string, prompt: string, signal: AbortSignal, how?: Asking): Promise<Asked>;
  /** The answer to a question as it comes, with the model's own sampling; ends when the answer does. */
  chat(name: string, question: string, signal: AbortSignal): AsyncIterable<string>;
  /** The text that the model would get for a question, by both of Ollama's ways to ask; null where this Ollama does not show it. */
  render(name: string, question: string, signal: AbortSignal): Promise<readonly string[] | null>;
  /** The texts a model was made with. */
  templateOf(name: string): Promise<{ readonly template: string; readonly system: string }>;
  continue(name: string, what: Continue, signal: AbortSignal): Promise<Continuation>;
  /** Which model stands under this name; null when there is none. */
  digestOf(name: string): Promise<string | null>;
  /** `candidate` becomes `name`, and what stood there becomes `name`'s `:prev`. Refused when the candidate is no longer the model of that digest. */
  promote(promotion: Promotion): Promise<Promoted>;
  /** What stands under `name` goes to `serve`, and `keep` to `:prev`; done already is fine. False: one of the two is no longer in Ollama. */
  swap(exchange: Exchange): Promise<boolean>;
  /** All names with what they stand for. */
  names(): Promise<readonly NamedModel[]>;
  /** Takes `tag` away if it still is that model; the bytes of its file that came free, null where that cannot be told. */
  remove(tag: string, digest: string): Promise<number | null>;
  /** Takes a candidate's name away; gone already is fine. */
  discard(candidate: string): Promise<void>;
  /** What Ollama holds in memory now; none where there is no Ollama. A fault says why it could not be asked. */
  loaded(): Promise<readonly LoadedModel[]>;
  /** Frees the memory of one model; a question it is answering is answered first. Gone already is fine. */
  unload(name: string): Promise<void>;
}

export interface LoadedModel {
  readonly name: string;
  readonly memoryBytes: number;
  /** Unix ms at which Ollama would free it by itself; null: it stays until it is asked to go. */
  readonly expiresAt: number | null;
}

/** The projection people search; rebuilt from journals whenever it is lost. */
export interface History {
  readonly offReason: string | null;
  /** The database is new or was moved aside: every run has to be projected again. */
  readonly needsRebuild: boolean;
  project(state: RunState): void;
  /** How the row of a run says that it ended; null where there is no such row: its journal has to be projected again. */
  outcomeOf(run: string): string | null;
  /** Newest first; only rows that hold the text in name, id or base model, "" is all. */
  list(limit: number, search?: string): Promise<readonly HistoryRow[]>;
  /** The run was deleted. */
  forget(run: string): void;
  close(): Promise<void>;
}

export interface Sensors {
  /** One look at the machine; never rejects, bounded in time. */
  read(): Promise<Conditions>;
}

/** What desktop shells hear of the machine, for whoever listens here. */
export interface PowerEvents {
  tell(event: PowerEvent): void;
  /** The function returned ends the subscription. */
  subscribe(listener: (event: PowerEvent) => void): () => void;
}

/** `by` keeps the machine awake until the process ends, or `why` nothing does. */
export type Held = { readonly by: string } | { readonly by: null; readonly why: Why };

/** Keeps the machine, never its display, from sleeping while a trainer lives. */
export interface Awake {
  hold(pid: number): Promise<Held>;
  /** What is held for that process is held no longer; nothing held is fine. */
  letGo(pid: number): Promise<void>;
  /** Puts the display to sleep now; only when the user agreed. Null: done; else why not. */
  sleepDisplay(): Promise<Why | null>;
}

/** Desktop shells that are there: they show what the home journal says is `notice-sending`, and tell what became of it. */
export interface Shells {
  note(note: Exclude<ShellNote, { kind: "power" }>): void;
}

/** One way to reach a person. Never throws: what failed is in the answer, for the journal. */
export interface Notifier {
  readonly backend: string;
  /** `once`: somebody waits for the answer, so nothing is tried a second time. */
  send(notice: Notice, how?: { readonly once: boolean }): Promise<Delivered>;
}

/** The person at this machine: what they set, how they are reached, in which words, and what their clock says. */
export interface Person {
  /** The text of settings.json; null: there is none. */
  readSettings(): string | null;
  writeSettings(text: string): void;
  notifiers(settings: Settings): readonly Notifier[];
  words(language: Settings["language"]): Catalogue;
  readonly offsetMinutes: ZoneOffset;
}

/** What a plan has to know of this machine before it states its defaults. */
export interface Machine {
  readonly metal: boolean;
}

/** What the night check asks of the system beside its sensors; slow things, asked seldom. */
export interface SystemCare {
  /** Titles of updates that wait to be installed and may restart the machine; none is an empty list. */
  pendingUpdates(): Promise<Reading<readonly string[]>>;
}

/** Throws a FaultError for a path that is taken or cannot be written. */
export interface Support {
  /** One new .tar.gz at `path`, whole or not at all, without a text of its person. `about` is written as it is. */
  write(path: string, about: object): Promise<{ readonly path: string; readonly files: number; readonly bytes: number }>;
}

export interface Ports {
  readonly clock: Clock;
  readonly home: Home;
  readonly trainers: Trainers;
  readonly inspector: Inspector;
  readonly parcels: Parcels;
  readonly ollama: Ollama;
  readonly history: History;
  readonly version: string;
  readonly pid: number;
  /** Which boot of the machine this is, as journal lines carry it; "unknown" where it cannot be told. */
  readonly boot: string;
  /** Bytes a person's files may still take on the disk that holds `path`. */
  freeBytes(path: string): Promise<number>;
  readonly machine: Machine;
  readonly sensors: Sensors;
  readonly awake: Awake;
  readonly power: PowerEvents;
  readonly shells: Shells;
  readonly system: SystemCare;
  readonly workshop: Workshop;
  readonly support: Support;
  readonly person: Person;
  /** What keeps the trainer from starting; null: nothing. */
  pythonFault(): Fault | null;
  /** The practice campaign that ships. */
  practice(): Input<"run-start">;
  /** The prompts files of which a run that names none asks some (prompts.ts). */
  readonly defaultPrompts: readonly string[];
  /** Something went wrong that belongs to no run; it is logged, and the engine goes on. */
  report(error: unknown): void;
  /** Asks the host to end this engine. */
  quit(): void;
  readText(path: string): string;
}
