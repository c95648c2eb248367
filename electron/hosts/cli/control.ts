/** `pause`, `resume`, `checkpoint`, `stop`, `export`, `deploy`: asks the engine, then shows what came of it. */
import type { Command } from "commander";
import { fault } from "../../core/faults.ts";
import type { RunState } from "../../core/state.ts";
import { wordsIn } from "../../core/words/words.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun, readSnapshot } from "./find-run.ts";
import { followRun } from "./follow.ts";
import { plural } from "./format.ts";
import { watchToEnd } from "./watch.ts";

type Finish = (code: number) => void;

/** Twice the slowest micro-batch and a checkpoint take a minute at most (promise 4); then force, then we look away. */
const PATIENCE_MS = 90_000;

export function addControl(program: Command, context: Context, finish: Finish): void {
  program
    .command("pause [run]")
    .description("seal a checkpoint and free the memory; go on later with resume")
    .action(async (said: string | undefined) => {
      await withRun(context, said, async (api, run) => {
        await api.call("run-pause", { run });
        const state = await waitFor(api, run, (one) => one.process === null);
        context.print(`Paused${atStep(state)}; the memory is free. Go on with: thortime resume`);
      });
    });
  program
    .command("resume [run]")
    .description("go on with a paused, failed or stopped run from its newest checkpoint")
    .option("--detach", "return at once")
    .action(async (said: string | undefined, flags: { detach?: boolean }) => {
      await withRun(
        context,
        said,
        async (api, run) => {
          await api.call("run-resume", { run });
          if (flags.detach) context.print(`Goes on: ${run}`);
          else finish(await watchToEnd(api, context, { run, json: false, earlier: 0 }));
        },
        "newest",
      );
    });
  program
    .command("checkpoint [run]")
    .description("seal a checkpoint now; training goes on")
    .action(async (said: string | undefined) => {
      await withRun(context, said, async (api, run) => {
        const before = await readSnapshot(api, `run:${run}`);
        await api.call("run-checkpoint", { run });
        const state = await waitFor(api, run, (one) => one.sealed > before.sealed);
        context.print(`Checkpoint sealed at step ${state.checkpoints.at(-1)?.step ?? "?"}.`);
      });
    });
  program
    .command("stop [run]")
    .description("seal a checkpoint and end the run for good")
    .action(async (said: string | undefined) => {
      await withRun(context, said, async (api, run) => {
        await api.call("run-stop", { run });
        const state = await waitFor(api, run, (one) => one.ended !== null);
        context.print(`Stopped${atStep(state)}; ${plural(state.checkpoints.length, "checkpoint")} kept.`);
      });
    });
  addExport(program, context, finish);
}

function addExport(program: Command, context: Context, finish: Finish): void {
  program
    .command("export <run>")
    .description("make the GGUF of a run again, or of one that was stopped early")
    .action(async (said: string) => {
      await withRun(context, said, async (api, run) => {
        await api.call("run-export", { run });
        finish(await watchToEnd(api, context, { run, json: false, earlier: 0 }));
      });
    });
  program
    .command("deploy <run>")
    .description("put a run's model into Ollama under its name")
    .option("--as <name>", "under another name")
    .action(async (said: string, flags: { as?: string }) => {
      await withRun(context, said, async (api, run) => {
        await api.call("run-deploy", { run, as: flags.as ?? null });
        finish(await watchToEnd(api, context, { run, json: false, earlier: 0 }));
      });
    });
}

async function withRun(
  context: Context,
  said: string | undefined,
  work: (api: SteadyApi, run: string) => Promise<void>,
  otherwise: "active" | "newest" = "active",
): Promise<void> {
  const api = await context.engine();
  try {
    const { id } = await findRun(api, said, otherwise);
    await work(api, id);
  } finally {
    api.close();
  }
}

async function waitFor(api: SteadyApi, run: string, isThere: (state: RunState) => boolean): Promise<RunState> {
  let cancel: () => void = () => {};
  const seen = new Promise<RunState>((resolve, reject) => {
    const late = fault("run.slow", "The run has not done it within 90 s.", "It will as soon as its current step is over; see: thortime status.");
    const timer = setTimeout(() => reject(late), PATIENCE_MS);
    cancel = followRun(api, run, {
      // Nothing is told here.
      words: wordsIn("en", {}),
      onState: (state) => {
        if (!isThere(state)) return;
        clearTimeout(timer);
        resolve(state);
      },
      onHappening: () => {},
    });
    timer.unref();
  });
  return await seen.finally(() => cancel());
}

function atStep(state: RunState): string {
  return state.step ? ` at step ${state.step.step}` : "";
}
