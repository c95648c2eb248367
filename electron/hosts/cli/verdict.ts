/** `thortime verdict`: what the gate found about a run, each line with its value, its limit and what it stands on. */
import type { Command } from "commander";
import { blindAgainst, blindResult } from "../../core/blind.ts";
import { isHeldAtGate } from "../../core/campaign-gate.ts";
import { fault } from "../../core/faults.ts";
import { againstVerdict } from "../../core/selectors.ts";
import type { RunState } from "../../core/state.ts";
import { deployLines } from "../../core/verdict/deploy-lines.ts";
import type { CategoryGrade, CriterionName, Decision, Judgement, Lever, Line } from "../../core/verdict/judgement.ts";
import { preferred } from "./blind.ts";
import type { Context } from "./context.ts";
import { findRun, readSnapshot } from "./find-run.ts";
import { bytes, oneLine, table } from "./format.ts";

export const DECISIONS: Readonly<Record<Decision, string>> = { go: "GO", "no-go": "NO-GO", "your-call": "your call" };

export const CRITERIA: Readonly<Record<CriterionName, string>> = {
  trained: "trained to its end",
  "first-loss": "loss at the start above",
  "last-loss": "loss at the end below",
  "loss-share": "loss at the end ÷ at the start, at most",
  "held-out": "held-out loss, after − before, below",
  "held-out-stable": "held-out loss, end − best, not above",
  memory: "memory below",
  "sound-answers": "answers that are sound, at least",
  "expected-answers": "answers that say what they have to, at least",
  forgotten: "right before and wrong now, at most",
  "weakest-category": "good answers in the weakest category, at least",
  "technical-answers": "good technical answers, after − before, at least",
  knowledge: "held-out questions (chrF), after − before, above",
  consistency: "persona prompts right each time, at least",
  "in-window": "hours of training below",
  "template-parity": "in Ollama the same prompt as in training, byte for byte",
  "token-agreement": "tokens that agree, adapter and Ollama's model, at least",
  "loss-parity": "loss in Ollama − loss of the adapter",
  latency: "time to an answer in Ollama below",
  "persona-repeats": "repeated answers that say who it is, at least",
};
export const AGAINST = "Put into Ollama against the verdict.";
const LEVERS: Readonly<Record<Lever, string>> = {
  "gentler-rate": "a gentler learning rate (× 0.4)",
  "higher-rate": "a higher learning rate (× 2)",
  "fewer-epochs": "fewer epochs",
  "more-epochs": "5 epochs",
  "higher-rank": "LoRA rank 32",
  "more-data": "more rows in the categories that failed",
  "other-base": "another base model",
  "smaller-micro-batch": "a smaller micro-batch",
};

export function addVerdict(program: Command, context: Context): void {
  program
    .command("verdict [run]")
    .description("GO or NO-GO, with the evidence; without a name the newest run")
    .option("--json", "print one JSON document")
    .action(async (said: string | undefined, flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const state = await readSnapshot(api, `run:${id}`);
        if (!state.judged) throw fault("run.not-judged", "There is no verdict yet.", "It comes once training and the answers after it are done.");
        const { decision, levers, categories = [], early = [], taken = null } = state.judged;
        const lines = allLines(state);
        const { nextRun, next } = state;
        const more = {
          categories,
          early,
          taken,
          baseline: baselineOf(state.baseline),
          deployedAs: state.deployed?.name ?? null,
          against: againstVerdict(state) || (nextRun !== null && decision !== "go"),
          ...(next === null ? {} : { next: { name: next.name, run: nextRun, held: isHeldAtGate(state) } }),
          blind: blindResult(state, blindAgainst(state)),
        };
        if (flags.json) context.printJson({ run: id, decision, lines, levers, ...more });
        else for (const line of verdictLines(state)) context.print(line);
      } finally {
        api.close();
      }
    });
}

export function verdictLines(state: RunState): string[] {
  const { judged } = state;
  if (!judged) return [];
  const lines = allLines(state);
  const rows = lines.map((line) => [
    `  ${mark(line)}`,
    CRITERIA[line.criterion] + (line.category === undefined ? "" : ` (${oneLine(line.category, 40)})`),
    line.limit === null && line.passed ? "–" : figure(line, line.limit),
    figure(line, line.value) + interval(line),
  ]);
  const found = lines.flatMap(({ passed, evidence }) => (passed === false ? evidence : []));
  return [
    `${oneLine(state.name, 80)}: ${DECISIONS[judged.decision]}`,
    table(rows),
    ...categoryLines(judged.categories ?? [], state.baseline?.name ?? null),
    ...takenLine(judged.taken ?? null),
    ...earlyLine(judged.early ?? []),
    ...found.map(({ prompt, check, text }) => `  ${oneLine(prompt, 40)} (${check}): ${oneLine(text, 80)}`),
    ...(state.picks.length > 0 ? [`  ${preferred(blindResult(state, blindAgainst(state)))}`] : []),
    ...(againstVerdict(state) ? [`  ${AGAINST}`] : []),
    ...(judged.decision === "go" || judged.levers.length === 0 ? [] : [`  Try next: ${judged.levers.map((lever) => LEVERS[lever]).join(", or ")}.`]),
    ...campaignLines(state),
  ];
}

/** What the gate between a campaign's phases came to; nothing for a run that nothing follows. */
export function campaignLines(state: RunState): string[] {
  const { next, nextRun, id, judged } = state;
  if (next === null) return [];
  if (nextRun !== null)
    return [`  ${next.name} follows${judged && judged.decision !== "go" ? " against the verdict" : ""}: thortime status ${nextRun} --follow`];
  if (!isHeldAtGate(state)) return [];
  return [`  ${next.name} is held back. Try again with: thortime again ${id}; or go on in spite of it: thortime go ${id}`];
}

/** The gate's, then those of the candidate in Ollama. */
function allLines(state: RunState): readonly Line[] {
  return [...(state.judged?.lines ?? []), ...deployLines(state)];
}

function baselineOf(baseline: RunState["baseline"]): object | null {
  return baseline && { name: baseline.name, answers: baseline.asked?.answers ?? null, why: baseline.asked?.why ?? null };
}

/** Category by category: good answers of those given, and the held-out loss where rows name it. */
function categoryLines(categories: readonly CategoryGrade[], baseline: string | null): string[] {
  if (categories.length === 0) return [];
  const count = ({ passed, of }: CategoryGrade["after"]) => (of === 0 ? "–" : `${passed}/${of}`);
  const loss = (value: number | null) => (value === null ? "unknown" : value.toFixed(3));
  const rows = categories.map(({ category, before, after, baseline: daily, heldOut }) => [
    `  ${oneLine(category, 40)}`,
    count(before),
    count(after),
    ...(baseline === null ? [] : [count(daily)]),
    heldOut ? `${loss(heldOut.before)} → ${loss(heldOut.after)} (${heldOut.rows} rows)` : "–",
  ]);
  return [table([["  Good answers", "before", "after", ...(baseline === null ? [] : [oneLine(baseline, 30)]), "held-out loss"], ...rows])];
}

function takenLine(taken: Judgement["taken"]): string[] {
  if (!taken) return [];
  const which = taken.why === "best" ? "the best by its held-out loss" : "the newest; no held-out loss was measured";
  return [`  Taken: the checkpoint of step ${taken.step} (${which}${taken.step === taken.lastStep ? "" : `; the last is ${taken.lastStep}`}).`];
}

function earlyLine(early: Judgement["early"] = []): string[] {
  const asked = early.filter(({ of }) => of > 0);
  return asked.length === 0 ? [] : [`  Good answers on the way: ${asked.map(({ step, passed, of }) => `step ${step} ${passed}/${of}`).join(", ")}.`];
}

export function mark({ passed }: Line): string {
  return passed === null ? "?" : passed ? "✓" : "✗";
}

function interval({ low, high }: Line): string {
  return low === undefined || high === undefined ? "" : ` (95% ${low.toFixed(3)} to ${high.toFixed(3)})`;
}

export function figure({ criterion }: Line, value: number | null): string {
  if (value === null) return "unknown";
  switch (criterion) {
    case "memory":
      return bytes(value);
    case "in-window":
      return `${value.toFixed(1)} h`;
    case "trained":
    case "sound-answers":
    case "expected-answers":
    case "forgotten":
    case "weakest-category":
    case "technical-answers":
    case "consistency":
    case "persona-repeats":
      return `${Math.round(value * 100)}%`;
    case "token-agreement":
      return `${(Math.floor(value * 1000) / 10).toFixed(1)}%`;
    case "template-parity":
      return value === 1 ? "the same" : "differs";
    case "latency":
      return `${value.toFixed(1)} s`;
    default:
      return value.toFixed(3);
  }
}
