/** The practice campaign that ships with Thortime, as a run is asked for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Input } from "../core/api.ts";
import { fault } from "../core/faults.ts";

const campaignSchema = z.object({
  name: z.string(),
  model: z.string(),
  train: z.string(),
  held_out: z.string(),
  prompts: z.string(),
  training: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  deploy: z.object({ quantize: z.enum(["auto", "q4_K_M", "q8_0", "f16"]) }),
});

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
