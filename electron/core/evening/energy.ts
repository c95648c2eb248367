/** What a night draws and costs, and what the same work would cost elsewhere. Measured where watts are known, else by a stated model and called so. */
import type { Conditions } from "../reading.ts";

export interface Drawn {
  readonly measuredJoules: number;
  readonly measuredSeconds: number;
  readonly estimatedJoules: number;
  readonly estimatedSeconds: number;
}

/** What is being added up between two lines of a journal. */
export interface Energy extends Drawn {
  /** The engine's monotonic clock at the last look. */
  readonly lookedAt: number | null;
}

export const NOTHING_DRAWN: Drawn = { measuredJoules: 0, measuredSeconds: 0, estimatedJoules: 0, estimatedSeconds: 0 };
export const NO_ENERGY: Energy = { ...NOTHING_DRAWN, lookedAt: null };

export function addEnergy(a: Drawn, b: Drawn): Drawn {
  return {
    measuredJoules: a.measuredJoules + b.measuredJoules,
    measuredSeconds: a.measuredSeconds + b.measuredSeconds,
    estimatedJoules: a.estimatedJoules + b.estimatedJoules,
    estimatedSeconds: a.estimatedSeconds + b.estimatedSeconds,
  };
}

/** A longer gap is sleep or a stopped engine: nothing is claimed for it. */
const LONGEST_GAP_S = 60;
/** At the wall with a trainer at full pace (the user's own plan, docs/facts.md), and with an idle machine, display off. */
export const TRAINING_WATTS = 60;
export const IDLE_WATTS = 8;
/** What the package's own sensor does not see: memory, disk, board, and the power adapter's loss. */
const BESIDES_PACKAGE_WATTS = 5;
const ADAPTER_EFFICIENCY = 0.88;

/** `share`: of the time worked since the last look, 0..1 (the pace while a trainer lives, else 0). */
export function addLook(energy: Energy, conditions: Conditions, share: number, mono: number): Energy {
  const gap = energy.lookedAt === null ? 0 : mono - energy.lookedAt;
  const seconds = gap > 0 && gap <= LONGEST_GAP_S ? gap : 0;
  const machine = conditions.systemWatts?.value ?? (conditions.watts.value === null ? null : conditions.watts.value + BESIDES_PACKAGE_WATTS);
  if (machine !== null) {
    const wall = machine / ADAPTER_EFFICIENCY;
    return { ...energy, measuredJoules: energy.measuredJoules + wall * seconds, measuredSeconds: energy.measuredSeconds + seconds, lookedAt: mono };
  }
  const wall = IDLE_WATTS + (TRAINING_WATTS - IDLE_WATTS) * Math.min(1, Math.max(0, share));
  return { ...energy, estimatedJoules: energy.estimatedJoules + wall * seconds, estimatedSeconds: energy.estimatedSeconds + seconds, lookedAt: mono };
}

/** For a run nobody watched with sensors: by the model, from the trainer's own seconds of work and rest. */
export function estimateEnergy(workSeconds: number, restSeconds: number): Energy {
  return { ...NO_ENERGY, estimatedJoules: workSeconds * TRAINING_WATTS + restSeconds * IDLE_WATTS, estimatedSeconds: workSeconds + restSeconds };
}

export interface Bill {
  readonly kwh: number;
  /** "mixed": sensors were there for a part of the time. */
  readonly how: "measured" | "estimated" | "mixed";
  readonly cost: number;
  readonly currency: string;
}

const JOULES_PER_KWH = 3.6e6;

/** Null where no time was seen at all. */
export function billOf(energy: Drawn, tariff: { readonly currency: string; readonly perKwh: number }): Bill | null {
  if (energy.measuredSeconds + energy.estimatedSeconds === 0) return null;
  const kwh = (energy.measuredJoules + energy.estimatedJoules) / JOULES_PER_KWH;
  const how = energy.estimatedSeconds === 0 ? "measured" : energy.measuredSeconds === 0 ? "estimated" : "mixed";
  return { kwh, how, cost: kwh * tariff.perKwh, currency: tariff.currency };
}

/** One row of the editable table. */
export interface Cloud {
  readonly name: string;
  readonly usdPerHour: number;
  /** Padded tokens a second of LoRA training on a 2-billion-parameter model, assumed; a person may put in what they measured. */
  readonly tokensPerSecond: number;
}

/** Prices as product.md has them. Speeds are assumptions: an A100 at about a third of its peak on 6 × 2.6e9 operations a token. */
export const CLOUDS: readonly Cloud[] = [
  { name: "RunPod A100", usdPerHour: 1.89, tokensPerSecond: 6000 },
  { name: "Lambda", usdPerHour: 1.1, tokensPerSecond: 4000 },
  { name: "Replicate", usdPerHour: 0.5, tokensPerSecond: 2000 },
];

/** Renting, copying data and model up and down, and looking whether it runs: once for each time. */
const CLOUD_SETUP_HOURS = 0.5;
const REFERENCE_PARAMETERS = 2.6e9;

export interface CloudCost {
  readonly name: string;
  readonly hours: number;
  readonly usd: number;
  readonly usdPerYear: number;
}

/** `paddedTokens` as this machine processed them; work grows with the model's parameters. */
export function cloudCosts(paddedTokens: number, parameters: number, timesPerYear: number, clouds: readonly Cloud[]): readonly CloudCost[] {
  return clouds.map(({ name, usdPerHour, tokensPerSecond }) => {
    const hours = CLOUD_SETUP_HOURS + (paddedTokens * (parameters / REFERENCE_PARAMETERS)) / tokensPerSecond / 3600;
    return { name, hours, usd: hours * usdPerHour, usdPerYear: hours * usdPerHour * timesPerYear };
  });
}
