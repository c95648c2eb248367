/** The commands and their help; `docs/cli.md` is held to it by a test. */
import { Command } from "commander";
import { addAgain } from "./again.ts";
import { addAsk } from "./ask.ts";
import { addBlind } from "./blind.ts";
import { addCampaign } from "./campaign.ts";
import type { Context } from "./context.ts";
import { addControl } from "./control.ts";
import { addDisk } from "./disk.ts";
import { addDoctor } from "./doctor.ts";
import { addHistory } from "./history.ts";
import { addInspect } from "./inspect.ts";
import { addNotify } from "./notify.ts";
import { addPast } from "./past.ts";
import { addPractice } from "./practice.ts";
import { addPreflight } from "./preflight.ts";
import { addReport } from "./report.ts";
import { addRun } from "./run.ts";
import { addSchedule } from "./schedule.ts";
import { addServe } from "./serve.ts";
import { addSetup } from "./setup.ts";
import { addStart } from "./start.ts";
import { addStatus } from "./status.ts";
import { addSupport } from "./support.ts";
import { addTest } from "./test.ts";
import { addVerdict } from "./verdict.ts";
import { addVersions } from "./versions.ts";

export function makeProgram(context: Context, finish: (code: number) => void): Command {
  const program = new Command("thortime")
    .description("fine-tune a small language model overnight, and put the better one into Ollama")
    .version(context.place.version)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  addStart(program, context);
  addPractice(program, context, finish);
  addInspect(program, context);
  addRun(program, context, finish);
  addAgain(program, context, finish);
  addCampaign(program, context, finish);
  addStatus(program, context, finish);
  addControl(program, context, finish);
  addSchedule(program, context);
  addPreflight(program, context, finish);
  addNotify(program, context, finish);
  addHistory(program, context);
  addPast(program, context);
  addVerdict(program, context);
  addTest(program, context);
  addVersions(program, context);
  addAsk(program, context);
  addBlind(program, context);
  addReport(program, context);
  addServe(program, context);
  addDisk(program, context);
  addDoctor(program, context, finish);
  addSupport(program, context);
  addSetup(program, context);
  // Subcommands take these settings over only when they are made; these are set for those made above.
  for (const command of program.commands)
    command
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .allowExcessArguments(false);
  return program;
}
