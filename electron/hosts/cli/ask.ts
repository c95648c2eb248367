/** `thortime ask` and `corrections`: the old and the new model side by side, and the bad answers a person put right. */
import { constants, copyFileSync, existsSync, readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { FolderHome } from "../../adapters/home.ts";
import { type Fault, FaultError, fault, toFault } from "../../core/faults.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { harmless, oneLine, plural } from "./format.ts";

interface AskFlags {
  readonly only?: "old" | "new";
  readonly correct?: string;
  readonly json?: boolean;
}

interface Reply {
  readonly of: "old" | "new";
  readonly model: string | null;
  readonly answer: string;
  readonly seconds: number | null;
  readonly fault: Fault | null;
}

export function addAsk(program: Command, context: Context): void {
  program
    .command("ask <run> <question>")
    .description("ask the model that answers today and the run's new one, and read both answers")
    .addOption(new Option("--only <model>", "ask only one of the two").choices(["old", "new"]))
    .option("--correct <answer>", "the new model's answer is bad: keep this one for the next data set")
    .option("--json", "print one JSON document")
    .action(async (said: string, question: string, flags: AskFlags) => {
      if (flags.only === "old" && flags.correct !== undefined)
        throw fault("usage.correct", "Only the new model's answer can be put right.", "Leave out --only old.");
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const replies: Reply[] = [];
        for (const of of flags.only ? [flags.only] : (["old", "new"] as const))
          replies.push(await askOne(api, { run: id, question, of }, context, flags.json === true));
        const kept = flags.correct === undefined ? null : await correct(api, id, question, replies, flags.correct);
        if (flags.json) context.printJson({ run: id, question, replies, kept });
        else if (kept !== null) context.print(`Kept for the next data set: ${harmless(kept)}`);
        tellFailures(replies, context);
      } finally {
        api.close();
      }
    });
  program
    .command("corrections")
    .description("the answers you put right, as rows for the next data set")
    .option("--out <file>", "write them to a new file")
    .option("--json", "print one JSON document")
    .action((flags: { out?: string; json?: boolean }) => {
      const path = new FolderHome(context.home).correctionsPath;
      const rows = existsSync(path)
        ? readFileSync(path, "utf8")
            .split("\n")
            .filter((line) => line !== "")
        : [];
      if (flags.out !== undefined) copyOut(path, flags.out, rows.length);
      if (flags.json) context.printJson({ path, rows: rows.length, out: flags.out ?? null });
      else context.print(`${plural(rows.length, "correction")}${rows.length > 0 ? `: ${harmless(flags.out ?? path)}` : ""}`);
    });
}

/** Never over a file that is there. */
function copyOut(from: string, to: string, rows: number): void {
  if (rows === 0) throw fault("corrections.none", "You have corrected no answer yet.", 'Ask and put one right with: thortime ask RUN "…" --correct "…".');
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    const there = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw fault("usage.out", there ? `${to} is there already.` : `${to} cannot be written.`, "Name another file.");
  }
}

type Say = (text: string) => void;

/** Each reason once; where nobody answered, the last is the command's own end. */
function tellFailures(replies: readonly Reply[], context: Context): void {
  const failures = replies.flatMap(({ fault: failure }) => (failure ? [failure] : []));
  const last = failures.length === replies.length ? failures.at(-1) : undefined;
  for (const { message, next } of failures) if (message !== last?.message) context.note(`${harmless(message)} ${harmless(next)}`);
  if (last) throw new FaultError(last);
}

/** What cannot answer does not keep the other one from it. */
async function askOne(api: SteadyApi, input: { run: string; question: string; of: "old" | "new" }, context: Context, quiet: boolean): Promise<Reply> {
  const say: Say = (text) => (quiet ? undefined : context.print(text));
  try {
    const { ask, model } = await api.call("ask", input);
    say(`${input.of === "old" ? "TODAY" : "NEW"} (${oneLine(model, 80)})`);
    const reply = { of: input.of, model, ...(await readAnswer(api, ask)) };
    say(reply.fault === null ? `${harmless(reply.answer)} (${(reply.seconds ?? 0).toFixed(1)} s)\n` : `${harmless(reply.answer)}\n`);
    return reply;
  } catch (error) {
    return { of: input.of, model: null, answer: "", seconds: null, fault: toFault(error) };
  }
}

async function readAnswer(api: SteadyApi, ask: string): Promise<Pick<Reply, "answer" | "seconds" | "fault">> {
  let answer = "";
  for (;;) {
    const { text, done, seconds, fault: failure } = await api.call("ask-read", { ask, from: answer.length });
    answer += text;
    if (done) return { answer, seconds, fault: failure };
  }
}

async function correct(api: SteadyApi, run: string, question: string, replies: readonly Reply[], corrected: string): Promise<string> {
  const rejected = replies.find(({ of }) => of === "new")?.answer ?? "";
  return (await api.call("correction-add", { run, question, rejected, corrected })).path;
}
