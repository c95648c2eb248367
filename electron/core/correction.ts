/** A bad answer that a person put right: a row for the next data set, in the `messages` form that the trainer reads. */
import { z } from "zod";

export const correctionSchema = z.object({
  messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })).min(2),
  category: z.string(),
  /** Not trained on: where it came from. */
  run: z.string(),
  rejected: z.string(),
  at: z.number().int(),
});
export type Correction = z.infer<typeof correctionSchema>;

export interface Corrected {
  readonly run: string;
  readonly system: string;
  readonly question: string;
  readonly rejected: string;
  readonly corrected: string;
  readonly at: number;
}

export function makeCorrection({ run, system, question, rejected, corrected, at }: Corrected): Correction {
  const said = system === "" ? [] : [{ role: "system" as const, content: system }];
  const messages = [...said, { role: "user" as const, content: question }, { role: "assistant" as const, content: corrected }];
  return { messages, category: "correction", run, rejected, at };
}
