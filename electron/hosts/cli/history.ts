/** `thortime history`: the runs of this home, newest first. */
import type { Command } from "commander";
import type { HistoryRow } from "../../core/api.ts";
import type { Context } from "./context.ts";
import { day, duration, loss, oneLine, table } from "./format.ts";
import { parseCount } from "./run.ts";

export function addHistory(program: Command, context: Context): void {
  program
    .command("history")
    .description("the runs of this home, newest first")
    .option("--limit <n>", "at most this many", parseCount, 20)
    .option("--json", "print one JSON document")
    .action(async (flags: { limit: number; json?: boolean }) => {
      const api = await context.engine();
      try {
        const { rows } = await api.call("history", { limit: Math.min(flags.limit, 1000) });
        if (flags.json) context.printJson({ rows });
        else context.print(rows.length > 0 ? table([HEAD, ...rows.map(cells)]) : "There is no run yet. Start one with: thortime practice");
      } finally {
        api.close();
      }
    });
}

const HEAD = ["RUN", "STARTED", "OUTCOME", "STEPS", "LOSS", "HELD OUT", "TRAINED", "IN OLLAMA"];

function cells(row: HistoryRow): string[] {
  return [
    row.run,
    day(row.createdAt),
    row.outcome ?? "under way",
    `${row.steps}/${row.totalSteps}`,
    `${loss(row.firstLoss)} → ${loss(row.lastLoss)}`,
    row.heldOutAfter === null ? "–" : `${loss(row.heldOutBefore)} → ${loss(row.heldOutAfter)}`,
    duration(row.trainSeconds),
    row.deployedAs === null ? "–" : oneLine(row.deployedAs, 40),
  ];
}
