/** The night check: gathers what core's rules look at. Each source may fail by itself, and is then unknown. */
import type { Preflight } from "../core/api.ts";
import { expectedPaddedTokens } from "../core/calibration.ts";
import { afterTraining } from "../core/eta.ts";
import { evaluationsOf } from "../core/evening/cut.ts";
import { cutFlags, estimateSpeed, fitTo, measuredSpeed, type Speed, type Workload } from "../core/evening/fit.ts";
import { isOpen, nightAt, wakeFor } from "../core/evening/window.ts";
import { toFault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import { type Baseline, type NightFacts, nightChecks } from "../core/preflight/checks.ts";
import { estimateMemory, GEMMA2_2B, type MemoryEstimate } from "../core/preflight/memory.ts";
import { type Reading, unknown } from "../core/reading.ts";
import { becauseOf } from "../core/reason.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

/** A run of the same model with fewer steps says little about the speed. */
const STEPS_FOR_SPEED = 20;
/** Checkpoints kept, merged 16-bit model, its copy in Ollama before quantisation, and the quantised one twice. */
const FILES_PER_PARAMETER_BYTES = 2 + 2 + 0.6 + 0.6;

export async function preflight(run: Run | null, ports: Ports, runs: Runs): Promise<Preflight> {
  const settings = settingsOf(ports);
  const now = ports.clock.now();
  const night = nightAt(now, (run && runs.scheduleOf(run)?.window) ?? settings.window, ports.person.offsetMinutes);
  const conditions = await ports.sensors.read();
  const memory = memoryOf(run);
  const checks = nightChecks({
    mac: ports.machine.metal,
    conditions,
    freeBytes: await ports.freeBytes(ports.home.path).catch(() => null),
    neededBytes: run ? parametersOf(run) * FILES_PER_PARAMETER_BYTES : null,
    totalMemoryBytes: conditions.memoryTotalBytes?.value ?? null,
    ollama: await ollamaOf(ports),
    unloadAgreed: settings.unloadOllama,
    sleepDisplayAgreed: settings.sleepDisplay,
    pythonFault: ports.pythonFault(),
    dataFindings: run ? await findingsOf(run, ports) : null,
    baseline: run ? await baselineOf(run, ports) : null,
    pendingUpdates: await ports.system.pendingUpdates(),
    plan: run?.plan ?? null,
    steps: run && run.state.totalSteps > 0 ? run.state.totalSteps : null,
    memory,
    calibration: run && calibrationOf(run, runs),
    pauseBelowPercent: settings.pauseBelowPercent,
  });
  const seconds = (night.closesAt - (isOpen(night, now) ? now : night.opensAt)) / 1000;
  const wake = ports.machine.metal ? wakeFor(night, ports.person.offsetMinutes) : null;
  return { checks, memory, fit: run ? fitOf(run, seconds, runs) : null, night, wake };
}

/** Ollama answers what it is answering, then frees the memory. What cannot be let go is no reason not to begin. */
export async function unloadIdle({ ollama, report }: Ports): Promise<void> {
  try {
    for (const { name } of await ollama.loaded()) await ollama.unload(name);
  } catch (error) {
    report(error);
  }
}

/** Gemma-2's shape is known; of another model only what was loaded is. */
function memoryOf(run: Run | null): MemoryEstimate | null {
  return run && isGemma2of2B(run) ? estimateMemory(GEMMA2_2B, run.plan.training) : null;
}

function isGemma2of2B({ plan }: Run): boolean {
  return /gemma-2-2b/i.test(plan.model.source);
}

function parametersOf(run: Run): number {
  return run.state.loaded?.parameters ?? (isGemma2of2B(run) ? GEMMA2_2B.parameters : 0);
}

/** The doctor reads the whole files again: they may have been changed since the run was made. */
async function findingsOf({ plan }: Run, { inspector, clock }: Ports): Promise<Reading<number>> {
  try {
    const value = await inspector.findings({ data: plan.data.train, heldOut: plan.data.heldOut });
    return { value, source: "inspect", at: clock.mono() };
  } catch (error) {
    return unknown([becauseOf(toFault(error))]);
  }
}

/** Asked first whether it is there at all: an Ollama that does not run holds no model either. */
async function ollamaOf({ ollama, clock }: Ports): Promise<NightFacts["ollama"]> {
  const found = await ollama.available();
  if ("fault" in found) return found;
  try {
    return { loaded: { value: await ollama.loaded(), source: "ollama", at: clock.mono() } };
  } catch (error) {
    return { loaded: unknown([becauseOf(toFault(error))]) };
  }
}

async function baselineOf({ plan }: Run, { ollama, clock }: Ports): Promise<Baseline | null> {
  if (!plan.deploy.enabled) return null;
  const name = plan.deploy.as;
  const at = clock.mono();
  try {
    const [current, previous] = [await ollama.digestOf(`${name}:latest`), await ollama.digestOf(`${name}:prev`)];
    return { name, kept: { value: { current: current !== null, previous: previous !== null }, source: "ollama", at } };
  } catch (error) {
    return { name, kept: unknown([becauseOf(toFault(error))]) };
  }
}

function fitOf(run: Run, seconds: number, runs: Runs): Preflight["fit"] {
  const { prepared } = run.state;
  const speed = speedOf(run, runs);
  if (!prepared || !speed || prepared.stepsPerEpoch === 0) return null;
  const work: Workload = {
    rows: prepared.rows,
    epochs: prepared.steps / prepared.stepsPerEpoch,
    tokensPerEpoch: expectedPaddedTokens(run.state, run.plan.training.calibrate, before(run, runs)?.state ?? null),
    tokensPerEvaluation: (prepared.tokens / Math.max(1, prepared.rows)) * prepared.heldOutRows,
    evaluations: evaluationsOf(run.plan, prepared),
    besides: afterTraining(run.state),
  };
  const fit = fitTo(seconds, work, speed);
  return { ...fit, seconds, speed, flags: cutFlags(fit.cuts, work, prepared.stepsPerEpoch) };
}

/** Its own, or of the test that it follows. */
function calibrationOf(run: Run, runs: Runs): NightFacts["calibration"] {
  const measured = [run, before(run, runs)].find((one) => one?.state.calibration);
  return measured?.state.calibration ? { run: measured.plan.name, found: measured.state.calibration } : null;
}

/** Null where it is not here any more. */
function before({ plan: { from } }: Run, runs: Runs): Run | null {
  try {
    return from && runs.get(from.run);
  } catch {
    return null;
  }
}

/** Measured on this machine with the same model, this run's own steps first; else by the model's size; else unknown. */
function speedOf(run: Run, runs: Runs): Speed | null {
  const alike = [run, ...runs.open().filter((one) => one.plan.model.source === run.plan.model.source)];
  const timed = alike.map((one) => one.state.timing.steps).find((steps) => steps.length >= STEPS_FOR_SPEED);
  if (timed) {
    const [tokens, seconds] = [timed.reduce((sum, one) => sum + one.paddedTokens, 0), timed.reduce((sum, one) => sum + one.wallSeconds, 0)];
    if (seconds > 0) return measuredSpeed(tokens / seconds);
  }
  const parameters = parametersOf(run);
  return parameters > 0 ? estimateSpeed(parameters) : null;
}
