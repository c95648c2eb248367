/** From what a person asked for to a frozen plan; pure, so that the same asking makes the same plan. */
import type { Args } from "./api.ts";
import { fault } from "./faults.ts";
import { parseName, runId } from "./names.ts";
import { FULL, GEMMA2, type Prompt, QUICK, type RunPlan, SAMPLING, type Training, trainingSchema } from "./plan.ts";
import type { Clock, Machine } from "./ports.ts";

/** The quick test's sample when nothing else is said. */
export const QUICK_ROWS = 1000;
/** Greedy answers are cut here; the practice model answers in a dozen tokens. */
const ANSWER_TOKENS = 160;

export interface PlanContext {
  readonly clock: Pick<Clock, "now" | "random">;
  readonly machine: Machine;
  readonly localModel: boolean;
  readonly prompts: readonly Prompt[];
}

export function makePlan(asked: Args<"run-start">, context: PlanContext): RunPlan {
  const name = parseName(asked.name);
  const createdAt = context.clock.now();
  const quick = asked.kind === "quick";
  return {
    v: 1,
    id: runId(name, createdAt, context.clock.random),
    name,
    campaign: name,
    parent: null,
    kind: asked.kind,
    createdAt,
    data: { train: asked.data, heldOut: asked.heldOut, heldOutShare: 0.1, rows: asked.rows ?? (quick ? QUICK_ROWS : null), skipBadRows: asked.skipBadRows },
    model: { source: asked.model, local: context.localModel },
    format: { ...GEMMA2, system: asked.system },
    training: makeTraining(asked, context.machine),
    answers: { prompts: [...context.prompts], maxTokens: ANSWER_TOKENS },
    deploy: { enabled: asked.deploy, as: parseName(asked.deployAs ?? asked.name), quantize: asked.quantize, parameters: SAMPLING },
  };
}

/**
 * Where there is no Metal: 4-bit and half precision are emulated, recomputing the forward pass buys memory that nobody lacks,
 * and padding costs as much as real tokens (docs/log.md).
 */
const CPU: Partial<Training> = { load_in_4bit: false, dtype: "float32", gradient_checkpointing: false, micro_batch_tokens: 512 };

function makeTraining(asked: Args<"run-start">, machine: Machine): Training {
  const preset = asked.kind === "quick" ? QUICK : FULL;
  const local = machine.metal ? {} : CPU;
  const settings = Object.fromEntries(Object.entries(asked.settings).map(([key, value]) => [key, readSetting(key, value)]));
  const steps = asked.steps === null ? {} : { max_steps: asked.steps };
  const parsed = trainingSchema.safeParse({ ...preset, ...local, ...settings, ...steps });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fault(
    "usage.setting",
    `The setting ${issue?.path.join(".")} cannot be ${JSON.stringify(asked.settings[String(issue?.path[0])])}: ${issue?.message}.`,
    "Correct it and start again.",
  );
}

/** `--set` brings text; the key's own type says how to read it. */
function readSetting(key: string, value: string | number | boolean): unknown {
  if (!Object.hasOwn(trainingSchema.shape, key)) {
    const known = Object.keys(trainingSchema.shape).join(", ");
    throw fault("usage.setting", `There is no setting called ${JSON.stringify(key)}.`, `Known settings: ${known}.`);
  }
  if (typeof value !== "string") return value;
  if (key === "target_modules") return value.split(",").map((part) => part.trim());
  if (value === "true" || value === "false") return value === "true";
  return value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
