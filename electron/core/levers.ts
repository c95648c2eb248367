/** What a verdict proposes to try next, each as a pure change of a plan. Every one is bounded: past its bound it is refused, and the reason said. */
import { assertNever, fault } from "./faults.ts";
import type { RunPlan, Training } from "./plan.ts";
import type { Judgement, Lever } from "./verdict/judgement.ts";

export interface Pull {
  readonly lever: Lever;
  /** How far, or which: epochs, rank, rate, a file, a model. Null: as far as the lever goes by itself. */
  readonly value: string | null;
}

/** What a lever cannot do without: a file with more rows, another model. */
export const LEVER_NEEDS: Readonly<Record<Lever, "nothing" | "file" | "model">> = {
  "gentler-rate": "nothing",
  "higher-rate": "nothing",
  "fewer-epochs": "nothing",
  "more-epochs": "nothing",
  "higher-rank": "nothing",
  "smaller-micro-batch": "nothing",
  "more-data": "file",
  "other-base": "model",
};

const GENTLER = 0.4;
const HIGHER = 2;
/** Adam's rates that teach anything at all, and the highest that any base has been seen to survive with LoRA (docs/log.md: 0.02 on the practice model). */
const RATES = { least: 1e-7, most: 0.05 };
const EPOCHS = { usual: 5, further: 2, least: 0.5, most: 20 };
const RANKS = { usual: 32, most: 128 };

/** The first lever the verdict names that goes by itself; null where it names none. */
export function suggestedLever(judged: Pick<Judgement, "levers" | "decision"> | null): Lever | null {
  if (!judged || judged.decision === "go") return null;
  return judged.levers.find((lever) => LEVER_NEEDS[lever] === "nothing") ?? null;
}

/** `plan` with the lever pulled; everything else stays. Throws `usage.lever` where it cannot go further, or says too little. */
export function pullLever(plan: RunPlan, { lever, value }: Pull): RunPlan {
  if (lever === "other-base") return otherBase(plan, value);
  if (lever === "more-data") return moreData(plan, value);
  return { ...plan, training: pullTraining(plan.training, lever, value) };
}

export function pullTraining(training: Training, lever: Exclude<Lever, "other-base" | "more-data">, value: string | null): Training {
  switch (lever) {
    case "gentler-rate":
      return withRate(training, lever, value, GENTLER);
    case "higher-rate":
      return withRate(training, lever, value, HIGHER);
    case "fewer-epochs":
      return withEpochs(training, lever, value, Math.ceil(training.num_train_epochs / 2 - 1e-9));
    case "more-epochs":
      return withEpochs(training, lever, value, Math.max(EPOCHS.usual, training.num_train_epochs + EPOCHS.further));
    case "higher-rank":
      return withRank(training, value);
    case "smaller-micro-batch":
      return smallerMicroBatch(training, value);
    default:
      return assertNever(lever);
  }
}

function withRate(training: Training, lever: "gentler-rate" | "higher-rate", value: string | null, factor: number): Training {
  const before = training.learning_rate;
  // 5e-5 × 0.4 is 2.0000000000000002e-5 in binary: what stands in the plan is what a person reads.
  const rate = value === null ? Number((before * factor).toPrecision(6)) : numberOf(lever, value);
  if (rate < RATES.least || rate > RATES.most) throw tooFar(lever, `A learning rate of ${rate} is not between ${RATES.least} and ${RATES.most}.`);
  if (lever === "gentler-rate" && rate >= before) throw tooFar(lever, `A learning rate of ${rate} is not gentler than ${before}.`);
  if (lever === "higher-rate" && rate <= before) throw tooFar(lever, `A learning rate of ${rate} is not higher than ${before}.`);
  return { ...training, learning_rate: rate };
}

/** A plan that counts steps makes as many more or fewer of them as of epochs. */
function withEpochs(training: Training, lever: "fewer-epochs" | "more-epochs", value: string | null, usual: number): Training {
  const before = training.num_train_epochs;
  const halved = lever === "fewer-epochs" && usual >= before ? before / 2 : usual;
  const epochs = value === null ? Math.min(halved, EPOCHS.most) : numberOf(lever, value);
  if (epochs < EPOCHS.least || epochs > EPOCHS.most) throw tooFar(lever, `${epochs} epochs are not between ${EPOCHS.least} and ${EPOCHS.most}.`);
  if (lever === "fewer-epochs" && epochs >= before) throw tooFar(lever, `${epochs} epochs are not fewer than ${before}.`);
  if (lever === "more-epochs" && epochs <= before) throw tooFar(lever, `${epochs} epochs are not more than ${before}.`);
  const max_steps = training.max_steps > 0 ? Math.max(1, Math.round((training.max_steps * epochs) / before)) : training.max_steps;
  return { ...training, num_train_epochs: epochs, max_steps };
}

/** Alpha goes with the rank: what the adapter adds keeps its weight (scale = alpha ÷ rank). */
function withRank(training: Training, value: string | null): Training {
  const before = training.lora_r;
  const rank = value === null ? Math.max(RANKS.usual, 2 * before) : numberOf("higher-rank", value);
  if (!Number.isInteger(rank) || rank <= before || rank > RANKS.most)
    throw tooFar("higher-rank", `A rank of ${rank} is not a whole number above ${before} and at most ${RANKS.most}.`);
  return { ...training, lora_r: rank, lora_alpha: (training.lora_alpha * rank) / before };
}

/** The same rows in each step: what a micro-batch loses, accumulation gains. */
function smallerMicroBatch(training: Training, value: string | null): Training {
  const { micro_batch_size: rows, gradient_accumulation_steps: times, micro_batch_tokens: tokens, max_seq_length } = training;
  // One that is measured takes what fits by itself; whoever wants less of it says how much.
  if (training.calibrate) {
    const budget = value === null ? max_seq_length : numberOf("smaller-micro-batch", value);
    if (!Number.isInteger(budget) || budget < max_seq_length)
      throw tooFar("smaller-micro-batch", `A micro-batch cannot have ${budget} tokens: its longest row may have ${max_seq_length}.`);
    return { ...training, calibrate: false, micro_batch_tokens: budget };
  }
  if (tokens !== null) {
    const fewer = value === null ? Math.max(max_seq_length, Math.floor(tokens / 2)) : numberOf("smaller-micro-batch", value);
    if (!Number.isInteger(fewer) || fewer >= tokens || fewer < max_seq_length)
      throw tooFar("smaller-micro-batch", `A micro-batch of ${tokens} tokens cannot become one of ${fewer}: its longest row may have ${max_seq_length}.`);
    return { ...training, micro_batch_tokens: fewer };
  }
  const fewer = value === null ? Math.floor(rows / 2) : numberOf("smaller-micro-batch", value);
  if (!Number.isInteger(fewer) || fewer < 1 || fewer >= rows || (rows * times) % fewer !== 0)
    throw tooFar("smaller-micro-batch", `Micro-batches of ${rows} rows cannot become ones of ${fewer} with the same rows in each step.`);
  return { ...training, micro_batch_size: fewer, gradient_accumulation_steps: (rows * times) / fewer };
}

/** A sample grows to twice its rows by itself; beyond all rows there is only another file. */
function moreData(plan: RunPlan, value: string | null): RunPlan {
  if (value !== null) return { ...plan, data: { ...plan.data, train: value } };
  if (plan.data.rows === null) throw fault("usage.lever", "The lever more-data needs the file with more rows.", "Write it as more-data=FILE.");
  return { ...plan, data: { ...plan.data, rows: plan.data.rows * 2 } };
}

function otherBase(plan: RunPlan, value: string | null): RunPlan {
  if (value === null || value.trim() === "")
    throw fault("usage.lever", "The lever other-base needs a model's folder or its Hugging Face id.", "Write it as other-base=MODEL.");
  return { ...plan, model: { ...plan.model, source: value } };
}

function numberOf(lever: Lever, value: string): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw fault(
    "usage.lever",
    `The lever ${lever} cannot take ${JSON.stringify(value.slice(0, 40))}, which is no number.`,
    `Write it as ${lever}=NUMBER, or alone.`,
  );
}

function tooFar(lever: Lever, message: string): Error {
  return fault("usage.lever", message, `Give ${lever} another value, or choose another lever.`);
}
