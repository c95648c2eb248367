/** `thortime practice`: the campaign that ships with Thortime, through every real part. */
import type { Command } from "commander";
import { practiceInput } from "../practice-input.ts";
import type { Context } from "./context.ts";
import { collectLimit, parseCount, startAndWatch } from "./run.ts";

interface PracticeFlags {
  readonly deploy: boolean;
  readonly steps?: number;
  readonly limit: Readonly<Record<string, string>>;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addPractice(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("practice")
    .description("run the practice campaign that ships with Thortime (about three minutes)")
    .option("--no-deploy", "stop after the export: no model's name in Ollama changes")
    .option("--steps <n>", "stop after this many optimizer steps", parseCount)
    .option("--limit <key=value>", "change what the verdict asks for (null leaves it out); may be given again", collectLimit, {})
    .option("--detach", "start the run and return at once")
    .option("--json", "print nothing but one JSON document at the end")
    .action(async (flags: PracticeFlags) => {
      const input = { ...practiceInput(context.place.root), deploy: flags.deploy, steps: flags.steps ?? null, limits: flags.limit };
      finish(await startAndWatch(context, input, flags));
    });
}
