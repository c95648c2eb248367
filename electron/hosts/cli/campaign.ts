/** `thortime campaign` and `thortime go`: quick test, gate, full night, gate, deploy; and a person's word where a gate holds. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Input } from "../../core/api.ts";
import { isHeldAtGate } from "../../core/campaign-gate.ts";
import { fault } from "../../core/faults.ts";
import { needsYou } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { resultJson, resultLines } from "./result.ts";
import { collectLimit, collectSetting, parseCount, resolveModel, watchStarted } from "./run.ts";
import { prepareEnvironment } from "./setup.ts";
import { campaignLines } from "./verdict.ts";
import { DETACHED_EXIT, watchRun, watchToEnd } from "./watch.ts";

type Values = Readonly<Record<string, string>>;

interface CampaignFlags {
  readonly data: string;
  readonly heldOut?: string;
  readonly model: string;
  readonly name: string;
  readonly rows?: number;
  readonly set: Values;
  readonly testSet: Values;
  readonly fullSet: Values;
  readonly limit: Values;
  readonly testLimit: Values;
  readonly fullLimit: Values;
  readonly system: string;
  readonly prompts?: string;
  readonly baseline?: string;
  readonly skipBadRows?: boolean;
  readonly deploy: boolean;
  readonly as?: string;
  readonly tonight?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

export function addCampaign(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("campaign")
    .description("quick test, and by itself the full night if its verdict is GO")
    .requiredOption("--data <file>", "JSONL file with the rows to train on")
    .option("--held-out <file>", "JSONL file that is never trained on; without it a tenth of the rows is kept back")
    .requiredOption("--model <path-or-id>", "folder of a base model, or a Hugging Face id")
    .requiredOption("--name <name>", "first part of the names: NAME-test-v1 and NAME-maximum-v1")
    .option("--rows <n>", "size of the test's sample (1,000)", parseCount)
    .option("--set <key=value>", "change one training value of both; may be given again", collectSetting, {})
    .option("--test-set <key=value>", "of the test only", collectSetting, {})
    .option("--full-set <key=value>", "of the full night only", collectSetting, {})
    .option("--limit <key=value>", "change what both gates ask for (null leaves it out); may be given again", collectLimit, {})
    .option("--test-limit <key=value>", "of the test's gate only", collectLimit, {})
    .option("--full-limit <key=value>", "of the full night's gate only", collectLimit, {})
    .option("--system <text>", "system prompt of training and of the deployed model", "")
    .option("--prompts <file>", "JSON file with the prompts to answer before and after")
    .option("--baseline <name>", "the Ollama model in daily use, which is asked the same prompts")
    .option("--skip-bad-rows", "leave rows that cannot be used out, and count them, instead of refusing the file")
    .option("--no-deploy", "stop after the exports: no model's name in Ollama changes")
    .option("--as <name>", "name in Ollama of the full night's model, if it is to be another than NAME-maximum-v1")
    .option("--tonight", "the full night works only in the window of the settings (22:00–06:00); the test begins at once")
    .option("--detach", "start the test and return at once")
    .option("--json", "print nothing but one JSON document at the end")
    .action(async (flags: CampaignFlags) => {
      await prepareEnvironment(context);
      const api = await context.engine();
      try {
        const { run, next } = await api.call("campaign-start", toInput(flags));
        if (flags.detach) return finish(await watchStarted(api, context, run, flags));
        finish(await watchCampaign(api, context, { run, next, ...flags }));
      } finally {
        api.close();
      }
    });
  addGo(program, context, finish);
}

function addGo(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("go [run]")
    .description("in spite of its verdict: after a quick test the full night, after that the deployment")
    .option("--detach", "return at once")
    .option("--json", "print nothing but one JSON document at the end")
    .action(async (said: string | undefined, flags: { detach?: boolean; json?: boolean }) => {
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const { run } = await api.call("run-go", { run: id });
        if (!flags.detach) return finish(await watchToEnd(api, context, { run, json: flags.json ?? false, earlier: 0 }));
        if (flags.json) context.printJson({ run });
        else context.print(`Goes on, in spite of the verdict: ${run}`);
      } finally {
        api.close();
      }
    });
}

function toInput(flags: CampaignFlags): Input<"campaign-start"> {
  const place = (path: string | undefined) => (path === undefined ? null : resolve(path));
  return {
    name: flags.name,
    data: resolve(flags.data),
    heldOut: place(flags.heldOut),
    model: resolveModel(flags.model),
    rows: flags.rows ?? null,
    settings: flags.set,
    testSettings: flags.testSet,
    fullSettings: flags.fullSet,
    limits: flags.limit,
    testLimits: flags.testLimit,
    fullLimits: flags.fullLimit,
    system: flags.system,
    skipBadRows: flags.skipBadRows ?? false,
    deploy: flags.deploy,
    deployAs: flags.as ?? null,
    promptsFile: place(flags.prompts),
    baseline: flags.baseline ?? null,
    tonight: flags.tonight ?? false,
  };
}

interface Watched {
  readonly run: string;
  /** What is to follow, by its name. */
  readonly next: string;
  readonly tonight?: boolean;
  readonly json?: boolean;
}

/** The test to its end, and then the night, unless that waits for its window. */
async function watchCampaign(api: SteadyApi, context: Context, { run, next, tonight = false, json = false }: Watched): Promise<number> {
  const test = await watchTest(api, context, run, json);
  if (test === null) return DETACHED_EXIT;
  if (!json) for (const line of [...resultLines(test), ...campaignLines(test)]) context.print(line);
  const follows = tonight ? null : test.nextRun;
  const full = follows === null ? null : await watchRun(api, context, { run: follows, json });
  if (follows !== null && full === null) return DETACHED_EXIT;
  if (json) context.printJson({ test: resultJson(test), held: isHeldAtGate(test), next: { name: next, run: test.nextRun }, full: full && resultJson(full) });
  else if (full !== null) for (const line of resultLines(full)) context.print(line);
  const needed = needsYou(full ?? test);
  if (needed) throw fault(needed.kind, needed.message, needed.next);
  return 0;
}

/** A test that diverged has one child, with which its campaign goes on. */
async function watchTest(api: SteadyApi, context: Context, run: string, json: boolean): Promise<RunState | null> {
  const test = await watchRun(api, context, { run, json });
  return test?.ended?.child ? await watchRun(api, context, { run: test.ended.child, json }) : test;
}
