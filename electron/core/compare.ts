/** Two runs side by side, as plain values: what was set differently, both curves, both verdicts. */
import { mean } from "./curve.ts";
import { type Figure, toNumber } from "./events.ts";
import type { Origin } from "./origin.ts";
import type { RunPlan } from "./plan.ts";
import { heldOutNow, type RunStatus, statusOf } from "./selectors.ts";
import type { RunState } from "./state.ts";
import { deployLines } from "./verdict/deploy-lines.ts";
import type { CriterionName, Decision, Lever, Line } from "./verdict/judgement.ts";
import { LIMITS } from "./verdict/limits.ts";

/** A point of a loss curve: the mean over the steps it stands for, with the least and greatest; null where none was finite. */
export interface CurvePoint {
  readonly step: number;
  readonly loss: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Side {
  readonly run: string;
  readonly name: string;
  readonly kind: RunPlan["kind"];
  readonly createdAt: number;
  readonly status: RunStatus;
  readonly from: Origin | null;
  readonly steps: number;
  readonly totalSteps: number;
  readonly trainSeconds: number;
  readonly peakBytes: number | null;
  readonly heldOutBefore: number | null;
  readonly heldOutAfter: number | null;
  readonly deployedAs: string | null;
  readonly decision: Decision | null;
  readonly levers: readonly Lever[];
  /** At most 150 points, spikes kept. */
  readonly curve: readonly CurvePoint[];
  readonly heldOut: readonly { readonly step: number; readonly loss: number | null }[];
}

export type SettingValue = string | number | boolean | null;

export interface Comparison {
  readonly a: Side;
  readonly b: Side;
  /** Only what differs, as run.json calls it ("training.learning_rate"); a value that a plan does not have is null. */
  readonly settings: readonly { readonly key: string; readonly a: SettingValue; readonly b: SettingValue }[];
  /** Each criterion that either gate looked at. */
  readonly lines: readonly { readonly criterion: CriterionName; readonly a: Line | null; readonly b: Line | null }[];
}

export interface Compared {
  readonly state: RunState;
  readonly plan: RunPlan;
}

export function compareRuns(a: Compared, b: Compared): Comparison {
  return { a: sideOf(a), b: sideOf(b), settings: differences(settingsOf(a.plan), settingsOf(b.plan)), lines: linesOf(a.state, b.state) };
}

function sideOf({ state, plan }: Compared): Side {
  return {
    run: plan.id,
    name: plan.name,
    kind: plan.kind,
    createdAt: plan.createdAt,
    status: statusOf(state),
    from: plan.from,
    steps: state.step?.step ?? 0,
    totalSteps: state.totalSteps,
    trainSeconds: state.trainSeconds,
    peakBytes: state.peakBytes > 0 ? state.peakBytes : null,
    heldOutBefore: finite(state.comparison?.before ?? state.heldOut[0]?.loss ?? null),
    heldOutAfter: finite(heldOutNow(state)),
    deployedAs: state.deployed?.name ?? null,
    decision: state.judged?.decision ?? null,
    levers: state.judged?.levers ?? [],
    curve: state.curve.buckets.map((bucket) => ({
      step: bucket.lastStep,
      loss: finite(mean(bucket)),
      low: finite(bucket.low),
      high: finite(bucket.high),
    })),
    heldOut: state.heldOut.map(({ step, loss }) => ({ step, loss: finite(loss) })),
  };
}

function finite(figure: Figure | null): number | null {
  const value = figure === null ? Number.NaN : toNumber(figure);
  return Number.isFinite(value) ? value : null;
}

/** What a person may have set: lists and texts as they are read, nothing that only names the run. */
function settingsOf(plan: RunPlan): ReadonlyMap<string, SettingValue> {
  const { training, data, model, format, answers, deploy } = plan;
  const parts = { data, model, training, limits: plan.limits ?? LIMITS[plan.kind], sampling: deploy.parameters };
  const flat = Object.entries(parts).flatMap(([part, values]) => Object.entries(values).map(([key, value]) => [`${part}.${key}`, plain(value)] as const));
  return new Map<string, SettingValue>([
    ["kind", plan.kind],
    ...flat,
    ["system", format.system],
    ["prompts", answers.prompts.length],
    ["deploy.as", deploy.enabled ? deploy.as : null],
    ["deploy.quantize", deploy.quantize],
  ]);
}

function plain(value: unknown): SettingValue {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : JSON.stringify(value);
}

function differences(a: ReadonlyMap<string, SettingValue>, b: ReadonlyMap<string, SettingValue>): Comparison["settings"] {
  return [...new Set([...a.keys(), ...b.keys()])].map((key) => ({ key, a: a.get(key) ?? null, b: b.get(key) ?? null })).filter((one) => one.a !== one.b);
}

/** The gate's, then those of its candidate in Ollama. */
function allLines(state: RunState): readonly Line[] {
  return [...(state.judged?.lines ?? []), ...deployLines(state)];
}

function linesOf(a: RunState, b: RunState): Comparison["lines"] {
  const [left, right] = [allLines(a), allLines(b)];
  const criteria = [...new Set([...left, ...right].map(({ criterion }) => criterion))];
  const of = (lines: readonly Line[], criterion: CriterionName) => lines.find((line) => line.criterion === criterion) ?? null;
  return criteria.map((criterion) => ({ criterion, a: of(left, criterion), b: of(right, criterion) }));
}
