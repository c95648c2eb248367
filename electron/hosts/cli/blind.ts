/** `thortime blind`: two answers to each question without names, one pick each; whose they were is said at the end. */
import { createInterface } from "node:readline";
import type { Command } from "commander";
import { type BlindResult, blindAgainst, blindPairs, blindResult, type Choice, nextPair, type Pair } from "../../core/blind.ts";
import { fault } from "../../core/faults.ts";
import type { RunState } from "../../core/state.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun, readSnapshot } from "./find-run.ts";
import { harmless, plural } from "./format.ts";

const CHOICES: Readonly<Record<string, Choice>> = { "1": "first", "2": "second", "3": "same", "4": "neither" };

export function addBlind(program: Command, context: Context): void {
  program
    .command("blind [run]")
    .description("compare the answers before and after training without knowing which is which; go on where you left off")
    .option("--json", "print the result so far as one JSON document, and ask nothing")
    .action(async (said: string | undefined, flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const state = await readSnapshot(api, `run:${id}`);
        const against = blindAgainst(state);
        if (flags.json) return context.printJson({ run: id, against, ...blindResult(state, against) });
        const pairs = blindPairs(state, against);
        if (pairs.length === 0)
          throw fault("blind.none", "There are no answers before and after training that differ.", "They come once the run has answered after training.");
        await askAll(api, id, state, pairs, context);
        for (const line of resultLines(await readSnapshot(api, `run:${id}`))) context.print(line);
      } finally {
        api.close();
      }
    });
}

async function askAll(api: SteadyApi, run: string, state: RunState, pairs: readonly Pair[], context: Context): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const against = blindAgainst(state);
  let picks = state.picks;
  for (let pair = nextPair(pairs, picks, against); pair !== null; pair = nextPair(pairs, picks, against)) {
    const { prompt, text, first, second } = pair;
    context.print(`\n${pairs.indexOf(pair) + 1}/${pairs.length}  ${harmless(text)}\n\n1) ${harmless(first)}\n\n2) ${harmless(second)}\n`);
    context.note("1 the first is better · 2 the second · 3 the same · 4 both bad · q later");
    const choice = await readChoice(lines, context);
    if (choice === null) return;
    await api.call("blind-pick", { run, prompt, against, choice });
    picks = [...picks, { prompt, against, pick: "same" }];
  }
}

/** Null: later, or nothing more will be typed. */
async function readChoice(lines: AsyncIterator<string>, context: Context): Promise<Choice | null> {
  for (;;) {
    const { done, value } = await lines.next();
    const typed = done ? "q" : String(value).trim().toLowerCase();
    if (typed === "q") return null;
    const choice = Object.hasOwn(CHOICES, typed) ? CHOICES[typed] : undefined;
    if (choice) return choice;
    context.note("1, 2, 3, 4 or q.");
  }
}

export function resultLines(state: RunState): readonly string[] {
  const result = blindResult(state, blindAgainst(state));
  return [
    preferred(result),
    `The same: ${result.same}, both bad: ${result.neither}, not compared yet: ${result.left}.`,
    ...(result.left > 0 ? ["Go on with: thortime blind."] : []),
  ];
}

export function preferred({ preferredNew, preferredOld, low, high }: BlindResult): string {
  const of = preferredNew + preferredOld;
  if (low === null || high === null) return "You have preferred neither one so far.";
  return `You preferred the new one in ${preferredNew} of ${plural(of, "pair")} (95% ${Math.floor(low * 100)}–${Math.floor(high * 100)}%).`;
}
