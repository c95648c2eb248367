/** The command line, in plain Node or in Electron without a window. An error is one sentence and a next step on stderr, and a documented exit code. */
import { CommanderError } from "commander";
import { exitCode, toFault } from "../core/faults.ts";
import { makeContext } from "./cli/context.ts";
import { harmless } from "./cli/format.ts";
import { makeProgram } from "./cli/program.ts";
import type { Place } from "./place.ts";

/** `args`: without program and script. Resolves with the exit code once what was said is out. */
export async function runCli(findPlace: () => Place, args: readonly string[]): Promise<number> {
  // A reader that stopped reading (`| head`) is no error.
  process.stdout.on("error", () => process.exit(0));
  let code = 0;
  try {
    const program = makeProgram(makeContext(findPlace(), process.env), (given) => {
      code = given;
    });
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
  } catch (error) {
    code = report(error);
  }
  return await new Promise((resolve) => process.stdout.write("", () => resolve(code)));
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const sentence = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    process.stderr.write(`${harmless(sentence)}\nSee: thortime --help\n`);
    return exitCode("usage");
  }
  const { kind, message, next } = toFault(error);
  process.stderr.write(`${harmless(message)}\n${harmless(next)}\n`);
  return exitCode(kind);
}
