/** merge's folder → Ollama candidate → GGUF copied out and verified → smoke test → the name moves. */
import { FaultError, fault } from "../core/faults.ts";
import { chooseQuantization, judgeSmoke } from "../core/ollama-request.ts";
import type { Ports } from "../core/ports.ts";
import { phaseSeconds } from "./elapsed.ts";
import type { Run } from "./run.ts";
import type { Outcome } from "./sequence.ts";

/** One tag per run: made again, it is replaced; it never serves anybody. */
export function candidateName(run: Run): string {
  return `${run.plan.deploy.as}:cand-${run.id.slice(-4)}`;
}

export async function exportRun(run: Run, ports: Ports): Promise<void> {
  const { merged } = run.state;
  if (!merged) throw fault("run.not-merged", "There is no merged model to export.", `Continue with: thortime export ${run.id}.`);
  const found = await ports.ollama.available();
  if ("fault" in found) return withoutOllama(run, found.fault.message, found.fault.next);
  const quantize = run.plan.deploy.quantize === "auto" ? chooseQuantization(merged.kQuantizable) : run.plan.deploy.quantize;
  const input = {
    run: run.id,
    folder: merged.path,
    files: merged.files,
    candidate: candidateName(run),
    target: run.plan.deploy.as,
    quantize,
    format: run.plan.format,
    parameters: run.plan.deploy.parameters,
    ggufPath: `${ports.home.runPath(run.id)}/export/${run.plan.deploy.as}.${quantize.toUpperCase()}.gguf`,
  };
  run.abort = new AbortController();
  for await (const body of ports.ollama.export(input, run.abort.signal)) run.append(body);
  finishPhase(run, "export", ports);
}

/** Training has ended well; what is missing is said once, with how to go on later. */
function withoutOllama(run: Run, message: string, next: string): void {
  const later = `${next} Then: thortime deploy ${run.id}.`;
  run.append({ type: "phase-skipped", phase: "export", why: `${message} ${later}` });
  run.append({ type: "phase-skipped", phase: "deploy", why: "there is no exported model to deploy" });
}

export async function deployRun(run: Run, ports: Ports, outcome: Outcome): Promise<void> {
  const candidate = candidateName(run);
  const name = run.state.deployAs ?? run.plan.deploy.as;
  if (!isPromoted(run, candidate)) {
    run.abort = new AbortController();
    await smokeTest(run, { candidate, name }, run.abort.signal, ports);
    const { previous, digest } = await ports.ollama.promote(candidate, name);
    run.append({ type: "deployed", name, candidate, previous, digest });
  }
  if (run.state.deployed) outcome.deployed(run, run.state.deployed);
  await ports.ollama.discard(candidate);
  finishPhase(run, "deploy", ports);
}

/** A kill came between the name's move and the phase's end: the model serves, only the tidying is left. */
function isPromoted(run: Run, candidate: string): boolean {
  const { deployed, phases } = run.state;
  return deployed !== null && deployed.candidate === candidate && deployed.at >= (phases.deploy.startedAt ?? 0);
}

async function smokeTest(run: Run, { candidate, name }: { candidate: string; name: string }, signal: AbortSignal, ports: Ports): Promise<void> {
  const prompt = run.plan.answers.prompts[0]?.text ?? "merhaba";
  const { answer, seconds } = await ports.ollama.ask(candidate, prompt, signal);
  const { passed, reason } = judgeSmoke(answer, run.plan.format);
  run.append({ type: "smoke-tested", name: candidate, prompt, answer, passed, reason, seconds });
  if (passed) return;
  await ports.ollama.discard(candidate);
  throw new FaultError({
    kind: "ollama.smoke",
    message: `The new model did not pass its first question (${reason}), so ${name} was not changed.`,
    next: "Look at the answers, train again with other settings, or keep the model you have.",
  });
}

function finishPhase(run: Run, phase: "export" | "deploy", ports: Ports): void {
  run.append({ type: "phase-finished", phase, seconds: phaseSeconds(run, phase, ports.clock) });
}
