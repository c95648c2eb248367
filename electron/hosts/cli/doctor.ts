/** `thortime doctor`: what is installed, what is missing, and what to do about it. It changes nothing and starts nothing. */
import { totalmem } from "node:os";
import type { Command } from "commander";
import { machineFacts } from "../../adapters/machine-facts.ts";
import { type Check, examine } from "../checks.ts";
import type { Context } from "./context.ts";
import { bytes, harmless } from "./format.ts";

export function addDoctor(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("doctor")
    .description("check Node, Python, Ollama, disk and home; say what to do")
    .option("--json", "print one JSON document")
    .action(async (flags: { json?: boolean }) => {
      const { home, env, place } = context;
      const checks = [await describeMachine(), ...(await examine({ home, env, root: place.root, python: () => context.python() }))];
      const ok = checks.every((check) => check.ok || !check.needed);
      if (flags.json) context.printJson({ ok, checks });
      else for (const line of checks.flatMap(lines)) context.print(line);
      // The exit code of `environment` faults.
      finish(ok ? 0 : 6);
    });
}

/** Only said: nothing is asked of a machine by its name. */
async function describeMachine(): Promise<Check> {
  const { chip, cores, model, system } = await machineFacts();
  const memory = `${bytes(totalmem())} memory`;
  const known = [chip, cores === null ? null : `${cores} cores`, memory, model, system].filter((one) => one !== null);
  return { name: "Machine", ok: true, detail: known.join(", "), next: null, needed: false };
}

function lines(check: Check): string[] {
  const head = `${check.ok ? "ok     " : check.needed ? "problem" : "missing"}  ${check.name.padEnd(7)} ${harmless(check.detail)}`;
  return check.next === null ? [head] : [head, `                 ${harmless(check.next)}`];
}
