/** merge's folder → Ollama candidate → GGUF copied out and verified → smoke test → parity, time, persona → the name moves. */
import { type FaultError, fault, toFault } from "../core/faults.ts";
import { chooseQuantization } from "../core/ollama-request.ts";
import type { Ports } from "../core/ports.ts";
import { judgeSmoke } from "../core/smoke.ts";
import { deployLines, holdsBack } from "../core/verdict/deploy-lines.ts";
import type { Decision } from "../core/verdict/judgement.ts";
import { type Testing, testLatency, testParity, testPersona } from "./candidate-tests.ts";
import { phaseSeconds } from "./elapsed.ts";
import type { Run } from "./run.ts";
import type { Outcome } from "./sequence.ts";

/** What the journal keeps of a question and its answer. */
const PROMPT_KEPT = 2_000;
const ANSWER_KEPT = 4_000;

/** One tag per run: made again, it is replaced; it never serves anybody. */
export function candidateName(run: Run): string {
  return `${run.plan.deploy.as}:cand-${run.id.slice(-4)}`;
}

export async function exportRun(run: Run, ports: Ports, outcome: Outcome): Promise<void> {
  const { merged } = run.state;
  if (!merged) throw fault("run.not-merged", "There is no merged model to export.", `Continue with: thortime export ${run.id}.`);
  const found = await ports.ollama.available();
  if ("fault" in found) return withoutOllama(run, found.fault.message, found.fault.next);
  await outcome.discardLeft();
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
  try {
    for await (const body of ports.ollama.export(input, run.abort.signal)) run.append(body);
  } catch (error) {
    // A file that failed its check must not wait under a name that somebody could load. Left all the same, the run's end takes it away.
    if (toFault(error).kind === "ollama.gguf") await ports.ollama.discard(input.candidate).catch(() => {});
    throw error;
  }
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
  if (!isPromoted(run, candidate) && !(await testAndPromote(run, candidate, ports, outcome))) return;
  if (run.state.deployed) outcome.deployed(run, run.state.deployed);
  finishPhase(run, "deploy", ports);
}

/** A kill came between the name's move and the phase's end: the model serves. */
function isPromoted(run: Run, candidate: string): boolean {
  const { deployed, phases } = run.state;
  return deployed !== null && deployed.candidate === candidate && deployed.at >= (phases.deploy.startedAt ?? 0);
}

/** Exported, checked, tested and promoted are one model: its digest goes from hand to hand. False: its tests leave it to a person. */
async function testAndPromote(run: Run, candidate: string, ports: Ports, outcome: Outcome): Promise<boolean> {
  const name = run.state.deployAs ?? run.plan.deploy.as;
  run.abort = new AbortController();
  const { signal } = run.abort;
  // A verdict stands: after a kill nobody is asked a second time in the hope of a better answer.
  if (!hasFailed(run)) {
    const digest = await findCandidate(run, candidate, ports);
    await testCandidate({ run, candidate, signal, ports });
    if (!hasFailed(run)) {
      if (holdsBack(run.state) && !run.state.testsOverruled) return await leaveToPerson(run, candidate, ports);
      const { previous, kept } = await ports.ollama.promote({ candidate, digest, name, ours: outcome.ours() });
      run.append({ type: "deployed", name, candidate, previous, digest, ...verdictOf(run) });
      if (kept !== null) run.append({ type: "warned", kind: "deploy.kept", message: `Your own model, which stood under ${name}:prev, is kept as ${kept}.` });
      return true;
    }
  }
  await ports.ollama.discard(candidate);
  throw refusal(run, name);
}

/** The gate judged before there was a candidate; what its own tests found stands beside that. */
function verdictOf({ state }: Run): { verdict?: Decision } {
  const { judged } = state;
  if (judged?.decision === "go" && holdsBack(state)) return { verdict: "your-call" };
  return judged ? { verdict: judged.decision } : {};
}

/** One after the other, and none after one that stands against it. */
async function testCandidate(testing: Testing): Promise<void> {
  const loadSeconds = await smokeTest(testing);
  if (loadSeconds === null) return;
  await testParity(testing);
  if (hasFailed(testing.run)) return;
  await testLatency(testing, loadSeconds);
  await testPersona(testing);
}

/** It loads and it answers, but not as was asked: nobody decides that but its person, and until then the old model serves. */
async function leaveToPerson(run: Run, candidate: string, ports: Ports): Promise<false> {
  await ports.ollama.discard(candidate);
  const found = deployLines(run.state).filter(({ limit, passed }) => limit !== null && passed !== true);
  const why = `what was found in Ollama is left to you (${found.map(({ criterion }) => criterion).join(", ")}); in spite of it: thortime deploy ${run.id}`;
  run.append({ type: "phase-skipped", phase: "deploy", why, verdict: "your-call" });
  return false;
}

function refusal({ state }: Run, name: string): FaultError {
  if (state.parity && !state.parity.template.same) {
    const { difference } = state.parity.template;
    const [found, expected] = [JSON.stringify(difference?.found), JSON.stringify(difference?.expected)];
    return fault(
      "ollama.template",
      difference
        ? `In Ollama the new model gets another prompt than in training (from character ${difference.at}: ${found} instead of ${expected}), so ${name} was not changed.`
        : `In Ollama the new model gets another prompt than in training, so ${name} was not changed.`,
      "Resume the run: it is exported anew. If it comes back, update Ollama.",
    );
  }
  return fault(
    "ollama.smoke",
    `The new model did not pass its first question (${state.smoke?.reason}), so ${name} was not changed.`,
    "Look at the answers, train again with other settings, or keep the model you have.",
  );
}

/** Said since this deployment began: it stands, whoever asks again. */
function hasFailed({ state }: Run): boolean {
  const { smoke, parity, phases } = state;
  const since = phases.deploy.startedAt ?? 0;
  return (smoke !== null && !smoke.passed && smoke.at >= since) || (parity !== null && !parity.template.same && parity.at >= since);
}

async function findCandidate(run: Run, candidate: string, ports: Ports): Promise<string> {
  const digest = await ports.ollama.digestOf(candidate);
  const exported = run.state.candidate?.digest ?? digest;
  if (digest !== null && digest === exported) return digest;
  const message = digest === null ? `The new model ${candidate} is no longer in Ollama.` : `The model ${candidate} in Ollama is not the one that was exported.`;
  throw fault("ollama.no-candidate", message, `Continue with: thortime resume ${run.id}; it is exported anew.`);
}

/** How long the model took to load; null: it did not pass. */
async function smokeTest({ run, candidate, signal, ports }: Testing): Promise<number | null> {
  const prompt = run.plan.answers.prompts[0]?.text ?? "merhaba";
  const { answer, ended, seconds, loadSeconds } = await ports.ollama.ask(candidate, prompt, signal);
  const { passed, reason, evidence } = judgeSmoke({ text: answer, ended }, run.plan.format);
  const told = { prompt: prompt.slice(0, PROMPT_KEPT), answer: answer.slice(0, ANSWER_KEPT), passed, reason, seconds };
  run.append({ type: "smoke-tested", name: candidate, ...told, ...(evidence === null ? {} : { evidence }) });
  return passed ? loadSeconds : null;
}

/** Whatever became of it, a candidate serves nobody once its run ends. While Ollama is away the home remembers it until the next export. */
export async function discardCandidate(run: Run, ports: Ports, outcome: Outcome): Promise<void> {
  if (!run.state.candidateAsked) return;
  const name = candidateName(run);
  await ports.ollama.discard(name).catch(() => outcome.candidateLeft(run, name));
}

function finishPhase(run: Run, phase: "export" | "deploy", ports: Ports): void {
  run.append({ type: "phase-finished", phase, seconds: phaseSeconds(run, phase, ports.clock) });
}
