/** `thortime run`: starts a run on the engine and shows it. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Input } from "../../core/api.ts";
import { fault } from "../../core/faults.ts";
import { LIMIT_KEYS } from "../../core/verdict/limits.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { prepareEnvironment } from "./setup.ts";
import { watchToEnd } from "./watch.ts";

interface RunFlags {
  readonly data: string;
  readonly heldOut?: string;
  readonly model: string;
  readonly name: string;
  readonly preset: "quick" | "full";
  readonly rows?: number;
  readonly steps?: number;
  readonly set: Readonly<Record<string, string>>;
  readonly limit: Readonly<Record<string, string>>;
  readonly system: string;
  readonly prompts?: string;
  readonly baseline?: string;
  readonly persona?: string;
  readonly skipBadRows?: boolean;
  readonly deploy: boolean;
  readonly as?: string;
  readonly tonight?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addRun(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("run")
    .description("train on your own rows, compare, and put the result into Ollama")
    .requiredOption("--data <file>", "JSONL file with the rows to train on")
    .option("--held-out <file>", "JSONL file that is never trained on; without it a tenth of the rows is kept back")
    .requiredOption("--model <path-or-id>", "folder of a base model, or a Hugging Face id")
    .requiredOption("--name <name>", "name of the run and of the model in Ollama")
    .option("--preset <preset>", "quick (1,000 rows, one epoch) or full", parsePreset, "full")
    .option("--rows <n>", "use a seeded sample of this many rows", parseCount)
    .option("--steps <n>", "stop after this many optimizer steps", parseCount)
    .option("--set <key=value>", "change one training value; may be given again", collectSetting, {})
    .option("--limit <key=value>", "change what the verdict asks for (null leaves it out); may be given again", collectLimit, {})
    .option("--system <text>", "system prompt of training and of the deployed model", "")
    .option("--prompts <file>", "JSON file with the prompts to answer before and after")
    .option("--baseline <model>", "Ollama model in daily use: it is asked the same prompts, for comparison")
    .option("--persona <name>", 'what the model is to call itself; without it what --system or --name says ("" for nothing)')
    .option("--skip-bad-rows", "leave rows that cannot be used out, and count them, instead of refusing the file")
    .option("--no-deploy", "stop after the export: no model's name in Ollama changes")
    .option("--as <name>", "name in Ollama, if it is to be another than --name")
    .option("--tonight", "work only in the window of the settings (22:00–06:00), from the next one on")
    .option("--detach", "start the run and return at once")
    .option("--json", "print nothing but one JSON document at the end")
    .action(async (flags: RunFlags) => finish(await startAndWatch(context, toInput(flags), flags)));
}

export async function startAndWatch(
  context: Context,
  input: Input<"run-start">,
  flags: { readonly detach?: boolean; readonly json?: boolean },
): Promise<number> {
  await prepareEnvironment(context);
  const api = await context.engine();
  try {
    const { run } = await api.call("run-start", input);
    return await watchStarted(api, context, run, flags);
  } finally {
    api.close();
  }
}

/** To its end, or, detached, only told of. */
export async function watchStarted(
  api: SteadyApi,
  context: Context,
  run: string,
  flags: { readonly detach?: boolean; readonly json?: boolean },
): Promise<number> {
  if (!flags.detach) return await watchToEnd(api, context, { run, json: flags.json ?? false });
  if (flags.json) context.printJson({ run });
  else context.print(`Started ${run}. See it with: thortime status --follow ${run}`);
  return 0;
}

function toInput(flags: RunFlags): Input<"run-start"> {
  return {
    name: flags.name,
    data: resolve(flags.data),
    heldOut: flags.heldOut === undefined ? null : resolve(flags.heldOut),
    model: resolveModel(flags.model),
    kind: flags.preset,
    rows: flags.rows ?? null,
    tonight: flags.tonight ?? false,
    steps: flags.steps ?? null,
    settings: flags.set,
    limits: flags.limit,
    system: flags.system,
    skipBadRows: flags.skipBadRows ?? false,
    deploy: flags.deploy,
    deployAs: flags.as ?? null,
    promptsFile: flags.prompts === undefined ? null : resolve(flags.prompts),
    baseline: flags.baseline ?? null,
    persona: flags.persona ?? null,
  };
}

/** `owner/name` is an id of the hub unless a folder of that name lies here; everything else is a path. */
export function resolveModel(text: string): string {
  const looksLikeId = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
  return looksLikeId && !existsSync(text) ? text : resolve(text);
}

function parsePreset(text: string): string {
  if (text === "quick" || text === "full") return text;
  throw new InvalidArgumentError("It is quick or full.");
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It has to be a whole number above 0.");
}

export function collectSetting(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, key, value] = /^([a-z0-9_]{1,40})=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw fault("usage.setting", `${JSON.stringify(text.slice(0, 80))} is not a setting.`, "Write it as key=value, for example --set learning_rate=3e-4.");
  return { ...before, [key]: value };
}

export function collectLimit(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, key, value] = /^([A-Za-z]{1,40})=(.{1,40})$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw fault("usage.limit", `${JSON.stringify(text.slice(0, 80))} is not a limit.`, `Write it as key=value; known limits: ${LIMIT_KEYS.join(", ")}.`);
  return { ...before, [key]: value };
}
