/**
 * What a client may ask of the engine: one typed table, validated at one door (`parseCall`).
 * Hosts carry the same messages over Electron IPC, the home's Unix socket, or a WebSocket on loopback.
 */
import { z } from "zod";
import type { Comparison } from "./compare.ts";
import type { Fit, Speed } from "./evening/fit.ts";
import { type Night, TIME_OF_DAY, type Wake } from "./evening/window.ts";
import { type Fault, fault } from "./faults.ts";
import type { HomeState } from "./home.ts";
import type { HeldModel, Job, OllamaPlace, PythonPlace } from "./jobs.ts";
import type { Entry } from "./journal.ts";
import { type Delivered, NOTICE_WAYS } from "./notice.ts";
import type { Prompt } from "./plan.ts";
import type { Check } from "./preflight/checks.ts";
import type { MemoryEstimate } from "./preflight/memory.ts";
import type { Conditions } from "./reading.ts";
import type { Removal } from "./removal.ts";
import type { ReportData } from "./report/data.ts";
import type { SettingsRead } from "./settings.ts";
import type { ShownSettings } from "./settings-shown.ts";
import { shellNoteSchema } from "./shell.ts";
import type { RunState } from "./state.ts";
import type { Clearing, Storage } from "./storage.ts";
import { type CheckName, type Decision, type Lever, leverSchema } from "./verdict/judgement.ts";

const run = z.string().min(1).max(120);
const path = z.string().min(1).max(4096);
const settings = z.record(z.string().regex(/^[a-z0-9_]{1,40}$/), z.union([z.string().max(200), z.number(), z.boolean()]));

/** Runs that ended less than so many days ago are left whole. */
const days = z.number().int().min(0).max(3650).default(7);

const limits = z.record(z.string().regex(/^[A-Za-z]{1,40}$/), z.union([z.string().max(40), z.number(), z.boolean(), z.null()]));

const runStart = z.strictObject({
  name: z.string().max(400),
  data: z.string().max(4096),
  heldOut: z.string().max(4096).nullable().default(null),
  model: z.string().max(4096),
  kind: z.enum(["practice", "quick", "full"]).default("full"),
  rows: z.number().int().positive().nullable().default(null),
  steps: z.number().int().positive().nullable().default(null),
  settings: settings.default({}),
  /** What the gate asks for, where it is to be other than the kind's (verdict/limits.ts); null leaves a limit out. */
  limits: limits.default({}),
  system: z.string().max(20_000).default(""),
  skipBadRows: z.boolean().default(false),
  deploy: z.boolean().default(true),
  deployAs: z.string().max(400).nullable().default(null),
  quantize: z.enum(["auto", "q4_K_M", "q8_0", "f16"]).default("auto"),
  promptsFile: z.string().max(4096).nullable().default(null),
  /** The Ollama model in daily use: it is asked the same prompts. */
  baseline: z.string().min(1).max(400).nullable().default(null),
  /** What the model is to call itself; null: what its system prompt or its name says, "": nothing. */
  persona: z.string().max(60).nullable().default(null),
  /** Only in the window of the settings, from the next one on. */
  tonight: z.boolean().default(false),
});

const args = {
  "engine-info": z.strictObject({}),
  /** Ends the engine; refused while a run is alive unless `force`, which leaves the trainer running. */
  "engine-quit": z.strictObject({ force: z.boolean().default(false) }),
  /** From a host to the engine: so many messages were refused before they came to it. */
  "refusals-note": z.strictObject({ count: z.number().int().min(1).max(1_000_000_000), last: z.string().max(120) }),
  "run-start": runStart,
  /**
   * Quick test, gate, full night: two runs, NAME-test-vN and NAME-maximum-vN. `deployAs` is the night's name in Ollama; settings and limits
   * are for both phases, then for one of them. With `tonight` the night works only in the window of the settings; the test begins at once.
   */
  "campaign-start": runStart.omit({ kind: true, steps: true }).extend({
    testSettings: settings.default({}),
    fullSettings: settings.default({}),
    testLimits: limits.default({}),
    fullLimits: limits.default({}),
  }),
  /** In spite of its verdict: after a quick test its night begins, after that the model is deployed. */
  "run-go": z.strictObject({ run }),
  /** The practice campaign that ships, through every real part. */
  "practice-start": z.strictObject({ deploy: z.boolean().default(true) }),
  /** Long work outside of runs: each answers at once with a job, which is asked after with `job`. */
  inspect: z.strictObject({
    data: path,
    heldOut: path.nullable().default(null),
    near: z.boolean().default(false),
    languages: z.boolean().default(false),
    fix: z.strictObject({ out: path, conflicts: z.boolean(), near: z.boolean(), personal: z.boolean() }).nullable().default(null),
  }),
  /** A base model of the hub, before the night. */
  "model-fetch": z.strictObject({ source: z.string().min(1).max(200) }),
  /** Makes the Python environment. `own`: from this interpreter from now on; null: from one that is found. */
  "python-setup": z.strictObject({ own: path.nullable().optional() }),
  job: z.strictObject({ id: z.string().max(60) }),
  "job-stop": z.strictObject({ id: z.string().max(60) }),
  /** What the first evening needs to know of this computer. */
  place: z.strictObject({}),
  /**
   * A new run from any old one's plan. `lever`: what the verdict proposes ("suggested": its first that needs nothing, none where it names none);
   * `value`: how far, or which file or model (levers.ts says which lever needs one). Settings and limits go over it.
   */
  "run-again": z.strictObject({
    run,
    lever: z.union([leverSchema, z.literal(["suggested", "none"])]).default("none"),
    value: z.string().min(1).max(4096).nullable().default(null),
    settings: settings.default({}),
    limits: limits.default({}),
    /** Of the run and of its model in Ollama; null: as before. */
    name: z.string().max(400).nullable().default(null),
    tonight: z.boolean().default(false),
  }),
  /** Two runs side by side: settings that differ, both curves, both verdicts. */
  "runs-compare": z.strictObject({ a: run, b: run }),
  /** Says what deleting the run takes away; with `really` it is deleted. */
  "run-delete": z.strictObject({ run, really: z.boolean().default(false) }),
  /** The run as one .tar.gz: plan, journal, rows, answers, evaluations, checkpoints; no models. `path` is whole or begins with ~, and new. */
  "run-pack": z.strictObject({ run, path }),
  /** A run from such a file; under a new id where its own is taken. */
  "run-import": z.strictObject({ path }),
  /** What the home takes of the disk. */
  storage: z.strictObject({ days }),
  /** Says what clearing takes away: the merged models and GGUFs of runs that are over and not in Ollama; with `really` they go. */
  "storage-clear": z.strictObject({ days, really: z.boolean().default(false) }),
  /** What somebody needs to help, as a new .tar.gz: no rows, prompts, answers, names or secrets. */
  support: z.strictObject({ path }),
  "run-pause": z.strictObject({ run }),
  "run-resume": z.strictObject({ run }),
  "run-stop": z.strictObject({ run }),
  "run-checkpoint": z.strictObject({ run }),
  "run-export": z.strictObject({ run }),
  "run-deploy": z.strictObject({ run, as: z.string().max(400).nullable().default(null) }),
  /** A question to the run's model, or to the one it would take the place of; the answer is read piece by piece. */
  ask: z.strictObject({ run, question: z.string().trim().min(1).max(8_000), of: z.enum(["old", "new"]) }),
  /** What came since character `from`; answered after a second at the latest. */
  "ask-read": z.strictObject({ ask: z.string().max(40), from: z.number().int().min(0) }),
  "ask-end": z.strictObject({ ask: z.string().max(40) }),
  /** A bad answer put right: a row for the next data set. */
  "correction-add": z.strictObject({
    run,
    question: z.string().min(1).max(8_000),
    rejected: z.string().max(64_000),
    corrected: z.string().trim().min(1).max(32_000),
  }),
  /** Two answers to a prompt as they were shown (blind.ts). */
  "blind-pick": z.strictObject({
    run,
    prompt: z.string().min(1).max(200),
    against: z.enum(["before", "baseline"]).default("before"),
    choice: z.enum(["first", "second", "same", "neither"]),
  }),
  /** Puts NAME:prev back as NAME:latest; what answered there becomes NAME:prev. */
  "version-undo": z.strictObject({ name: z.string().max(400) }),
  /** NAME:TAG leaves Ollama; never the one that answers. */
  "version-remove": z.strictObject({ tag: z.string().max(400) }),
  versions: z.strictObject({}),
  /** What a model in Ollama is to be asked: a run's own prompts, or those that ship; `model` is what the run was deployed as. */
  "test-prompts": z.strictObject({ run: run.nullable().default(null) }),
  /** One of them, asked now, and which checks its answer fails. */
  "test-ask": z.strictObject({ model: z.string().min(1).max(400), run: run.nullable().default(null), prompt: z.string().max(200) }),
  /** The night check for a run, or for what is set where none is named. */
  preflight: z.strictObject({ run: run.nullable().default(null) }),
  /** What the night check offers to do; agreed to once, it is remembered. */
  "preflight-fix": z.strictObject({ fix: z.enum(["unload-ollama", "sleep-display"]) }),
  /** The run works only in this window of local time; said again, it continues in the next one. */
  "schedule-set": z.strictObject({ run, from: z.string().regex(TIME_OF_DAY).optional(), to: z.string().regex(TIME_OF_DAY).optional() }),
  "schedule-clear": z.strictObject({ run }),
  "schedule-skip": z.strictObject({ run }),
  /** Makes the plan of a run shorter whose training has not begun, as the night check proposes it: `fit.cuts`, or some of them. */
  "run-cut": z.strictObject({
    run,
    cuts: z
      .array(z.strictObject({ cut: z.enum(["evaluations", "epochs", "rows"]), to: z.number().int().positive() }))
      .min(1)
      .max(3)
      .refine((cuts) => new Set(cuts.map(({ cut }) => cut)).size === cuts.length, "each kind once"),
  }),
  /** From a desktop shell: what only Electron knows. */
  "shell-note": z.strictObject({ note: shellNoteSchema }),
  /** Writes the morning report anew, as the run stands now. */
  report: z.strictObject({ run, language: z.enum(["en", "tr"]).optional() }),
  /** A word to each way that is set up, or to one of them, without a second try: whether it arrived. */
  "notify-test": z.strictObject({ way: z.enum(NOTICE_WAYS).nullable().default(null) }),
  "notice-seen": z.strictObject({ id: z.string().max(400).nullable().default(null) }),
  settings: z.strictObject({}),
  /** Keys of settings.json; those not named stay. Of `push` each field that is not named stays, and null takes one away. */
  "settings-set": z.strictObject({ change: z.record(z.string().max(40), z.unknown()) }),
  /** `search`: text in the name, the id or the base model. */
  history: z.strictObject({ limit: z.number().int().min(1).max(1000).default(100), search: z.string().max(200).default("") }),
} as const;

export type Command = keyof typeof args;
export type Args<C extends Command> = z.output<(typeof args)[C]>;
export type Input<C extends Command> = z.input<(typeof args)[C]>;

export interface EngineInfo {
  readonly pid: number;
  readonly version: string;
  readonly home: string;
  readonly startedAt: number;
  /** Null when history works; otherwise why it does not. */
  readonly historyOff: string | null;
  /** The newest thing that went wrong and belongs to no run, while it lasts: a disk that cannot be written, say. */
  readonly trouble: { readonly at: number; readonly message: string } | null;
  /** Messages that were none of this api, came from somewhere foreign, or named what does not exist; `last` says which of these. */
  readonly refused: { readonly count: number; readonly last: string | null };
  /** The newest look at the machine, for screens while nothing runs; null before the first. */
  readonly conditions?: Conditions | null;
}

export interface HistoryRow {
  readonly run: string;
  readonly name: string;
  readonly kind: string;
  /** The base model. */
  readonly model: string;
  /** The run whose plan this one was made from. */
  readonly from: string | null;
  /** What the gate said; null: nothing yet. */
  readonly verdict: Decision | null;
  readonly createdAt: number;
  readonly outcome: string | null;
  readonly steps: number;
  readonly totalSteps: number;
  readonly firstLoss: number | null;
  readonly lastLoss: number | null;
  readonly heldOutBefore: number | null;
  readonly heldOutAfter: number | null;
  readonly checkpoints: number;
  readonly trainSeconds: number;
  readonly gguf: string | null;
  readonly deployedAs: string | null;
}

/** A model under a name that this home deployed to. */
export interface VersionRow {
  readonly name: string;
  /** What it is called in Ollama now; null: nothing there is called after it any more. Unknown while Ollama cannot be asked, see `unasked`. */
  readonly tag: string | null;
  readonly digest: string;
  /** `NAME:latest` is this model. */
  readonly serves: boolean;
  readonly bytes: number | null;
  /** Null: it is a person's own, Thortime did not make it. */
  readonly deployed: { readonly run: string; readonly at: number; readonly verdict: Decision | null } | null;
}

export interface VersionList {
  readonly rows: readonly VersionRow[];
  /** Why Ollama could not be asked what stands in it; null: it was. */
  readonly unasked: Fault | null;
}

export interface Place {
  readonly ollama: OllamaPlace;
  readonly python: PythonPlace;
  readonly models: readonly HeldModel[];
  /** Thortime trains here on the GPU of Apple silicon; elsewhere on the processor, which is for practising. */
  readonly metal: boolean;
}

/** Secrets are masked. */
export interface SettingsReply extends Omit<SettingsRead, "settings"> {
  readonly settings: ShownSettings;
}

export interface Preflight {
  readonly checks: readonly Check[];
  readonly memory: MemoryEstimate | null;
  /** How long the run will take against its night, and what to cut; null where its rows or its speed are not known yet. */
  readonly fit: (Fit & { readonly seconds: number; readonly speed: Speed; readonly flags: readonly string[] }) | null;
  readonly night: Night;
  /** What a person may type so that a sleeping Mac is awake for it; null where the system has no such thing. */
  readonly wake: Wake | null;
}

export interface Replies {
  readonly "engine-info": EngineInfo;
  readonly "engine-quit": null;
  readonly "refusals-note": null;
  readonly "run-start": { readonly run: string };
  readonly "practice-start": { readonly run: string };
  readonly inspect: Job;
  readonly "model-fetch": Job;
  readonly "python-setup": Job;
  readonly job: Job;
  readonly "job-stop": null;
  readonly place: Place;
  /** The test, and the name that its night will have. */
  readonly "campaign-start": { readonly run: string; readonly next: string };
  /** The run that goes on. */
  readonly "run-go": { readonly run: string };
  /** `lever`: the one that was pulled. */
  readonly "run-again": { readonly run: string; readonly lever: Lever | null };
  readonly "runs-compare": Comparison;
  readonly "run-delete": Removal;
  readonly "run-pack": { readonly path: string; readonly files: number; readonly bytes: number };
  /** `from`: the id it had where it came from. */
  readonly "run-import": { readonly run: string; readonly from: string };
  readonly storage: Storage;
  readonly "storage-clear": Clearing;
  readonly support: { readonly path: string; readonly files: number; readonly bytes: number };
  readonly "run-pause": null;
  readonly "run-resume": null;
  readonly "run-stop": null;
  readonly "run-checkpoint": null;
  readonly "run-export": null;
  readonly "run-deploy": null;
  /** The name of the model that answers. */
  readonly ask: { readonly ask: string; readonly model: string };
  readonly "ask-read": { readonly text: string; readonly done: boolean; readonly seconds: number | null; readonly fault: Fault | null };
  readonly "ask-end": null;
  readonly "correction-add": { readonly path: string };
  readonly "blind-pick": null;
  /** Digests: what answers now, and what is kept as NAME:prev. */
  readonly "version-undo": { readonly serves: string; readonly kept: string };
  readonly "version-remove": { readonly freedBytes: number | null };
  readonly versions: VersionList;
  readonly "test-prompts": { readonly model: string | null; readonly prompts: readonly Pick<Prompt, "id" | "category" | "text">[] };
  readonly "test-ask": {
    readonly answer: string;
    readonly ended: boolean;
    readonly seconds: number;
    readonly failed: readonly { readonly check: CheckName; readonly evidence: string }[];
  };
  readonly preflight: Preflight;
  readonly "preflight-fix": null;
  readonly "schedule-set": { readonly night: string; readonly opensAt: number; readonly closesAt: number };
  readonly "schedule-clear": null;
  readonly "run-cut": null;
  readonly "schedule-skip": { readonly night: string };
  readonly "shell-note": null;
  readonly report: { readonly path: string; readonly data: ReportData };
  readonly "notify-test": { readonly delivered: readonly Delivered[] };
  readonly "notice-seen": null;
  readonly settings: SettingsReply;
  readonly "settings-set": SettingsReply;
  readonly history: { readonly rows: readonly HistoryRow[] };
}

/** `home`, or `run:<run id>`. Each topic has its own sequence. */
export type Topic = "home" | `run:${string}`;
export type SnapshotOf<T extends Topic> = T extends "home" ? HomeState : RunState;

/** `seq` is the number of the newest entry the snapshot or the list contains; entries of one message are consecutive. */
export type Update<T extends Topic = Topic> =
  | { readonly topic: T; readonly seq: number; readonly snapshot: SnapshotOf<T> }
  | { readonly topic: T; readonly seq: number; readonly entries: readonly Entry[] };

/** The one object every host serves and every client holds. */
export interface Api {
  call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]>;
  /** First a snapshot, then entries without a gap, until the returned function is called. */
  subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void;
}

/** Client to server. */
export const requestSchema = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("call"), id: z.number().int(), command: z.string().max(40), input: z.unknown() }),
  z.strictObject({ ask: z.literal("subscribe"), topic: z.string().max(200) }),
  z.strictObject({ ask: z.literal("unsubscribe"), topic: z.string().max(200) }),
]);
export type Request = z.infer<typeof requestSchema>;

/** Server to client. */
export type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly fault: Fault } | Update;

export function isCommand(text: string): text is Command {
  return Object.hasOwn(args, text);
}

/** The one door: an unknown command, a wrong type or a foreign key is refused here. */
export function parseCall<C extends Command>(command: C, input: unknown): Args<C> {
  if (!isCommand(command)) throw fault("usage.command", "This command is not known.", "Update Thortime, or run: thortime --help.");
  if (hasPrototypeKey(input)) throw fault("usage.arguments", `${command}: __proto__ is not right (no such field).`, "Correct it and try again.");
  const parsed = args[command].safeParse(input);
  if (parsed.success) return parsed.data as Args<C>;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".") || "input";
  throw fault("usage.arguments", `${command}: ${where} is not right (${issue?.message ?? "invalid"}).`, "Correct it and try again.");
}

/** At both depths the table has. zod drops such a key without a word, and nobody has a reason to send one. */
function hasPrototypeKey(input: unknown): boolean {
  const inner = typeof input === "object" && input !== null ? Object.values(input) : [];
  return [input, ...inner].some((value) => typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__"));
}

export function isTopic(text: string): text is Topic {
  return text === "home" || /^run:[A-Za-z0-9._-]{1,120}$/.test(text);
}
