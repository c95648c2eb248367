/** What a candidate is asked in Ollama beside the test prompts, and how its answers are counted. */
import type { Format, Prompt } from "./plan.ts";
import { checkAnswer } from "./verdict/answer-checks.ts";
import type { Finding } from "./verdict/grades.ts";

/** A paragraph and its question: some 200 tokens of an ordinary vocabulary. The number of tokens it came to is journalled. */
const LATENCY_CHARACTERS = 800;

/** Each number begins otherwise, so that nothing of it is in Ollama's cache. */
export function latencyPrompt(prompts: readonly Pick<Prompt, "text">[], number: number): string {
  const texts = prompts.map(({ text }) => text.trim()).filter((text) => text !== "");
  const from = texts.length > 0 ? texts : ["merhaba"];
  let text = `${number}.`;
  for (let index = number; text.length < LATENCY_CHARACTERS; index += 1) text += ` ${from[index % from.length]}`;
  return text.slice(0, LATENCY_CHARACTERS);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export interface PersonaAnswer {
  readonly prompt: Prompt;
  readonly answer: string;
}

const EVIDENCE_KEPT = 8;
const ANSWER_SHOWN = 120;

/** Only what an answer says counts here: whether it is sound at all is asked elsewhere. */
export function personaAnswers(answers: readonly PersonaAnswer[], format: Format): { asked: number; passed: number; evidence: Finding[] } {
  const failed = answers.flatMap(({ prompt, answer }): Finding[] => {
    const results = checkAnswer(prompt, { answer, stop: null }, format);
    const found = results.find(({ check, passed }) => !passed && (check === "expected" || check === "forbidden" || check === "not-empty"));
    return found ? [{ prompt: prompt.id, check: found.check, text: answer.slice(0, ANSWER_SHOWN).toWellFormed() }] : [];
  });
  return { asked: answers.length, passed: answers.length - failed.length, evidence: failed.slice(0, EVIDENCE_KEPT) };
}
