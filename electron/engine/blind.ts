/** What a person says of two answers without knowing whose they are, and what they put right. */
import type { Args, Replies } from "../core/api.ts";
import { blindPairs, pickOf } from "../core/blind.ts";
import { makeCorrection } from "../core/correction.ts";
import { fault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import type { Run } from "./run.ts";

/** Which side is the new one is decided here, so that whoever shows the pair need not know. */
export function pickBlind(run: Run, { prompt, against, choice }: Args<"blind-pick">): null {
  const pair = blindPairs(run.state, against).find((one) => one.prompt === prompt);
  if (!pair)
    throw fault("blind.no-pair", "There are no two answers to this question to compare.", "Look at the answers; those that are the same are left out.");
  run.append({ type: "blind-picked", prompt, against, pick: pickOf(pair, choice) });
  return null;
}

export function addCorrection(run: Run, { question, rejected, corrected }: Args<"correction-add">, { clock, home }: Ports): Replies["correction-add"] {
  const { system } = run.plan.format;
  home.appendCorrection(makeCorrection({ run: run.id, system, question, rejected, corrected, at: clock.now() }));
  return { path: home.correctionsPath };
}
