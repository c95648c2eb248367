/** Leaving: with a living run its person is asked; without one it just ends. */
import type { Api } from "../../core/api.ts";
import { fault } from "../../core/faults.ts";
import type { HomeState } from "../../core/home.ts";
import { statusOf } from "../../core/selectors.ts";
import { ask, type Speech } from "./dialogs.ts";
import { livingRuns, seen } from "./follow-focus.ts";

export type Leave = "quit" | "keep" | "stay";

/** A trainer seals at the next micro-batch; the slowest of these and its seal take well under this. */
const STOP_LIMIT_MS = 180_000;
const CHOICES = ["keep", "stop", "stay"] as const;

/** `keep`: out of the way, in the menu bar. Throws a fault where a run did not stop; then nothing ends. */
export async function askToLeave(api: Api, home: HomeState, speech: Speech): Promise<Leave> {
  const living = await livingRuns(api, home);
  if (living.length === 0) return "quit";
  const buttons = [speech.say("bar.quit-keep"), speech.say("bar.quit-stop"), speech.say("bar.cancel")];
  const chosen = CHOICES[await ask({ message: speech.say("bar.quit-ask"), detail: speech.say("bar.quit-detail"), buttons, cancel: 2 })] ?? "stay";
  if (chosen !== "stop") return chosen;
  for (const run of living) await api.call("run-stop", { run });
  for (const run of living)
    if (!(await hasStopped(api, run))) throw fault("run.still-stopping", speech.say("bar.quit-waited"), speech.say("bar.quit-waited-next"));
  return "quit";
}

async function hasStopped(api: Api, run: string): Promise<boolean> {
  const ended = await seen(api, run, STOP_LIMIT_MS, (state) => (["stopped", "finished"].includes(statusOf(state)) ? { value: true } : null));
  return ended === true;
}
