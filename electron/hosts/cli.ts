/** Entry of `out/cli.js`: the command line. An error is one sentence and a next step on stderr, and a documented exit code. */
import { CommanderError } from "commander";
import { exitCode, fault, toFault } from "../core/faults.ts";
import { makeContext } from "./cli/context.ts";
import { harmless } from "./cli/format.ts";
import { makeProgram } from "./cli/program.ts";
import { findPlace } from "./place.ts";

async function main(): Promise<void> {
  // A reader that stopped reading (`| head`) is no error.
  process.stdout.on("error", () => process.exit(0));
  let code = 0;
  try {
    checkNode();
    const program = makeProgram(makeContext(findPlace(import.meta.dirname), process.env), (given) => {
      code = given;
    });
    if (process.argv.length <= 2) program.outputHelp();
    else await program.parseAsync(process.argv);
  } catch (error) {
    code = report(error);
  }
  process.exitCode = code;
  // The engine's connection and a terminal's input could keep us; what was said is out.
  process.stdout.write("", () => process.exit(code));
}

/** An older Node does not refuse: better-sqlite3 ends it with a segmentation fault. */
function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw fault(
    "environment.node",
    `Thortime needs Node 22.12 or newer, and this is ${process.versions.node}.`,
    "Run it as npx thortime inside the clone, which finds the right one, or install a newer Node.",
  );
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

await main();
