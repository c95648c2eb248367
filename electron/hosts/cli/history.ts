/** `thortime history`: the runs of this home, newest first. */
import type { Command } from "commander";
import type { HistoryRow } from "../../core/api.ts";
import type { Context } from "./context.ts";
import { day, duration, loss, oneLine, table } from "./format.ts";
import { parseCount } from "./run.ts";
import { DECISIONS } from "./verdict.ts";

export function addHistory(program: Command, context: Context): void {
  program
    .command("history")
    .description("the runs of this home, newest first")
    .option("--limit <n>", "at most this many", parseCount, 20)
    .option("--search <text>", "only runs with this text in their name, id or base model", "")
    .option("--json", "print one JSON document")
    .action(async (flags: { limit: number; search: string; json?: boolean }) => {
      const api = await context.engine();
      try {
        const { rows } = await api.call("history", { limit: Math.min(flags.limit, 1000), search: flags.search });
        if (flags.json) context.printJson({ rows });
        else if (rows.length > 0) context.print(table([HEAD, ...rows.map(cells)]));
        else
          context.print(flags.search === "" ? "There is no run yet. Start one with: thortime practice" : "No run fits; look at all of them without --search.");
      } finally {
        api.close();
      }
    });
}

const HEAD = ["RUN", "STARTED", "OUTCOME", "STEPS", "LOSS", "HELD OUT", "TRAINED", "VERDICT", "IN OLLAMA"];

function cells(row: HistoryRow): string[] {
  return [
    row.run,
    day(row.createdAt),
    row.outcome ?? "under way",
    `${row.steps}/${row.totalSteps}`,
    `${loss(row.firstLoss)} → ${loss(row.lastLoss)}`,
    row.heldOutAfter === null ? "–" : `${loss(row.heldOutBefore)} → ${loss(row.heldOutAfter)}`,
    duration(row.trainSeconds),
    row.verdict === null ? "–" : DECISIONS[row.verdict],
    row.deployedAs === null ? "–" : oneLine(row.deployedAs, 40),
  ];
}
