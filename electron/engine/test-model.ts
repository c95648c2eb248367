/** The prompts asked of a model in Ollama whenever a person wants it: a run's own prompts where one is named, those that ship otherwise. */
import type { Args, Replies } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import { ANSWER_TOKENS } from "../core/make-plan.ts";
import { GEMMA2, type Prompt } from "../core/plan.ts";
import type { Ports } from "../core/ports.ts";
import { checkAnswer } from "../core/verdict/answer-checks.ts";
import { defaultPrompts } from "./prompts.ts";
import type { Runs } from "./runs.ts";

/** A run is asked through the model it was deployed as. */
export function testPrompts({ run }: Args<"test-prompts">, ports: Ports, runs: Runs): Replies["test-prompts"] {
  const found = run === null ? null : runs.get(run);
  if (found && found.state.deployed === null)
    throw fault(
      "run.not-deployed",
      `${found.plan.name} is not in Ollama.`,
      `Put it there with: thortime deploy ${found.id}. Its answers: thortime verdict ${found.id}.`,
    );
  const prompts = found ? found.plan.answers.prompts : defaultPrompts("", "", null, ports);
  return { model: found?.state.deployed?.name ?? null, prompts: prompts.map(({ id, category, text }) => ({ id, category, text })) };
}

export async function testAsk({ model, run, prompt: id }: Args<"test-ask">, ports: Ports, runs: Runs): Promise<Replies["test-ask"]> {
  const found = run === null ? null : runs.get(run);
  const prompts: readonly Prompt[] = found ? found.plan.answers.prompts : defaultPrompts("", "", null, ports);
  const prompt = prompts.find((one) => one.id === id);
  if (!prompt) throw fault("usage.prompt", `There is no prompt called ${JSON.stringify(id.slice(0, 80))}.`, "Ask for the prompts again.");
  const tokens = found?.plan.answers.maxTokens ?? ANSWER_TOKENS;
  const { answer, ended, seconds } = await ports.ollama.ask(model, prompt.text, new AbortController().signal, { seed: null, tokens });
  const results = checkAnswer(prompt, { answer, stop: ended ? "end" : "length" }, found?.plan.format ?? { ...GEMMA2, system: "" });
  return { answer, ended, seconds, failed: results.filter(({ passed }) => !passed).map(({ check, evidence }) => ({ check, evidence })) };
}
