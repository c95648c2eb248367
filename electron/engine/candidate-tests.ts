/** What a candidate has to show in Ollama before it serves: the same prompt and the same tokens as after training, in time, and who it is. */
import { latencyPrompt, median, type PersonaAnswer, personaAnswers } from "../core/candidate.ts";
import { expectedPrompt, firstDifference, type Scored, templateDifference, type Walked, walk } from "../core/parity.ts";
import type { Ports } from "../core/ports.ts";
import { DIFFERENCES_KEPT, type Difference, type Parity } from "../core/verdict/deploy-tests.ts";
import { LIMITS, type Limits } from "../core/verdict/limits.ts";
import type { Run } from "./run.ts";

/** Parity stops here with what it has: a slow machine must not lose its morning to it. */
const PARITY_SECONDS = 600;
const LATENCY_RUNS = 3;
/** An answer of ordinary length; what is timed has to be comparable. */
const LATENCY_TOKENS = 64;
const PERSONA_PROMPTS = 8;
const PERSONA_REPEATS = 3;

export interface Testing {
  readonly run: Run;
  readonly candidate: string;
  readonly signal: AbortSignal;
  readonly ports: Ports;
}

export function limitsOf({ plan }: Run): Limits {
  return plan.limits ?? LIMITS[plan.kind];
}

export async function testParity(testing: Testing): Promise<void> {
  const { run, candidate, ports } = testing;
  const started = ports.clock.mono();
  const template = await compareTemplate(testing);
  const walked = template.same ? await compareTokens(testing, started) : { answers: [], why: "the prompt differs" };
  const limit = limitsOf(run).tokenAgreement;
  const quantization = run.state.gguf?.quantization ?? run.state.candidate?.quantization ?? "unknown";
  const seconds = ports.clock.mono() - started;
  run.append({ type: "parity-tested", name: candidate, quantization, template, ...figures(walked.answers), limit, ...why(walked), seconds });
}

function why({ answers, why: said }: { readonly answers: readonly Walked[]; readonly why: string | null }): { why?: string } {
  return said === null || answers.length > 0 ? {} : { why: said };
}

async function compareTemplate({ run, candidate, signal, ports }: Testing): Promise<Parity["template"]> {
  const { format, answers } = run.plan;
  const questions = answers.prompts.length > 0 ? answers.prompts : [{ id: "", text: "merhaba" }];
  for (const [checked, { id, text }] of questions.entries()) {
    const rendered = await ports.ollama.render(candidate, text, signal);
    if (rendered === null) return compareText(await ports.ollama.templateOf(candidate));
    const different = rendered.map((found) => firstDifference(id, expectedPrompt(format, text), found)).find((one) => one !== null);
    if (different) return { same: false, by: "rendered", checked: checked + 1, difference: different };
  }
  return { same: true, by: "rendered", checked: questions.length };

  function compareText(made: { readonly template: string; readonly system: string }): Parity["template"] {
    const difference = templateDifference(format, made);
    return { same: difference === null, by: "text", checked: 1, ...(difference ? { difference } : {}) };
  }
}

async function compareTokens({ run, candidate, signal, ports }: Testing, started: number): Promise<{ answers: Walked[]; why: string | null }> {
  const { format, answers: asked } = run.plan;
  const merged = run.state.merged?.step;
  const all = ports.home.readScored(run.id).filter(({ prompt }) => asked.prompts.some(({ id }) => id === prompt));
  const scored = all.filter(({ step }) => step === merged);
  if (scored.length === 0) return { answers: [], why: all.length > 0 ? "the answers are of another checkpoint" : "there are no answers to hold it against" };
  const goOn = (what: Parameters<typeof ports.ollama.continue>[1]) => ports.ollama.continue(candidate, what, signal);
  const answers: Walked[] = [];
  for (const one of scored) {
    if (ports.clock.mono() - started > PARITY_SECONDS) break;
    answers.push(await walk(one, expectedPrompt(format, questionOf(one)), goOn));
  }
  return { answers, why: null };

  function questionOf({ prompt }: Scored): string {
    return asked.prompts.find(({ id }) => id === prompt)?.text ?? "";
  }
}

function figures(answers: readonly Walked[]): Omit<Parity, "name" | "quantization" | "template" | "limit" | "why" | "seconds"> {
  const sum = (of: (one: Walked) => number) => answers.reduce((total, one) => total + of(one), 0);
  const [tokens, lossTokens] = [sum((one) => one.tokens), sum((one) => one.lossTokens)];
  const differences = answers.flatMap(({ difference }): Difference[] => (difference ? [difference] : []));
  return {
    otherTokens: answers.filter(({ otherTokens }) => otherTokens).length,
    agreement: tokens === 0 ? null : sum((one) => one.agreed) / tokens,
    greedy: tokens === 0 ? null : sum((one) => one.greedy) / tokens,
    answers: answers.length,
    tokens,
    adapterLoss: lossTokens === 0 ? null : sum((one) => one.adapterLoss) / lossTokens,
    ggufLoss: lossTokens === 0 ? null : sum((one) => one.ggufLoss) / lossTokens,
    lossTokens,
    evidence: differences.slice(0, DIFFERENCES_KEPT),
  };
}

/** `loadSeconds`: what its very first question waited for, measured then. */
export async function testLatency({ run, candidate, signal, ports }: Testing, loadSeconds: number): Promise<void> {
  const runs: number[] = [];
  let [promptTokens, answerTokens] = [0, 0];
  for (let number = 1; number <= LATENCY_RUNS; number += 1) {
    const asked = await ports.ollama.ask(candidate, latencyPrompt(run.plan.answers.prompts, number), signal, { seed: null, tokens: LATENCY_TOKENS });
    runs.push(Math.max(0, asked.seconds - asked.loadSeconds));
    promptTokens = Math.max(promptTokens, asked.promptTokens);
    answerTokens = Math.max(answerTokens, asked.answerTokens);
  }
  const limitSeconds = limitsOf(run).latencyBelowSeconds;
  run.append({ type: "latency-tested", name: candidate, promptTokens, answerTokens, seconds: median(runs), runs, loadSeconds, limitSeconds });
}

export async function testPersona({ run, candidate, signal, ports }: Testing): Promise<void> {
  const prompts = run.plan.answers.prompts.filter(({ persona }) => persona === true).slice(0, PERSONA_PROMPTS);
  if (prompts.length === 0) return;
  const started = ports.clock.mono();
  const answers: PersonaAnswer[] = [];
  for (const prompt of prompts)
    for (let seed = 1; seed <= PERSONA_REPEATS; seed += 1) {
      const { answer } = await ports.ollama.ask(candidate, prompt.text, signal, { seed, tokens: run.plan.answers.maxTokens });
      answers.push({ prompt, answer });
    }
  const limit = limitsOf(run).personaRepeats;
  const seconds = ports.clock.mono() - started;
  run.append({ type: "persona-tested", name: candidate, prompts: prompts.length, ...personaAnswers(answers, run.plan.format), limit, seconds });
}
