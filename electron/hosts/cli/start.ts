/** `thortime start`: everything for a first evening: environment, dashboard, and the practice campaign where none was ever finished. */
import type { Command } from "commander";
import { toFault } from "../../core/faults.ts";
import type { HomeState } from "../../core/home.ts";
import { practiceInput } from "../practice-input.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { readSnapshot } from "./find-run.ts";
import { harmless } from "./format.ts";
import { faultLines, resultLines } from "./result.ts";
import { openDashboard, untilInterrupted } from "./serve.ts";
import { prepareEnvironment } from "./setup.ts";
import { watchRun } from "./watch.ts";

export function addStart(program: Command, context: Context): void {
  program
    .command("start")
    .description("set up what is missing, open the dashboard, and run the practice campaign the first time")
    .option("--no-dashboard", "set up and start the first run only, for an app that shows its own window")
    .action(async (flags: { dashboard: boolean }) => {
      const interrupted = untilInterrupted();
      await prepareEnvironment(context);
      const api = await context.engine();
      if (!flags.dashboard) {
        await firstRun(api, context);
        return api.close();
      }
      const server = await openDashboard(context, api, null);
      context.print(`Thortime is at ${server.address}`);
      await Promise.race([interrupted, showRun(api, context).catch((error: unknown) => told(context, error))]);
      context.print("The dashboard stays open; ^C closes it, and a living run goes on.");
      await interrupted;
      await server.close();
      api.close();
    });
}

/** A run that cannot start is no reason to take the dashboard away. */
function told(context: Context, error: unknown): void {
  const { message, next } = toFault(error);
  context.note(`${harmless(message)} ${harmless(next)}`);
}

/** The living run, or the first practice run; nothing where there is neither. */
async function showRun(api: SteadyApi, context: Context): Promise<void> {
  const run = await firstRun(api, context);
  if (run === null) return;
  const state = await watchRun(api, context, { run, json: false });
  if (state) for (const line of [...resultLines(state), ...faultLines(state)]) context.print(line);
}

async function firstRun(api: SteadyApi, context: Context): Promise<string | null> {
  const home = await readSnapshot(api, "home");
  const active = home.runs.findLast((run) => run.outcome === null);
  if (active) return active.id;
  return hasPractised(home) ? null : (await api.call("run-start", practiceInput(context.place.root))).run;
}

function hasPractised(home: HomeState): boolean {
  return home.runs.some((run) => run.kind === "practice" && run.outcome === "finished");
}
