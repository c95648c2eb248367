/** `thortime again`: a new run from an old one's plan, with what its verdict proposes already set. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Input } from "../../core/api.ts";
import { fault } from "../../core/faults.ts";
import { LEVER_NEEDS } from "../../core/levers.ts";
import { type Lever, leverSchema } from "../../core/verdict/judgement.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { collectLimit, collectSetting, resolveModel, watchStarted } from "./run.ts";
import { prepareEnvironment } from "./setup.ts";

interface AgainFlags {
  readonly lever?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly limit: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly tonight?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addAgain(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("again <run>")
    .description("start a new run from an old one's plan, with what its verdict proposes already set")
    .option("--lever <name[=value]>", `what to change: ${leverSchema.options.join(", ")}, or none; without it the verdict's first proposal`)
    .option("--set <key=value>", "change one training value; may be given again", collectSetting, {})
    .option("--limit <key=value>", "change what the verdict asks for (null leaves it out); may be given again", collectLimit, {})
    .option("--name <name>", "another name for the run and for its model in Ollama")
    .option("--tonight", "work only in the window of the settings (22:00–06:00), from the next one on")
    .option("--detach", "start the run and return at once")
    .option("--json", "print nothing but one JSON document at the end")
    .action(async (said: string, flags: AgainFlags) => {
      await prepareEnvironment(context);
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const { run, lever } = await api.call("run-again", { run: id, ...toInput(flags) });
        context.note(lever === null ? "As before, with what you set." : `With: ${lever}.`);
        finish(await watchStarted(api, context, run, flags));
      } finally {
        api.close();
      }
    });
}

function toInput(flags: AgainFlags): Omit<Input<"run-again">, "run"> {
  const said = { settings: flags.set, limits: flags.limit, name: flags.name ?? null, tonight: flags.tonight ?? false };
  // Who sets values has chosen; a lever beside them would be a second change nobody asked for.
  if (flags.lever === undefined) return { ...said, lever: Object.keys(flags.set).length > 0 ? "none" : "suggested" };
  const [, name = "", value] = /^([a-z-]+)(?:=(.+))?$/s.exec(flags.lever) ?? [];
  if (name === "none" && value === undefined) return { ...said, lever: "none" };
  const lever = leverSchema.safeParse(name);
  if (!lever.success)
    throw fault("usage.lever", `There is no lever called ${JSON.stringify(flags.lever.slice(0, 40))}.`, `Levers: ${leverSchema.options.join(", ")}.`);
  return { ...said, lever: lever.data, value: value === undefined ? null : resolveValue(lever.data, value) };
}

/** The engine runs elsewhere: what is named from this folder has to reach it as a whole path. */
function resolveValue(lever: Lever, value: string): string {
  if (LEVER_NEEDS[lever] === "model") return resolveModel(value);
  return LEVER_NEEDS[lever] === "file" && (existsSync(value) || Number.isNaN(Number(value))) ? resolve(value) : value;
}
