/** Where a plan comes from that nobody wrote from the beginning: the run it was made of, and why. */
import { z } from "zod";
import { decisionSchema, leverSchema } from "./verdict/judgement.ts";

export const originSchema = z.object({
  run: z.string(),
  /** `again`: a person tries once more. `gate`: the phase of its campaign that follows that run. */
  why: z.enum(["again", "gate"]),
  /** What was changed for it; null: nothing that has a name. */
  lever: leverSchema.nullable(),
  /** What that run's gate had said; other than "go" a person let it through. Null where it had said nothing. */
  verdict: decisionSchema.nullable(),
});
export type Origin = z.infer<typeof originSchema>;
