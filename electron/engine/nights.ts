/** What a person says about a run's nights. */
import type { Args, Replies } from "../core/api.ts";
import { isEarly } from "../core/evening/schedule.ts";
import { nightAt } from "../core/evening/window.ts";
import { fault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import { currentPhase } from "../core/selectors.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

/** Set, or continued in the next night: what it was paused for is over then. */
export function setSchedule(run: Run, asked: Args<"schedule-set">, ports: Ports, runs: Runs): Replies["schedule-set"] {
  // What is done before a window anyway is no reason to wait.
  if (run.state.process && !isEarly(currentPhase(run.state)))
    throw fault("run.busy", `${run.plan.name} is working now.`, `Pause it first with: thortime pause ${run.id}; it then goes on in its window.`);
  const before = runs.scheduleOf(run)?.window ?? settingsOf(ports).window;
  const window = { from: asked.from ?? before.from, to: asked.to ?? before.to };
  runs.note({ type: "schedule-set", run: run.id, ...window });
  if (run.state.asked.pause) run.append({ type: "asked", command: "resume" });
  return nightAt(ports.clock.now(), window, ports.person.offsetMinutes);
}

export function clearSchedule(run: Run, runs: Runs): null {
  required(run, runs);
  runs.note({ type: "schedule-cleared", run: run.id });
  return null;
}

/** Tonight is the night under way or, in the day, the one to come. */
export function skipTonight(run: Run, ports: Ports, runs: Runs): Replies["schedule-skip"] {
  const schedule = required(run, runs);
  if (schedule.started && !schedule.ended)
    throw fault("run.night-begun", `${run.plan.name} has begun its night already.`, `Pause it with: thortime pause ${run.id}.`);
  const { night } = nightAt(ports.clock.now(), schedule.window, ports.person.offsetMinutes);
  runs.note({ type: "night-skipped", run: run.id, night });
  return { night };
}

function required(run: Run, runs: Runs) {
  const schedule = runs.scheduleOf(run);
  if (!schedule) throw fault("run.no-schedule", `${run.plan.name} has no schedule.`, `Give it one with: thortime schedule ${run.id}.`);
  return schedule;
}
