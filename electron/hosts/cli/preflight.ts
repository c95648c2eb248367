/** `thortime preflight`: the night check, and whether the run fits its night. Exit code 8 when something has to be mended. */
import type { Command } from "commander";
import type { Preflight } from "../../core/api.ts";
import { latestSeconds } from "../../core/evening/fit.ts";
import { exitCode } from "../../core/faults.ts";
import { summary } from "../../core/preflight/checks.ts";
import { checkText } from "../../core/words/checks.ts";
import type { Words } from "../../core/words/words.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { bytes, clock, duration, harmless, table } from "./format.ts";

export function addPreflight(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("preflight [run]")
    .description("the night check: power, memory, disk, plan; and whether it ends in its window")
    .option("--json", "print one JSON document")
    .action(async (said: string | undefined, flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const run = said === undefined ? null : (await findRun(api, said, "newest")).id;
        const found = await api.call("preflight", { run });
        const { fixes, warnings, unknown } = summary(found.checks);
        if (flags.json) context.printJson({ ...found, fixes, warnings, unknown });
        else for (const line of preflightLines(found, context.words())) context.print(line);
        finish(fixes > 0 ? exitCode("run") : 0);
      } finally {
        api.close();
      }
    });
}

export function preflightLines({ checks, memory, fit, night }: Preflight, words: Words): string[] {
  const rows = checks.map((check) => [words.say(`check.verdict.${check.verdict}`), words.say(`check.name.${check.id}`), harmless(checkText(words, check))]);
  const lines = [table(rows), "", `The window: ${clock(night.opensAt)}–${clock(night.closesAt)}.`];
  if (memory)
    lines.push(
      `Memory: about ${bytes(memory.peakBytes)} (weights ${bytes(memory.weightsBytes)}, one micro-batch ${bytes(memory.peakBytes - memory.weightsBytes - memory.adapterBytes)}).`,
    );
  if (!fit) return [...lines, "How long it takes is not known before its rows are prepared and a run of this model was measured."];
  const guess = fit.speed.source === "estimated" ? ", estimated from the model's size" : "";
  lines.push(`It takes about ${duration(fit.forecast.mean)}, at most ${duration(latestSeconds(fit.forecast))}${guess}; there are ${duration(fit.seconds)}.`);
  if (fit.cuts.length > 0)
    lines.push(`To fit: thortime schedule RUN --fit, or start it anew with ${fit.flags.join(" ")}${fit.possible ? "" : "; even that is not enough"}.`);
  return lines;
}
