/** `thortime test`: asks a model in Ollama the test prompts now, and says which answers are good. */
import type { Command } from "commander";
import type { Replies } from "../../core/api.ts";
import { FaultError } from "../../core/faults.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { oneLine, table } from "./format.ts";

interface Row {
  readonly id: string;
  readonly category: string;
  readonly text: string;
  readonly answer: string;
  readonly seconds: number;
  readonly failed: Replies["test-ask"]["failed"];
}

export function addTest(program: Command, context: Context): void {
  program
    .command("test <run-or-model>")
    .description("ask a run's deployed model, or any model in Ollama, the test prompts now")
    .option("--json", "print one JSON document")
    .action(async (said: string, flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const run = await runOf(api, said);
        const { model, prompts } = await api.call("test-prompts", { run });
        const name = model ?? said;
        const rows: Row[] = [];
        for (const prompt of prompts) {
          const { answer, seconds, failed } = await api.call("test-ask", { model: name, run, prompt: prompt.id });
          rows.push({ ...prompt, answer, seconds, failed });
          if (!flags.json) context.print(lineOf({ ...prompt, answer, seconds, failed }));
        }
        if (flags.json) context.printJson({ model: name, run, categories: categoriesOf(rows), answers: rows });
        else if (rows.length > 0)
          context.print(
            `\n${table([["CATEGORY", "GOOD ANSWERS"], ...categoriesOf(rows).map(({ category, passed, of }) => [oneLine(category, 40), `${passed}/${of}`])])}`,
          );
      } finally {
        api.close();
      }
    });
}

/** A run where one is called so, else the name of a model. */
async function runOf(api: SteadyApi, said: string): Promise<string | null> {
  try {
    return (await findRun(api, said, "newest")).id;
  } catch (error) {
    if (error instanceof FaultError && error.fault.kind === "run.unknown") return null;
    throw error;
  }
}

function lineOf({ category, text, answer, failed }: Row): string {
  const why = failed.map(({ check, evidence }) => `${check}${evidence === "" ? "" : `: ${oneLine(evidence, 60)}`}`).join("; ");
  return `${failed.length === 0 ? "✓" : "✗"} ${oneLine(category, 20)} · ${oneLine(text, 100)}\n    ${oneLine(answer, 200)}${why === "" ? "" : `\n    (${why})`}`;
}

function categoriesOf(rows: readonly Row[]): readonly { category: string; passed: number; of: number }[] {
  return [...new Set(rows.map(({ category }) => category))].map((category) => {
    const some = rows.filter((row) => row.category === category);
    return { category, passed: some.filter(({ failed }) => failed.length === 0).length, of: some.length };
  });
}
