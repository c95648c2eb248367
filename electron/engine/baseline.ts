/** The Ollama model in daily use is asked what the trained one was: between training's answers and the verdict, so that both stand beside it. */
import { fault, toFault } from "../core/faults.ts";
import type { Prompt } from "../core/plan.ts";
import type { Ports } from "../core/ports.ts";
import type { Run } from "./run.ts";

/** All prompts together; what is not asked by then stays unknown, and is said. */
const LONGEST_S = 30 * 60;
/** What the journal keeps of a question and its answer; its characters may take four bytes. */
const TEXT_KEPT = 2_000;
const ANSWER_KEPT = 10_000;

/** Goes on behind the answers a killed engine left. Whatever keeps Ollama from it is the reason, and the run goes on without. */
export async function askBaseline(run: Run, name: string, ports: Ports): Promise<void> {
  const started = ports.clock.mono();
  run.abort = new AbortController();
  const { signal } = run.abort;
  let why: string | null = null;
  try {
    await requireModel(name, ports);
    for (const prompt of run.plan.answers.prompts) {
      if (signal.aborted) return;
      if (run.state.answers.some((one) => one.prompt === prompt.id && one.baseline !== null)) continue;
      if (ports.clock.mono() - started > LONGEST_S) throw fault("ollama.slow", `It had not answered everything after ${LONGEST_S / 60} minutes.`, "");
      await ask(run, name, prompt, signal, ports);
    }
  } catch (error) {
    // Pause, stop or the engine's end: it is asked on when the run goes on.
    if (signal.aborted || run.state.asked.pause || run.state.asked.stop) return;
    why = toFault(error).message;
  } finally {
    run.abort = null;
  }
  // The memory is needed for what follows.
  await ports.ollama.unload(name).catch(() => {});
  const answers = run.state.answers.filter(({ baseline }) => baseline !== null).length;
  run.append({ type: "baseline-asked", name, answers, seconds: ports.clock.mono() - started, why });
}

async function requireModel(name: string, ports: Ports): Promise<void> {
  const found = await ports.ollama.available();
  if ("fault" in found) throw fault(found.fault.kind, found.fault.message, found.fault.next);
  const tagged = name.includes(":") ? name : `${name}:latest`;
  if ((await ports.ollama.digestOf(tagged)) === null)
    throw fault("ollama.no-model", `There is no ${tagged} in Ollama.`, "See what there is with: ollama list.");
}

async function ask(run: Run, name: string, { id, category, text }: Prompt, signal: AbortSignal, ports: Ports): Promise<void> {
  const { answer, ended, seconds, answerTokens } = await ports.ollama.ask(name, text, signal, { seed: null, tokens: run.plan.answers.maxTokens });
  const told = { prompt: id, category, text: text.slice(0, TEXT_KEPT), answer: answer.slice(0, ANSWER_KEPT), tokens: answerTokens, seconds };
  run.append({ type: "answered", stage: "baseline", ...told, stop: ended ? "end" : "length" });
}
