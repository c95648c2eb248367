/** `disk` and `clear`: what Thortime takes of the disk, and making room of what can be made again. */
import type { Command } from "commander";
import type { Clearing, Storage } from "../../core/storage.ts";
import type { Context } from "./context.ts";
import { bytes, day, oneLine, plural, table } from "./format.ts";

const MOST_RUNS = 30;

export function addDisk(program: Command, context: Context): void {
  program
    .command("disk")
    .description("where Thortime keeps its files, and what they take of the disk")
    .option("--json", "print one JSON document")
    .action(async (flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const storage = await api.call("storage", {});
        if (flags.json) context.printJson(storage);
        else for (const line of storageLines(storage)) context.print(line);
      } finally {
        api.close();
      }
    });
  program
    .command("clear")
    .description("make room: merged models and GGUFs of runs that are over and not in Ollama; without --yes only says what would go")
    .option("--days <n>", "leave runs alone that ended less than so many days ago", Number, 7)
    .option("--yes", "clear it away")
    .option("--json", "print one JSON document")
    .action(async (flags: { days: number; yes?: boolean; json?: boolean }) => {
      const api = await context.engine();
      try {
        const clearing = await api.call("storage-clear", { days: flags.days, really: flags.yes ?? false });
        if (flags.json) context.printJson(clearing);
        else for (const line of clearingLines(clearing)) context.print(line);
      } finally {
        api.close();
      }
    });
}

function storageLines(storage: Storage): string[] {
  const { home, freeBytes, totalBytes, runs, models, modelsBytes, pythonBytes, otherBytes, ollamaBytes } = storage;
  const rest = runs.slice(MOST_RUNS);
  const runRows = runs
    .slice(0, MOST_RUNS)
    .map((run) => [`  ${run.run}`, day(run.at), bytes(run.bytes), run.clearableBytes > 0 ? `${bytes(run.clearableBytes)} can be cleared` : ""]);
  const modelRows = models.map(({ source, whole, bytes: size }) => [`  ${oneLine(source, 60)}`, whole ? "" : "not whole", bytes(size), ""]);
  return [
    `${oneLine(home, 400)}: ${bytes(totalBytes)}; ${bytes(freeBytes)} free on its disk.`,
    table([
      ["Runs", "", bytes(runs.reduce((sum, run) => sum + run.bytes, 0)), ""],
      ...runRows,
      ...(rest.length > 0 ? [[`  ${plural(rest.length, "smaller run")}`, "", bytes(rest.reduce((sum, run) => sum + run.bytes, 0)), ""]] : []),
      ["Base models", "", bytes(modelsBytes), ""],
      ...modelRows,
      ["Python environment", "", bytes(pythonBytes), ""],
      ["Journals, history, settings", "", bytes(otherBytes), ""],
    ]),
    ollamaBytes === null ? "In Ollama: unknown, it cannot be asked." : `In Ollama, not counted above: ${bytes(ollamaBytes)} (thortime versions).`,
    "Make room with: thortime clear. To remove everything, end the engine, then delete this folder; models leave Ollama with: thortime remove.",
  ];
}

function clearingLines({ runs, bytes: total, done }: Clearing): string[] {
  if (runs.length === 0) return ["There is nothing to clear away: deployed and living runs, and those that ended lately, are left whole."];
  return [
    done ? "Cleared away:" : "Would be cleared away (made again from the checkpoint when it is asked for):",
    table(runs.map((run) => [`  ${run.run}`, "export", bytes(run.bytes)])),
    done ? `${bytes(total)} came free.` : `${bytes(total)} would come free. Clear it away with: thortime clear --yes`,
  ];
}
