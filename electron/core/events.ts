/**
 * Every line a journal may hold. The union below is the one definition: TypeScript types come from it,
 * and `tests/fixtures/events.schema.json` is generated from it (`npm run schema`).
 *
 * Envelope: `at` unix ms (for people), `mono` seconds on the writer's monotonic clock (for durations, only
 * within one `boot` and writer), `n` the counter of that writer's process (a gap is Damage).
 */
import { z } from "zod";
import { ACTIONS, REASONS } from "./governor/words.ts";
import { originSchema } from "./origin.ts";
import { whySchema } from "./reason.ts";
import { POWER_EVENTS } from "./shell.ts";
import { latencySchema, paritySchema, personaSchema } from "./verdict/deploy-tests.ts";
import { decisionSchema, judgementSchema } from "./verdict/judgement.ts";

/** A number that JSON may not be able to hold: NaN and the infinities travel as words. */
const figure = z.union([z.number(), z.literal(["NaN", "Infinity", "-Infinity"])]);
const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();
/** Mean over rows of (after − before), in nats per supervised token, with a 95 % paired bootstrap interval. */
const paired = { before: figure, after: figure, difference: figure, low: figure, high: figure, rows: count, resamples: count };

const envelope = z.object({
  v: z.literal(1),
  at: z.number().int(),
  mono: z.number(),
  boot: z.string(),
  by: z.enum(["trainer", "engine", "keeper"]),
  n: z.number().int().positive(),
  attempt: count,
});

export const faultSchema = z.object({ kind: z.string(), message: z.string(), next: z.string() });

export const phaseSchema = z.enum(["fetch", "prepare", "before", "train", "after", "merge", "export", "deploy"]);
export const desiredSchema = z.enum(["run", "rest", "stop"]);
export const verbSchema = z.enum(["fetch", "prepare", "answer", "train", "merge"]);
const stageSchema = z.enum(["before", "after"]);
/** Who answered: the base model, the trained one, or the Ollama model in daily use, which the engine asks. */
export const answererSchema = z.enum(["before", "after", "baseline"]);
const thermalLevelSchema = z.enum(["nominal", "moderate", "heavy", "trapping", "sleeping"]);
/** Why a process ended, as far as exit.json, the journal and the end of the log say (classify.ts). */
export const causeSchema = z.enum([
  "finished",
  "asked",
  "crash",
  "memory-kill",
  "display-watchdog",
  "segfault-after-success",
  "named-fault",
  "stalled",
  "reboot",
  "unknown",
]);

/** A run's own journal: what the engine writes. */
const engineEvents = [
  z.object({
    type: z.literal("run-created"),
    run: z.string(),
    name: z.string(),
    campaign: z.string(),
    kind: z.enum(["practice", "quick", "full"]),
    model: z.string(),
    data: z.string(),
    deployAs: z.string().nullable(),
    /** The run that diverged and is tried again with this one's gentler plan. */
    parent: z.string().optional(),
    /** The Ollama model in daily use, which is asked the same prompts. */
    baseline: z.string().optional(),
    /** The run whose plan this one was made from. */
    from: originSchema.optional(),
    /** What follows when its gate says GO; `window`: only in it. */
    next: z.object({ name: z.string(), window: z.object({ from: z.string(), to: z.string() }).nullable() }).optional(),
  }),
  /** It came from another home, in a file, under `from`'s id; its models and its base stayed there. */
  z.object({ type: z.literal("imported"), run: z.string(), from: z.string() }),
  /** A person had room made: the merged model and its GGUF are gone, and are made again when they are asked for. */
  z.object({ type: z.literal("cleared"), part: z.literal("export"), bytes: count }),
  z.object({ type: z.literal("phase-started"), phase: phaseSchema }),
  z.object({ type: z.literal("phase-finished"), phase: phaseSchema, seconds }),
  /** `verdict`: it was the gate that held it back. */
  z.object({ type: z.literal("phase-skipped"), phase: phaseSchema, why: z.string(), verdict: decisionSchema.optional() }),
  z.object({ type: z.literal("phase-failed"), phase: phaseSchema, fault: faultSchema }),
  z.object({ type: z.literal("spawned"), verb: verbSchema, pid: count, start: z.string(), token: z.string() }),
  z.object({
    type: z.literal("exited"),
    verb: verbSchema,
    token: z.string(),
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    forced: z.boolean(),
    tail: z.array(z.string()),
    /** Journals from before it was known have none. */
    cause: causeSchema.optional(),
  }),
  /** Its person made the plan shorter before its training began: what stands in run.json from then on; null is as before. */
  z.object({
    type: z.literal("plan-cut"),
    epochs: z.number().nonnegative().nullable(),
    rows: z.number().int().positive().nullable(),
    evalSteps: z.number().int().positive().nullable(),
  }),
  /** No progress: 1 is told, 2 asks, 3 is ended by force. `seconds` of waiting while the machine was awake. */
  z.object({ type: z.literal("stalled"), stage: z.literal([1, 2, 3]), phase: phaseSchema, step: count, seconds }),
  z.object({ type: z.literal("unstalled"), phase: phaseSchema, step: count }),
  /** Written nothing more can be: it goes on by itself once `neededBytes` are free. */
  z.object({ type: z.literal("space-needed"), phase: phaseSchema, neededBytes: count, freeBytes: count }),
  z.object({ type: z.literal("space-returned"), phase: phaseSchema, freeBytes: count }),
  /** An order of the governor of heat (core/governor), and what it was judged by. */
  z.object({
    type: z.literal("governed"),
    action: z.enum(ACTIONS),
    /** In force after it; 0 < pace ≤ 1. While resting it is the pace of before the rest. */
    pace: z.number(),
    microBatchTokens: z.number().int().positive().nullable(),
    reason: z.enum(REASONS),
    celsius: z.number().nullable(),
    level: thermalLevelSchema.nullable(),
    /** How many times slower the same work had become. */
    slower: z.number().nullable(),
  }),
  /** One look at the machine, at most every 30 s; `unknown` says why a value is null. */
  z.object({
    type: z.literal("conditions"),
    temperature: z.number().nullable(),
    thermalLevel: thermalLevelSchema.nullable(),
    watts: z.number().nullable(),
    memoryLevel: z.enum(["normal", "warning", "critical"]).nullable(),
    memoryUsedBytes: count.nullable(),
    swapUsedBytes: count.nullable(),
    onBattery: z.boolean().nullable(),
    batteryPercent: z.number().nullable(),
    lowPowerMode: z.boolean().nullable(),
    lidClosed: z.boolean().nullable(),
    /** The system's counter since it started; journals from before it was kept have none. */
    swapOutBytes: count.nullable().optional(),
    unknown: z.array(z.object({ reading: z.string(), why: whySchema })),
  }),
  /** What keeps the machine awake until this process ends, or why nothing does; `token` is "export", "deploy" or "baseline" where the engine itself works. */
  z.object({ type: z.literal("awake"), token: z.string(), holder: z.string().nullable(), why: whySchema.nullable() }),
  /** The display was put to sleep, as its person agreed; else why not. */
  z.object({ type: z.literal("display-slept"), why: whySchema.nullable() }),
  /** What a desktop shell heard while this run worked. */
  z.object({ type: z.literal("power"), event: z.enum(POWER_EVENTS) }),
  /** Memory ran short while training: micro-batches of fewer tokens before anything is killed; null: there is nothing smaller that keeps the loss. */
  z.object({
    type: z.literal("memory-eased"),
    microBatchTokens: z.number().int().positive().nullable(),
    why: z.enum(["pressure", "swap"]),
    /** Swapped out in the minutes before. */
    swapGrowthBytes: count,
  }),
  z.object({ type: z.literal("asked"), command: z.enum(["pause", "resume", "stop", "checkpoint", "export", "deploy", "go"]), as: z.string().optional() }),
  /** What the gate found, once training and its answers are there (verdict/gate.ts). */
  z.object({ type: z.literal("judged"), ...judgementSchema.shape }),
  /** The next phase of its campaign is there, as a run of its own. `verdict`: other than "go" a person wanted it all the same. */
  z.object({ type: z.literal("campaign-advanced"), run: z.string(), verdict: decisionSchema }),
  /** The baseline was asked what it could be; `why` it was not asked all, or anything. */
  z.object({ type: z.literal("baseline-asked"), name: z.string(), answers: count, seconds, why: z.string().nullable() }),
  z.object({ type: z.literal("export-progress"), task: z.enum(["hash", "upload", "create", "copy"]), doneBytes: count, totalBytes: count }),
  /** `digest`: of the model Ollama made; what is tested and promoted has to be the same. */
  z.object({ type: z.literal("candidate-created"), name: z.string(), quantization: z.string(), digest: z.string().optional(), seconds }),
  z.object({
    type: z.literal("gguf-written"),
    path: z.string(),
    bytes: count,
    sha256: z.string(),
    tensors: count,
    architecture: z.string(),
    quantization: z.string(),
  }),
  z.object({
    type: z.literal("smoke-tested"),
    name: z.string(),
    prompt: z.string(),
    answer: z.string(),
    passed: z.boolean(),
    reason: z.string(),
    /** The piece of the answer that spoke against it. */
    evidence: z.string().optional(),
    seconds,
  }),
  z.object({ type: z.literal("parity-tested"), ...paritySchema.shape }),
  z.object({ type: z.literal("latency-tested"), ...latencySchema.shape }),
  z.object({ type: z.literal("persona-tested"), ...personaSchema.shape }),
  /** A person compared the answers to one prompt without knowing whose is whose; said again, it replaces what was said before. */
  z.object({
    type: z.literal("blind-picked"),
    prompt: z.string(),
    /** What the trained model's answer stood beside. */
    against: z.enum(["before", "baseline"]),
    pick: z.enum(["new", "old", "same", "neither"]),
  }),
  z.object({
    type: z.literal("deployed"),
    name: z.string(),
    candidate: z.string(),
    previous: z.string().nullable(),
    digest: z.string(),
    /** What the gate had said; other than "go" a person wanted it all the same. */
    verdict: decisionSchema.optional(),
  }),
  /** Drawn since the line before; the engine looked for these seconds (evening/energy.ts). */
  z.object({
    type: z.literal("energy"),
    measuredJoules: z.number().nonnegative(),
    measuredSeconds: seconds,
    estimatedJoules: z.number().nonnegative(),
    estimatedSeconds: seconds,
  }),
  /** Of the whole training, in seconds, once its first steps are measured: what later speed is compared with. */
  z.object({ type: z.literal("forecast"), step: count, lowSeconds: seconds, highSeconds: seconds }),
  /** The morning report was written (report.html and report.json), as the run stood then. */
  z.object({ type: z.literal("reported"), path: z.string(), language: z.enum(["en", "tr"]), status: z.string() }),
  /** `child`: the run that goes on in this one's place. */
  z.object({ type: z.literal("run-ended"), outcome: z.enum(["finished", "stopped"]), seconds, child: z.string().optional() }),
] as const;

/** A run's own journal: what the Python verbs write. `failed` is journalled before a verb exits with 1. */
const trainerEvents = [
  z.object({ type: z.literal("fetch-progress"), file: z.string(), doneBytes: count, totalBytes: count }),
  z.object({ type: z.literal("fetched"), model: z.string(), path: z.string(), revision: z.string(), bytes: count, seconds }),
  z.object({
    type: z.literal("prepared"),
    rows: count,
    heldOutRows: count,
    /** Held-out rows that also stand in training, left out of the held-out loss. */
    leakedRows: count,
    droppedRows: count,
    truncatedRows: count,
    tokens: count,
    supervisedTokens: count,
    paddedTokens: count,
    steps: count,
    stepsPerEpoch: count,
    epochs: z.number(),
    seconds,
  }),
  z.object({
    type: z.literal("loaded"),
    parameters: count,
    trainableParameters: count,
    quantized: z.boolean(),
    dtype: z.string(),
    seconds,
  }),
  z.object({
    type: z.literal("train-started"),
    fromStep: count,
    totalSteps: count,
    /** Held-out evaluations come every so many steps; none where nothing is held out, and in older journals. */
    evalSteps: z.number().int().positive().optional(),
  }),
  z.object({ type: z.literal("resumed"), fromStep: count }),
  /** The batch plan was cut again from this step on; null is the plan's own value. */
  z.object({
    type: z.literal("plan-revised"),
    fromStep: count,
    microBatchTokens: z.number().int().positive().nullable(),
    maxSeqLength: z.number().int().positive().nullable(),
    why: z.string(),
  }),
  /** Measuring what micro-batches cost on this machine, before step 1: shapes done, of how many. */
  z.object({ type: z.literal("calibrating"), done: count, total: count }),
  /** Steps are cut by this budget, with the plan's rows in each and the same gradient: the fastest that fits in `roomBytes`. */
  z.object({
    type: z.literal("calibrated"),
    microBatchTokens: z.number().int().positive(),
    /** Micro-batches of more padded tokens do their forward pass again (gradient checkpointing); null: none do. */
    recomputeOver: count.nullable(),
    /** By the fit, on average over the run; the plan as it was written, null where it would not fit. */
    secondsPerStep: seconds,
    planSecondsPerStep: seconds.nullable(),
    paddedTokensPerStep: z.number().nonnegative(),
    /** Of the largest micro-batch, over what stands in memory without one. */
    peakBytes: count,
    roomBytes: count,
    /** Tokens of the median row and of the longest. */
    typical: count,
    longest: count,
    shapes: z.array(z.object({ rows: count, length: count, recomputed: z.boolean(), seconds, bytes: count })),
    seconds,
  }),
  z.object({
    type: z.literal("step"),
    step: count,
    epoch: z.number(),
    loss: figure,
    gradNorm: figure,
    learningRate: z.number(),
    /** Real tokens of the step, tokens with a label, tokens processed with padding. */
    tokens: count,
    supervisedTokens: count,
    paddedTokens: count,
    /** Working time of the step; resting between micro-batches is counted apart. */
    seconds,
    restSeconds: seconds,
  }),
  z.object({ type: z.literal("evaluated"), step: count, loss: figure, rows: count, tokens: count, seconds }),
  /** Step 0 against the checkpoint that is exported, `step`; journals from before it was known have the last step's. */
  z.object({
    type: z.literal("held-out-compared"),
    step: count.optional(),
    ...paired,
  }),
  /** The same two evaluations by the rows' own categories, those with most rows first. */
  z.object({
    type: z.literal("held-out-by-category"),
    step: count,
    categories: z.array(z.object({ category: z.string(), before: figure, after: figure, rows: count })),
  }),
  /** Two evaluations in a row were worse than the best one, each by more than chance (its paired interval lies above zero). */
  z.object({ type: z.literal("held-out-worsened"), step: count, loss: figure, bestStep: count, bestLoss: figure, stops: z.boolean() }),
  /** A few prompts asked at a checkpoint, between two steps; `share` of the training's time that such tests have taken, `skipped`: why not (all) were asked. */
  z.object({
    type: z.literal("early-tested"),
    step: count,
    answers: z.array(z.object({ prompt: z.string(), answer: z.string(), stop: z.enum(["end", "length"]) })),
    seconds,
    share: z.number().nonnegative(),
    skipped: z.string().nullable(),
  }),
  /** The last evaluation against the best of the run: after − before as above, `step` the best one's. */
  z.object({
    type: z.literal("held-out-stability"),
    step: count,
    ...paired,
  }),
  z.object({ type: z.literal("memory"), activeBytes: count, peakBytes: count, cacheBytes: count, residentBytes: count }),
  z.object({ type: z.literal("checkpoint-sealed"), step: count, path: z.string(), bytes: count, seconds, why: z.string() }),
  z.object({ type: z.literal("checkpoint-refused"), step: count, path: z.string(), reason: z.string() }),
  z.object({ type: z.literal("checkpoint-pruned"), step: count, path: z.string() }),
  z.object({
    type: z.literal("obeyed"),
    desired: desiredSchema,
    why: z.string(),
    pace: z.number(),
    checkpointRequest: count,
    /** True while the engine's lease is stale and the trainer keeps its conservative pace. */
    leaseStale: z.boolean(),
  }),
  z.object({ type: z.literal("stopped"), step: count, why: z.string() }),
  z.object({
    type: z.literal("train-finished"),
    steps: count,
    firstLoss: figure,
    lastLoss: figure,
    tokens: count,
    seconds,
    /** It ended before its last step, as its plan says, because the held-out loss rose. */
    early: z.boolean().optional(),
  }),
  /** The checkpoint that answers and is exported: the one with the lowest held-out loss, or the newest where none was measured. */
  z.object({ type: z.literal("checkpoint-chosen"), step: count, lastStep: count, loss: figure.nullable(), why: z.enum(["best", "newest"]) }),
  z.object({
    type: z.literal("answered"),
    stage: answererSchema,
    prompt: z.string(),
    category: z.string(),
    text: z.string(),
    answer: z.string(),
    tokens: count,
    stop: z.enum(["end", "length"]),
    seconds,
  }),
  z.object({ type: z.literal("answers-finished"), stage: stageSchema, answers: count, seconds }),
  /** The same prompt asked again with sampling: does it stay who it is? */
  z.object({
    type: z.literal("answer-repeated"),
    prompt: z.string(),
    seed: count,
    answer: z.string(),
    tokens: count,
    stop: z.enum(["end", "length"]),
    seconds,
  }),
  /** Held-out questions answered before and after; each answer is compared with the row's own by `measure`, 0..1. */
  z.object({ type: z.literal("knowledge-compared"), measure: z.literal("chrF"), ...paired }),
  z.object({ type: z.literal("merge-progress"), doneTensors: count, totalTensors: count }),
  z.object({
    type: z.literal("merged"),
    path: z.string(),
    step: count,
    bytes: count,
    tensors: count,
    files: z.array(z.string()),
    dequantized: z.boolean(),
    /** Whether every matrix row is a multiple of 256, which K-quantisation needs. */
    kQuantizable: z.boolean(),
    seconds,
  }),
  z.object({ type: z.literal("warned"), kind: z.string(), message: z.string() }),
  z.object({ type: z.literal("failed"), fault: faultSchema }),
] as const;

const keeperEvents = [
  z.object({ type: z.literal("kept"), verb: verbSchema, pid: count, keeperPid: count, token: z.string() }),
  z.object({ type: z.literal("engine-restarted"), pid: count, count }),
] as const;

/** What belongs to no single run: `home/events.jsonl`. */
const homeEvents = [
  z.object({ type: z.literal("campaign-created"), campaign: z.string(), name: z.string(), data: z.string(), model: z.string() }),
  z.object({
    type: z.literal("run-added"),
    run: z.string(),
    name: z.string(),
    campaign: z.string(),
    kind: z.enum(["practice", "quick", "full"]),
    /** The run whose plan this one was made from. */
    from: z.string().optional(),
  }),
  z.object({ type: z.literal("run-closed"), run: z.string(), outcome: z.enum(["finished", "stopped"]) }),
  z.object({ type: z.literal("run-reopened"), run: z.string() }),
  /** Its folder goes right after this line. */
  z.object({ type: z.literal("run-deleted"), run: z.string(), name: z.string(), bytes: count }),
  z.object({
    type: z.literal("version-deployed"),
    name: z.string(),
    run: z.string(),
    candidate: z.string(),
    previous: z.string().nullable(),
    digest: z.string(),
    /** Of the GGUF; older journals have none. */
    bytes: count.optional(),
    verdict: decisionSchema.optional(),
  }),
  /** A person wants `serve` back as NAME:latest, and `keep`, which stands there now, as NAME:prev. Begun here, it is done at `version-undone`. */
  z.object({ type: z.literal("version-undo-begun"), name: z.string(), serve: z.string(), keep: z.string() }),
  /** `why`: it could not be done any more. */
  z.object({ type: z.literal("version-undone"), name: z.string(), serve: z.string(), keep: z.string(), why: z.string().optional() }),
  /** `tag` left Ollama; `freedBytes` of its file, null where that cannot be told. */
  z.object({ type: z.literal("version-removed"), tag: z.string(), digest: z.string(), freedBytes: count.nullable() }),
  /** The run works only in this window of local time, from the next one on. */
  z.object({ type: z.literal("schedule-set"), run: z.string(), from: z.string(), to: z.string() }),
  z.object({ type: z.literal("schedule-cleared"), run: z.string() }),
  /** `night`: the local day it begins on. */
  z.object({ type: z.literal("night-checked"), run: z.string(), night: z.string(), fixes: count, warnings: count }),
  z.object({ type: z.literal("night-skipped"), run: z.string(), night: z.string() }),
  z.object({ type: z.literal("night-started"), run: z.string(), night: z.string(), closesAt: z.number().int(), lateSeconds: seconds }),
  z.object({ type: z.literal("night-ended"), run: z.string(), night: z.string() }),
  z.object({ type: z.literal("night-missed"), run: z.string(), night: z.string() }),
  /** Paused by us, to go on by us. */
  z.object({ type: z.literal("battery-paused"), run: z.string(), percent: z.number() }),
  z.object({ type: z.literal("battery-over"), run: z.string() }),
  /** Something a person is to know; it stands in the app until it is seen. Its words are `notice.KEY` in the catalogues. */
  z.object({
    type: z.literal("notice"),
    id: z.string(),
    run: z.string(),
    level: z.enum(["quiet", "normal", "urgent"]),
    key: z.string(),
    values: z.record(z.string(), z.string()),
  }),
  /** About to be sent, for the `time`-th time; several ids are told together. Written first, so that a kill sends nothing twice. */
  z.object({ type: z.literal("notice-sending"), ids: z.array(z.string()), time: z.number().int().positive() }),
  /** It was sent, for the `time`-th time, by one backend. */
  z.object({
    type: z.literal("notified"),
    id: z.string(),
    time: count,
    backend: z.string(),
    ok: z.boolean(),
    why: whySchema.nullable(),
    attempts: count,
  }),
  /** Null: all of them. */
  z.object({ type: z.literal("notice-seen"), id: z.string().nullable() }),
  /** A run ended while Ollama was away: its candidate is discarded at the next export. */
  z.object({ type: z.literal("candidate-left"), run: z.string(), name: z.string() }),
  z.object({ type: z.literal("candidate-discarded"), name: z.string() }),
] as const;

const bodies = [...engineEvents, ...trainerEvents, ...keeperEvents, ...homeEvents] as const;

/** The body without its envelope: what a writer hands to its journal. */
export const eventBodySchema = z.discriminatedUnion("type", bodies);
export type Envelope = z.infer<typeof envelope>;
export type EventBody = z.infer<typeof eventBodySchema>;
export type Event = Envelope & EventBody;

/** One schema for each type of line. */
export const lineSchemas = bodies.map((body) => envelope.extend(body.shape));
const [first, ...rest] = lineSchemas;
if (!first) throw new Error("no events");
/** One line of a journal. Unknown fields are dropped, so that an older Thortime can read a newer journal's known parts. */
export const eventSchema = z.discriminatedUnion("type", [first, ...rest] as never) as unknown as z.ZodType<Event>;
export type EventOf<T extends EventBody["type"]> = Extract<Event, { type: T }>;
export type Phase = z.infer<typeof phaseSchema>;
export type Verb = z.infer<typeof verbSchema>;
export type Desired = z.infer<typeof desiredSchema>;
export type Figure = z.infer<typeof figure>;
export type Fault = z.infer<typeof faultSchema>;
export type Cause = z.infer<typeof causeSchema>;

/** The order in which a run goes through its phases. */
export const PHASES: readonly Phase[] = phaseSchema.options;

/** The number behind a figure, so that arithmetic and comparison see NaN as NaN. */
export function toNumber(value: Figure): number {
  return typeof value === "number" ? value : Number(value);
}
