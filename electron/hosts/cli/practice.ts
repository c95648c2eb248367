/** `thortime practice`: the campaign that ships with Thortime, through every real part. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import type { Input } from "../../core/api.ts";
import { fault } from "../../core/faults.ts";
import type { Context } from "./context.ts";
import { collectLimit, parseCount, startAndWatch } from "./run.ts";

const campaignSchema = z.object({
  name: z.string(),
  model: z.string(),
  train: z.string(),
  held_out: z.string(),
  prompts: z.string(),
  training: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  deploy: z.object({ quantize: z.enum(["auto", "q4_K_M", "q8_0", "f16"]) }),
});

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

export function practiceInput(root: string): Input<"run-start"> {
  const folder = join(root, "resources", "practice");
  try {
    const campaign = campaignSchema.parse(JSON.parse(readFileSync(join(folder, "campaign.json"), "utf8")));
    return {
      kind: "practice",
      name: campaign.name,
      deployAs: campaign.name,
      data: join(folder, campaign.train),
      heldOut: join(folder, campaign.held_out),
      model: join(folder, campaign.model),
      promptsFile: join(folder, campaign.prompts),
      settings: campaign.training,
      quantize: campaign.deploy.quantize,
    };
  } catch {
    throw fault("environment.project", "The practice campaign's files are not complete.", "Get a complete copy of Thortime.");
  }
}
