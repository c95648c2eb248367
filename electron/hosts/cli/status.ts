/** `thortime status`: what a run does now; `--follow` shows it until it is over. */
import type { Command } from "commander";
import { runEnd, trainingEnd } from "../../core/eta.ts";
import { billOf } from "../../core/evening/energy.ts";
import { PHASES } from "../../core/events.ts";
import { heldOutNow, statusOf, tokensPerSecond } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import { isSaidBefore } from "../../core/words/happenings.ts";
import type { Words } from "../../core/words/words.ts";
import type { Context } from "./context.ts";
import { findRun, readSnapshot } from "./find-run.ts";
import { bytes, day, loss, oneLine, table } from "./format.ts";
import { describe, PHASE_NAMES } from "./happening.ts";
import { progressLine } from "./progress.ts";
import { faultLines, isOver, resultJson, resultLines } from "./result.ts";
import { watchToEnd } from "./watch.ts";

const HAPPENINGS_SHOWN = 6;

export function addStatus(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("status [run]")
    .description("what a run does now; without a name the active one, or else the last")
    .option("--follow", "show it until it is over; ^C leaves it running")
    .option("--json", "print one JSON document")
    .action(async (said: string | undefined, flags: { follow?: boolean; json?: boolean }) => {
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        if (flags.follow) return finish(await watchToEnd(api, context, { run: id, json: flags.json ?? false, earlier: HAPPENINGS_SHOWN }));
        const state = await readSnapshot(api, `run:${id}`);
        if (flags.json) context.printJson(statusJson(state));
        else for (const line of statusLines(state, context.words())) context.print(line);
      } finally {
        api.close();
      }
    });
}

function statusJson(state: RunState): unknown {
  const phases = Object.fromEntries(PHASES.map((phase) => [phase, state.phases[phase].status]));
  return {
    ...resultJson(state),
    name: state.name,
    kind: state.kind,
    model: state.model,
    phases,
    totalSteps: state.totalSteps,
    tokensPerSecond: tokensPerSecond(state),
    trainingEnd: trainingEnd(state, Date.now()),
    runEnd: runEnd(state, Date.now()),
    heldOut: heldOutNow(state),
    memory: state.memory ? { activeBytes: state.memory.activeBytes, residentBytes: state.memory.residentBytes, peakBytes: state.peakBytes } : null,
    swapWrittenBytes: state.swapWrites.known ? state.swapWrites.bytes : null,
    newestCheckpoint: state.checkpoints.at(-1) ?? null,
    answers: state.answers,
    damages: state.damages,
  };
}

function statusLines(state: RunState, words: Words): string[] {
  if (isOver(state)) return [...resultLines(state), ...faultLines(state)];
  const lines = [`${oneLine(state.name, 80)}: ${statusOf(state)} (${state.id})`, `  ${progressLine(state, Date.now())}`];
  const heldOut = heldOutNow(state);
  if (heldOut !== null) lines.push(`  held-out loss ${loss(heldOut)}`);
  if (state.memory) lines.push(`  memory ${bytes(state.memory.residentBytes)}, at most ${bytes(state.peakBytes)}`);
  if (state.swapWrites.known) lines.push(`  swapped to the disk ${bytes(state.swapWrites.bytes)} (by the whole machine, estimated)`);
  const bill = billOf(state.energy, { currency: "", perKwh: 0 });
  if (bill) lines.push(`  energy ${bill.kwh.toFixed(3)} kWh (${bill.how})`);
  const checkpoint = state.checkpoints.at(-1);
  if (checkpoint) lines.push(`  last checkpoint at step ${checkpoint.step}, ${day(checkpoint.at)}`);
  const phases = PHASES.map((phase) => [`  ${PHASE_NAMES[phase]}`, state.phases[phase].status]);
  const happenings = state.happenings.flatMap(({ at, event }, index) => {
    const line = isSaidBefore(event, state.happenings.slice(0, index), words) ? null : describe(event, words);
    return line === null ? [] : [`  ${day(at)}  ${line}`];
  });
  return [...lines, "", table(phases), "", ...happenings.slice(-HAPPENINGS_SHOWN)];
}
