/** What a run came to: the last line of `--json`, and the same for people. */
import { type Figure, toNumber } from "../../core/events.ts";
import { againstVerdict, goesOnByItself, needsYou, type RunStatus, statusOf, verdictOf } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import { duration, loss, oneLine, plural } from "./format.ts";
import { AGAINST } from "./verdict.ts";

const VERDICTS = { better: "better", worse: "worse", unclear: "no clear difference" } as const;

/** Nothing goes on by itself from here: ended, paused, or somebody is needed. */
export function isOver(state: RunState): boolean {
  const over: readonly RunStatus[] = ["finished", "stopped", "paused", "needs-you"];
  return over.includes(statusOf(state)) && !goesOnByItself(state);
}

export function resultJson(state: RunState): Readonly<Record<string, unknown>> {
  const status = statusOf(state);
  const fault = needsYou(state);
  const deployed = state.deployed && state.smoke ? { name: state.deployed.name, answer: state.smoke.answer } : null;
  const why = deployed ? null : whyNotDeployed(state);
  return {
    finished: status === "finished",
    status,
    run: state.id,
    steps: state.step?.step ?? 0,
    firstLoss: state.firstLoss,
    lastLoss: state.trained?.lastLoss ?? state.step?.loss ?? null,
    heldOutBefore: state.comparison?.before ?? null,
    heldOutAfter: state.comparison?.after ?? null,
    checkpoints: state.sealed,
    gguf: state.gguf?.path ?? null,
    ollama: deployed,
    verdict: state.judged?.decision ?? null,
    ...(deployed && againstVerdict(state) ? { againstVerdict: true } : {}),
    ...(why === null ? {} : { why }),
    seconds: state.ended?.seconds ?? Math.max(0, (state.lastAt - state.createdAt) / 1000),
    ...(state.ended?.child ? { child: state.ended.child } : {}),
    ...(fault ? { fault } : {}),
  };
}

export function resultLines(state: RunState): string[] {
  const status = statusOf(state);
  const lines = [`${oneLine(state.name, 80)}: ${headline(status)} (${state.id})`];
  if (state.step)
    lines.push(
      `  ${plural(state.step.step, "step")}, loss ${loss(state.firstLoss)} → ${loss(state.trained?.lastLoss ?? state.step.loss)}, ${plural(state.sealed, "checkpoint")}`,
    );
  const verdict = verdictOf(state);
  if (state.comparison && verdict) {
    const { before, after, low, high, rows } = state.comparison;
    lines.push(
      `  held-out loss ${loss(before)} → ${loss(after)}: ${VERDICTS[verdict]} (95% of the difference ${signed(low)} to ${signed(high)}, ${plural(rows, "row")})`,
    );
  }
  for (const answer of state.answers.slice(0, 4)) {
    lines.push(`  ${oneLine(answer.text, 60)}`, `    before: ${oneLine(answer.before ?? "–", 90)}`, `    after:  ${oneLine(answer.after ?? "–", 90)}`);
  }
  if (state.gguf) lines.push(`  GGUF: ${oneLine(state.gguf.path, 400)}`);
  if (state.deployed) lines.push(`  Ollama: ollama run ${oneLine(state.deployed.name, 80)}${againstVerdict(state) ? ` (${AGAINST})` : ""}`);
  else if (state.ended) lines.push(`  Not in Ollama: ${oneLine(whyNotDeployed(state) ?? "the run was not finished", 400)}`);
  if (state.ended?.child) lines.push(`  It goes on, more gently, as ${state.ended.child}: thortime status ${state.ended.child} --follow`);
  if (state.ended) lines.push(`  ${duration(state.ended.seconds)} in all`);
  return lines;
}

/** What a run needs somebody for; the one who followed it to there gets this as the command's error instead. */
export function faultLines(state: RunState): string[] {
  const fault = needsYou(state);
  return fault ? [`  ${oneLine(fault.message, 400)}`, `  ${oneLine(fault.next, 400)}`] : [];
}

function headline(status: RunStatus): string {
  if (status === "needs-you") return "needs you";
  return status === "paused" ? "paused; go on with: thortime resume" : status;
}

/** A skipped deploy may only repeat what the export before it said better. */
function whyNotDeployed(state: RunState): string | null {
  return state.phases.export.why ?? state.phases.deploy.why ?? state.phases.export.fault?.message ?? state.phases.deploy.fault?.message ?? null;
}

function signed(value: Figure): string {
  const number = toNumber(value);
  return Number.isFinite(number) ? `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(3)}` : String(value);
}
