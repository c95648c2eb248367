/** From what a person asked for to a frozen plan; pure, so that the same asking makes the same plan. */
import type { Args } from "./api.ts";
import { fault } from "./faults.ts";
import { parseName, runId } from "./names.ts";
import { FULL, GEMMA2, type Prompt, QUICK, type RunPlan, SAMPLING, type Training, trainingSchema } from "./plan.ts";
import type { Clock, Machine } from "./ports.ts";
import { earlyPrompts } from "./prompts.ts";
import { LIMIT_KEYS, LIMITS, type Limits, limitsSchema } from "./verdict/limits.ts";

/** The quick test's sample when nothing else is said. */
export const QUICK_ROWS = 1000;
/** Greedy answers are cut here: the prompts that ship ask for three sentences at most. */
export const ANSWER_TOKENS = 256;
/** Each persona prompt again, with sampling. */
const PERSONA_REPEATS = 3;
/** Held-out questions asked before and after. */
const KNOWLEDGE_QUESTIONS = 20;

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
    from: null,
    kind: asked.kind,
    createdAt,
    data: { train: asked.data, heldOut: asked.heldOut, heldOutShare: 0.1, rows: asked.rows ?? (quick ? QUICK_ROWS : null), skipBadRows: asked.skipBadRows },
    model: { source: asked.model, local: context.localModel },
    format: { ...GEMMA2, system: asked.system },
    training: makeTraining(asked, context.machine),
    answers: {
      prompts: [...context.prompts],
      maxTokens: ANSWER_TOKENS,
      personaRepeats: context.prompts.some(({ persona }) => persona) ? PERSONA_REPEATS : 0,
      // Where nothing is asked, nothing of this is either: the answer verb has no turn.
      knowledge: context.prompts.length > 0 ? KNOWLEDGE_QUESTIONS : 0,
      early: earlyPrompts(context.prompts),
    },
    baseline: asked.baseline,
    deploy: { enabled: asked.deploy, as: parseName(asked.deployAs ?? asked.name), quantize: asked.quantize, parameters: SAMPLING },
    limits: changeLimits(LIMITS[asked.kind], asked.limits),
    next: null,
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
  const training = changeTraining({ ...preset, ...local }, asked.settings);
  return asked.steps === null ? training : { ...training, max_steps: asked.steps };
}

/** How the rows of a step are cut: who says one of these wants it so, and nothing is measured to choose otherwise. */
const BATCHING = ["micro_batch_tokens", "micro_batch_size", "gradient_checkpointing"] as const;

/** Values as a person writes them, over those that stand. Throws `usage.setting`. */
export function changeTraining(before: Training, settings: Args<"run-start">["settings"]): Training {
  const changed = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, readSetting(key, value)]));
  const calibrate = before.calibrate && !BATCHING.some((key) => key in changed);
  const parsed = trainingSchema.safeParse({ ...before, calibrate, ...changed });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fault(
    "usage.setting",
    `The setting ${issue?.path.join(".")} cannot be ${JSON.stringify(settings[String(issue?.path[0])])}: ${issue?.message}.`,
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
  return readWord(value);
}

/** Those that stand, with those changed that were named; null, or the word, leaves one out. Throws `usage.limit`. */
export function changeLimits(before: Limits, limits: Args<"run-start">["limits"]): Limits {
  const changed = Object.fromEntries(Object.entries(limits).map(([key, value]) => [key, readLimit(key, value)]));
  const parsed = limitsSchema.safeParse({ ...before, ...changed });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue?.path[0]);
  throw fault("usage.limit", `The limit ${key} cannot be ${JSON.stringify(limits[key])}: ${issue?.message}.`, "Correct it and start again.");
}

function readLimit(key: string, value: string | number | boolean | null): unknown {
  if (!LIMIT_KEYS.some((known) => known === key))
    throw fault("usage.limit", `There is no limit called ${JSON.stringify(key)}.`, `Known limits: ${LIMIT_KEYS.join(", ")}.`);
  const read = typeof value === "string" ? readWord(value) : value;
  return read === null && key === "heldOut" ? false : read;
}

function readWord(text: string): unknown {
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
