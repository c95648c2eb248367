/** How long a run, or a phase of it, took. Somebody may have set the clock meanwhile: the time of day is asked only about what began before this engine did. */
import type { Phase } from "../core/events.ts";
import type { Clock } from "../core/ports.ts";
import type { Run } from "./run.ts";

export function runSeconds(run: Run, clock: Clock): number {
  return secondsSince(run.begunMono, run.state.createdAt, clock);
}

export function phaseSeconds(run: Run, phase: Phase, clock: Clock): number {
  const mono = run.phaseMono?.phase === phase ? run.phaseMono.mono : null;
  return secondsSince(mono, run.state.phases[phase].startedAt ?? clock.now(), clock);
}

function secondsSince(mono: number | null, at: number, clock: Clock): number {
  return Math.max(0, mono === null ? (clock.now() - at) / 1000 : clock.mono() - mono);
}
