/**
 * What a morning report says, as plain values: what report.json holds, and all that report.html is made from. Unknown is null, with its reason
 * beside it where one is known; times are unix ms, sizes bytes, energy joules, losses nats per supervised token.
 */

import { type BlindResult, blindAgainst, blindResult } from "../blind.ts";
import { mean } from "../curve.ts";
import { type Bill, billOf, type CloudCost, cloudCosts, type Drawn, estimateEnergy } from "../evening/energy.ts";
import type { Fault, Figure } from "../events.ts";
import { type HeatCost, heatCost } from "../governor/cost.ts";
import type { RunPlan, Training } from "../plan.ts";
import type { Why } from "../reason.ts";
import { needsYou, type RunStatus, statusOf, type Verdict, verdictOf } from "../selectors.ts";
import type { Settings } from "../settings.ts";
import type { Checkpoint, Happening, RunState } from "../state.ts";
import type { Tally } from "../tally.ts";
import { deployLines } from "../verdict/deploy-lines.ts";
import type { Judgement } from "../verdict/judgement.ts";
import { type CurveData, curveData } from "../words/curve-data.ts";
import { type ShownCategory, shownAnswers } from "./answers.ts";
import { type NextStep, nextStep } from "./next-step.ts";

export const REPORT_VERSION = 1;
/** A model is tuned anew so often: what "per year" in the cloud table is of. */
export const NIGHTS_A_YEAR = 50;

/** One point of a curve over time; minutes since the run began. */
export interface TimePoint {
  readonly minute: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface ReportData {
  readonly v: typeof REPORT_VERSION;
  readonly version: string;
  readonly writtenAt: number;
  readonly run: {
    readonly id: string;
    readonly name: string;
    readonly kind: RunPlan["kind"];
    readonly model: string;
    readonly folder: string;
    readonly parent: string | null;
    /** A person let its campaign go on although a gate had not said GO. */
    readonly against: boolean;
    readonly child: string | null;
    readonly createdAt: number;
    /** When it ended; null while it has not. */
    readonly endedAt: number | null;
    /** From its first line to its newest. */
    readonly seconds: number;
    /** Lines of its journal that could not be read. */
    readonly damages: number;
  };
  readonly status: RunStatus;
  /** Null: training or the answers after it are not there, so there is nothing to judge. */
  readonly verdict: Judgement | null;
  /** What a person said of the answers without knowing whose they are; null: nothing yet. */
  readonly blind: BlindResult | null;
  /** Questions that verdict's evidence names, by prompt. */
  readonly questions: Readonly<Record<string, string>>;
  readonly fault: Fault | null;
  readonly next: NextStep;
  readonly training: {
    readonly step: number;
    readonly totalSteps: number;
    readonly firstLoss: Figure | null;
    readonly lastLoss: Figure | null;
    readonly workSeconds: number;
    readonly restSeconds: number;
    readonly tokens: number;
  };
  readonly heldOut: {
    readonly before: Figure;
    readonly after: Figure;
    readonly difference: Figure;
    readonly low: Figure;
    readonly high: Figure;
    readonly rows: number;
  } | null;
  readonly better: Verdict | null;
  readonly happened: readonly Happening[];
  readonly tally: Tally;
  readonly curves: { readonly loss: CurveData; readonly temperature: readonly TimePoint[]; readonly pace: readonly TimePoint[] };
  readonly answers: readonly ShownCategory[];
  /** The Ollama model in daily use that was asked the same prompts; `why` it was not, or not all of them. */
  readonly baseline: { readonly name: string; readonly answers: number | null; readonly why: string | null } | null;
  readonly heat: (HeatCost & { readonly whyUnknown: Why | null }) | null;
  readonly memory: {
    readonly trainerPeakBytes: number | null;
    readonly machinePeakBytes: number | null;
    readonly swapFirstBytes: number | null;
    readonly swapPeakBytes: number | null;
    readonly swapWhyUnknown: Why | null;
    /** Written to the disk by swapping while the run worked, estimated; null: not known. */
    readonly swapWrittenBytes: number | null;
    readonly kills: number;
    /** The batch plan in force at the end, where it is not the plan's own. */
    readonly microBatchTokens: number | null;
    readonly maxSeqLength: number | null;
  };
  readonly energy: { readonly drawn: Drawn; readonly bill: Bill; readonly perKwh: number } | null;
  /** Null: too little is known of the work to scale it. */
  readonly cloud: { readonly rows: readonly CloudCost[]; readonly perYear: number; readonly homePerYear: number | null } | null;
  readonly checkpoints: { readonly sealed: number; readonly kept: readonly Pick<Checkpoint, "step" | "at" | "bytes">[] };
  readonly data: {
    readonly train: string;
    readonly heldOut: string | null;
    /** Null: the rows were not read yet. */
    readonly counts: {
      readonly rows: number;
      readonly heldOutRows: number;
      readonly leakedRows: number;
      readonly droppedRows: number;
      readonly truncatedRows: number;
      readonly tokensAnEpoch: number;
      readonly paddingShare: number;
    } | null;
  };
  readonly gguf: { readonly path: string; readonly bytes: number; readonly sha256: string; readonly quantization: string; readonly tensors: number } | null;
  readonly ollama: { readonly name: string; readonly previous: string | null } | null;
  readonly smoke: { readonly prompt: string; readonly answer: string; readonly passed: boolean; readonly reason: string; readonly seconds: number } | null;
  /** Why there is no GGUF or no model in Ollama. */
  readonly notMade: { readonly why: string; readonly fault: Fault | null } | null;
  readonly settings: Training;
}

export interface ReportInput {
  readonly state: RunState;
  readonly plan: RunPlan;
  readonly settings: Pick<Settings, "tariff" | "clouds">;
  readonly folder: string;
  readonly nowMs: number;
  readonly version: string;
}

export function reportData(input: ReportInput): ReportData {
  const { state, plan, settings, nowMs, version } = input;
  const energy = energyOf(state, settings.tariff);
  const judged = state.judged;
  return {
    v: REPORT_VERSION,
    version,
    writtenAt: nowMs,
    run: runOf(input),
    status: statusOf(state),
    verdict: judged ? verdictOfRun(state, judged) : null,
    blind: state.picks.length > 0 ? blindResult(state, blindAgainst(state)) : null,
    questions: questionsOf(state),
    fault: needsYou(state) ?? (state.ended ? failureOf(state) : null),
    next: nextStep(state),
    training: {
      step: state.step?.step ?? 0,
      totalSteps: state.totalSteps,
      firstLoss: state.firstLoss,
      lastLoss: state.trained?.lastLoss ?? state.step?.loss ?? null,
      workSeconds: state.trainSeconds,
      restSeconds: state.restSeconds,
      tokens: state.tokens,
    },
    heldOut: heldOutOf(state),
    better: verdictOf(state),
    happened: state.happenings,
    tally: state.tally,
    curves: { loss: curveData(state), temperature: timePoints(state.temperature), pace: timePoints(state.pace) },
    answers: shownAnswers(state, plan),
    baseline: state.baseline && { name: state.baseline.name, answers: state.baseline.asked?.answers ?? null, why: state.baseline.asked?.why ?? null },
    heat: heatOf(state),
    memory: memoryOf(state),
    energy,
    cloud: cloudOf(state, energy, settings.clouds),
    checkpoints: { sealed: state.sealed, kept: state.checkpoints.map(({ step, at, bytes }) => ({ step, at, bytes })) },
    data: dataOf(state, plan),
    gguf: state.gguf && {
      path: state.gguf.path,
      bytes: state.gguf.bytes,
      sha256: state.gguf.sha256,
      quantization: state.gguf.quantization,
      tensors: state.gguf.tensors,
    },
    ollama: state.deployed && { name: state.deployed.name, previous: state.deployed.previous },
    smoke: smokeOf(state),
    notMade: state.deployed ? null : notMade(state),
    settings: plan.training,
  };
}

function runOf({ state, plan, folder }: ReportInput): ReportData["run"] {
  const { id, name, kind, model, createdAt } = plan;
  const began = state.createdAt || createdAt;
  return {
    id,
    name,
    kind,
    model: model.source,
    folder,
    parent: plan.parent,
    against: (plan.from?.why === "gate" && plan.from.verdict !== "go") || (state.nextRun !== null && state.judged !== null && state.judged.decision !== "go"),
    child: state.child,
    createdAt: began,
    endedAt: state.ended?.at ?? null,
    seconds: Math.max(0, (state.lastAt - began) / 1000),
    damages: state.damages,
  };
}

function verdictOfRun(state: RunState, { decision, lines, levers, categories, early, taken }: NonNullable<RunState["judged"]>): Judgement {
  const more = { ...(categories ? { categories } : {}), ...(early ? { early } : {}), ...(taken === undefined ? {} : { taken }) };
  return { decision, lines: [...lines, ...deployLines(state)], levers, ...more };
}

function questionsOf(state: RunState): Readonly<Record<string, string>> {
  const { judged, answers } = state;
  const named = new Set([...(judged?.lines ?? []), ...deployLines(state)].flatMap(({ evidence }) => evidence.map(({ prompt }) => prompt)));
  return Object.fromEntries(answers.filter(({ prompt }) => named.has(prompt)).map(({ prompt, text }) => [prompt, text.slice(0, QUESTION_CHARACTERS)]));
}

const QUESTION_CHARACTERS = 300;

/** Of a run that ended by force of it: a divergence whose gentler child goes on. */
function failureOf(state: RunState): Fault | null {
  return Object.values(state.phases).find(({ status }) => status === "failed")?.fault ?? null;
}

function heldOutOf({ comparison }: RunState): ReportData["heldOut"] {
  if (!comparison) return null;
  const { before, after, difference, low, high, rows } = comparison;
  return { before, after, difference, low, high, rows };
}

function timePoints(curve: RunState["temperature"]): readonly TimePoint[] {
  return curve.buckets
    .filter(({ count }) => count > 0)
    .map((bucket) => ({ minute: (bucket.firstStep + bucket.lastStep - 2) / 4, mean: mean(bucket), low: bucket.low, high: bucket.high }));
}

/** Why a reading is missing, in the words of the newest look. */
function whyUnknown({ conditions }: RunState, reading: string): Why | null {
  return conditions?.unknown.find((one) => one.reading === reading)?.why ?? null;
}

function heatOf(state: RunState): ReportData["heat"] {
  const cost = heatCost(state);
  return cost && { ...cost, whyUnknown: cost.highestCelsius === null ? whyUnknown(state, "temperature") : null };
}

function memoryOf(state: RunState): ReportData["memory"] {
  const { tally, peakBytes, memoryKills, revision, swapWrites } = state;
  return {
    trainerPeakBytes: peakBytes > 0 ? peakBytes : null,
    machinePeakBytes: tally.memoryPeakBytes,
    swapFirstBytes: tally.swapFirstBytes,
    swapPeakBytes: tally.swapPeakBytes,
    swapWhyUnknown: tally.swapPeakBytes === null ? whyUnknown(state, "swapUsedBytes") : null,
    swapWrittenBytes: swapWrites.known ? swapWrites.bytes : null,
    kills: memoryKills,
    microBatchTokens: revision?.microBatchTokens ?? null,
    maxSeqLength: revision?.maxSeqLength ?? null,
  };
}

/** What an engine saw being drawn, or else what the trainer's own seconds would have drawn. */
function energyOf(state: RunState, tariff: Settings["tariff"]): ReportData["energy"] {
  const seen = billOf(state.energy, tariff) !== null;
  const { measuredJoules, measuredSeconds, estimatedJoules, estimatedSeconds } = seen ? state.energy : estimateEnergy(state.trainSeconds, state.restSeconds);
  const drawn = { measuredJoules, measuredSeconds, estimatedJoules, estimatedSeconds };
  const bill = billOf(drawn, tariff);
  return bill && { drawn, bill, perKwh: tariff.perKwh };
}

/** The padded tokens of the steps that stand: an epoch's padding holds for each of them. */
function cloudOf({ prepared, loaded, tokens }: RunState, energy: ReportData["energy"], clouds: Settings["clouds"]): ReportData["cloud"] {
  if (!prepared || !loaded || tokens === 0 || prepared.tokens === 0 || clouds.length === 0) return null;
  const rows = cloudCosts(tokens * (prepared.paddedTokens / prepared.tokens), loaded.parameters, NIGHTS_A_YEAR, clouds);
  return { rows, perYear: NIGHTS_A_YEAR, homePerYear: energy === null ? null : energy.bill.cost * NIGHTS_A_YEAR };
}

function dataOf({ prepared }: RunState, { data }: RunPlan): ReportData["data"] {
  const counts = prepared && {
    rows: prepared.rows,
    heldOutRows: prepared.heldOutRows,
    leakedRows: prepared.leakedRows,
    droppedRows: prepared.droppedRows,
    truncatedRows: prepared.truncatedRows,
    tokensAnEpoch: prepared.tokens,
    paddingShare: prepared.paddedTokens > 0 ? Math.max(0, 1 - prepared.tokens / prepared.paddedTokens) : 0,
  };
  return { train: data.train, heldOut: data.heldOut, counts };
}

function smokeOf({ smoke }: RunState): ReportData["smoke"] {
  if (!smoke) return null;
  const { prompt, answer, passed, reason, seconds } = smoke;
  return { prompt: prompt.slice(0, QUESTION_CHARACTERS), answer: answer.slice(0, 1_000), passed, reason, seconds };
}

/** The first step towards Ollama that was left out or failed. */
function notMade({ phases }: RunState): ReportData["notMade"] {
  for (const phase of ["after", "merge", "export", "deploy"] as const) {
    const { status, fault, why } = phases[phase];
    if (status === "failed" && fault) return { why: fault.message, fault };
    if (status === "skipped" && why !== null && phase !== "after") return { why, fault: null };
  }
  return null;
}
