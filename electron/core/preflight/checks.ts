/** The night check: each line is ok, to be fixed, a warning, or unknown with its reason. Pure; its words are `check.ID.CASE` in the catalogues. */
import { calibrated } from "../calibration.ts";
import type { EventOf, Fault } from "../events.ts";
import type { RunPlan } from "../plan.ts";
import type { Conditions, Reading } from "../reading.ts";
import { because, type Why } from "../reason.ts";
import type { MemoryEstimate } from "./memory.ts";

export type Verdict = "ok" | "fix" | "warning" | "unknown";

export interface Check {
  readonly id: string;
  readonly verdict: Verdict;
  /** The case, for its words. */
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
  /** Of what is unknown. */
  readonly why?: Why;
  /** What Thortime can do about it when asked: a command of the api. */
  readonly fixable: "unload-ollama" | "sleep-display" | null;
}

export interface Baseline {
  readonly name: string;
  readonly kept: Reading<{ readonly current: boolean; readonly previous: boolean }>;
}

interface Loaded {
  readonly name: string;
  readonly memoryBytes: number;
}

export interface NightFacts {
  readonly mac: boolean;
  readonly conditions: Conditions;
  readonly freeBytes: number | null;
  /** What the run will write: checkpoints, merged model, GGUF. */
  readonly neededBytes: number | null;
  readonly totalMemoryBytes: number | null;
  /** The models in Ollama's memory, or that there is no Ollama that can be used. */
  readonly ollama: { readonly loaded: Reading<readonly Loaded[]> } | { readonly fault: Fault };
  readonly unloadAgreed: boolean;
  readonly sleepDisplayAgreed: boolean;
  readonly pythonFault: Fault | null;
  /** Kinds of things the data doctor found; null: there is no run to look at. */
  readonly dataFindings: Reading<number> | null;
  /** The Ollama model that a deploy will replace, and what stands under its name and beside it as `:prev`; null: no deploy. */
  readonly baseline: Baseline | null;
  readonly pendingUpdates: Reading<readonly string[]>;
  readonly plan: RunPlan | null;
  /** Optimizer steps of the plan; null before they are known. */
  readonly steps: number | null;
  readonly memory: MemoryEstimate | null;
  /** What this run, or the test before it, was measured to do best on this machine. */
  readonly calibration: { readonly run: string; readonly found: EventOf<"calibrated"> } | null;
  readonly pauseBelowPercent: number;
}

const PREFIX = "check.";
/** Left free beside what the run writes. */
const SPARE_BYTES = 5e9;
/** The system and what else runs keep this much of 16 GB: MLX's own recommended limit is about two thirds (docs/facts.md: 10.7 of 16 GB). */
const USABLE_SHARE = 0.67;
const WARM_CELSIUS = 60;
const OTHERS_SHARE = 0.5;

export function nightChecks(facts: NightFacts): readonly Check[] {
  return [
    power(facts),
    battery(facts),
    lid(facts),
    display(facts),
    lowPower(facts),
    disk(facts),
    memoryUsed(facts),
    memoryNeeded(facts),
    ollama(facts),
    update(facts),
    python(facts),
    data(facts),
    backup(facts),
    cooling(facts),
    ...calibration(facts),
    ...(facts.plan ? planChecks(facts.plan, facts.steps) : []),
  ];
}

export function summary(checks: readonly Check[]): { readonly fixes: number; readonly warnings: number; readonly unknown: number } {
  const count = (verdict: Verdict) => checks.filter((one) => one.verdict === verdict).length;
  return { fixes: count("fix"), warnings: count("warning"), unknown: count("unknown") };
}

function line(id: string, verdict: Verdict, word: string, values: Check["values"] = {}, fixable: Check["fixable"] = null): Check {
  return { id, verdict, key: `${PREFIX}${id}.${word}`, values, fixable };
}

function notKnown(id: string, why: Why): Check {
  return { id, verdict: "unknown", key: `${PREFIX}unknown`, values: {}, why, fixable: null };
}

/** A reading's own line, or that it is unknown and why. */
function known<T>(id: string, reading: Reading<T>, say: (value: T) => Check): Check {
  return "why" in reading ? notKnown(id, reading.why) : say(reading.value);
}

function power({ conditions }: NightFacts): Check {
  return known("power", conditions.onBattery, (onBattery) => (onBattery ? line("power", "fix", "battery") : line("power", "ok", "mains")));
}

function battery({ conditions, pauseBelowPercent }: NightFacts): Check {
  return known("battery", conditions.batteryPercent, (percent) => {
    const values = { percent: String(Math.round(percent)), limit: String(pauseBelowPercent) };
    return percent < pauseBelowPercent ? line("battery", "warning", "low", values) : line("battery", "ok", "enough", values);
  });
}

function lid({ conditions }: NightFacts): Check {
  return known("lid", conditions.lidClosed, (closed) => (closed ? line("lid", "fix", "closed") : line("lid", "ok", "open")));
}

/** A display that is on can end training (the display watchdog); it is put to sleep at the start only if that was agreed to. */
function display({ mac, sleepDisplayAgreed }: NightFacts): Check {
  if (!mac) return line("display", "ok", "none");
  return sleepDisplayAgreed ? line("display", "ok", "sleeps") : line("display", "warning", "on", {}, "sleep-display");
}

function lowPower({ conditions }: NightFacts): Check {
  return known("low-power", conditions.lowPowerMode, (on) => (on ? line("low-power", "fix", "on") : line("low-power", "ok", "off")));
}

function disk({ freeBytes, neededBytes }: NightFacts): Check {
  if (freeBytes === null) return notKnown("disk", [because("disk-unasked")]);
  const needed = (neededBytes ?? 0) + SPARE_BYTES;
  const values = { free: gigabytes(freeBytes), needed: gigabytes(needed) };
  return freeBytes < needed ? line("disk", "fix", "full", values) : line("disk", "ok", "free", values);
}

function memoryUsed({ conditions, totalMemoryBytes }: NightFacts): Check {
  return known("memory-used", conditions.memoryUsedBytes, (used) => {
    const level = conditions.memoryLevel.value;
    const values = { used: gigabytes(used) };
    const much = totalMemoryBytes !== null && used > totalMemoryBytes * OTHERS_SHARE;
    if (level === "critical" || level === "warning") return line("memory-used", "fix", "pressure", values);
    return much ? line("memory-used", "warning", "much", values) : line("memory-used", "ok", "little", values);
  });
}

function memoryNeeded({ memory, totalMemoryBytes }: NightFacts): Check {
  if (!memory || totalMemoryBytes === null) return notKnown("memory-needed", [because(memory ? "memory-size" : "model-unseen")]);
  const usable = totalMemoryBytes * USABLE_SHARE;
  const values = { needed: gigabytes(memory.peakBytes), usable: gigabytes(usable), total: gigabytes(totalMemoryBytes) };
  if (memory.peakBytes > usable) return line("memory-needed", "fix", "over", values);
  return memory.peakBytes > usable * 0.85 ? line("memory-needed", "warning", "tight", values) : line("memory-needed", "ok", "fits", values);
}

/** Training needs none; without it there is no GGUF in the morning and nothing to deploy. */
function ollama({ ollama: found, mac, unloadAgreed }: NightFacts): Check {
  if ("fault" in found) {
    const { kind, message, next } = found.fault;
    if (kind === "ollama.absent") return line("ollama", "warning", mac ? "absent-mac" : "absent");
    return line("ollama", "warning", "unusable", { kind, message, next });
  }
  return known("ollama", found.loaded, (models) => {
    const bytes = models.reduce((sum, model) => sum + model.memoryBytes, 0);
    if (bytes === 0) return line("ollama", "ok", "empty");
    const values = { names: models.map((model) => model.name).join(", "), held: gigabytes(bytes) };
    return unloadAgreed ? line("ollama", "ok", "let-go", values) : line("ollama", "fix", "loaded", values, "unload-ollama");
  });
}

function update({ pendingUpdates }: NightFacts): Check {
  return known("update", pendingUpdates, (titles) =>
    titles.length > 0 ? line("update", "warning", "waiting", { names: titles.join(", ") }) : line("update", "ok", "none"),
  );
}

function python({ pythonFault }: NightFacts): Check {
  return pythonFault ? line("python", "fix", "missing", { ...pythonFault }) : line("python", "ok", "ready");
}

function data({ dataFindings }: NightFacts): Check {
  if (dataFindings === null) return line("data", "unknown", "unseen");
  return known("data", dataFindings, (count) => (count > 0 ? line("data", "warning", "findings", { count: String(count) }) : line("data", "ok", "clean")));
}

function backup({ baseline }: NightFacts): Check {
  if (!baseline) return line("backup", "ok", "none");
  const { name } = baseline;
  return known("backup", baseline.kept, ({ current, previous }) => line("backup", "ok", current ? (previous ? "both" : "kept") : "new", { name }));
}

function cooling({ conditions }: NightFacts): Check {
  const level = conditions.thermalLevel.value;
  if (level !== null && level !== "nominal") return line("cooling", "warning", "throttled");
  return known("cooling", conditions.temperature, (celsius) => {
    const values = { celsius: String(Math.round(celsius)) };
    return celsius > WARM_CELSIUS ? line("cooling", "warning", "warm", values) : line("cooling", "ok", "cool", values);
  });
}

function calibration({ calibration: measured }: NightFacts): readonly Check[] {
  if (!measured) return [];
  const { long, short, times } = calibrated(measured.found);
  const figures = {
    rowsLong: long[0],
    longest: long[1],
    rows: short[0],
    typical: short[1],
    times: (times ?? 1).toFixed(1),
    size: gigabytes(measured.found.peakBytes),
  };
  const values = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, String(value)]));
  return [line("calibration", "ok", times === null ? "fits" : times === 1 ? "alike" : "faster", { run: measured.run, ...values })];
}

/** Values of the plan that work against the user. */
function planChecks({ training, model }: RunPlan, steps: number | null): readonly Check[] {
  const { warmup_steps: warmup, save_steps: save, micro_batch_size: size, max_seq_length: length } = training;
  const found: Check[] = [];
  if (steps !== null && warmup >= steps) found.push(line("plan-warmup", "fix", "never", { warmup: String(warmup), steps: String(steps) }));
  else if (steps !== null && warmup > steps / 4) found.push(line("plan-warmup", "warning", "long", { warmup: String(warmup), steps: String(steps) }));
  if (steps !== null && save > steps) found.push(line("plan-checkpoint", "warning", "never", { save: String(save), steps: String(steps) }));
  if (!training.calibrate && training.micro_batch_tokens === null && size * length > 4096)
    found.push(
      line("plan-batch", "warning", "large", { size: String(size), length: String(length), steps: String(size * training.gradient_accumulation_steps) }),
    );
  if (/gemma-2-\d+b/i.test(model.source) && !/-it\b/i.test(model.source)) found.push(line("plan-base", "warning", "base", { model: model.source }));
  return found;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
