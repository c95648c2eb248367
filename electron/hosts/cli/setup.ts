/** `thortime setup`: makes the locked Python environment, showing what it does. */
import { join } from "node:path";
import type { Command } from "commander";
import { ensurePython } from "../../adapters/python-environment.ts";
import type { Context } from "./context.ts";
import { harmless } from "./format.ts";

export function addSetup(program: Command, context: Context): void {
  program
    .command("setup")
    .description("install the locked Python environment; does nothing where it is there already")
    .option("--dev", "with what the project's own tests need")
    .option("--json", "print one JSON document")
    .action(async (flags: { dev?: boolean; json?: boolean }) => {
      const { python } = await prepareEnvironment(context, flags.dev ?? false);
      if (flags.json) context.printJson({ python });
      else context.print(`The Python environment is ready: ${python}`);
    });
}

/** Quick where it is there; otherwise some minutes, with every line of the installers on stderr. */
export async function prepareEnvironment(context: Context, dev = false): Promise<{ python: string }> {
  let installed = 0;
  const onLine = (line: string) => {
    // uv names each of a hundred packages; the count says enough.
    if (line.startsWith(" + ")) installed += 1;
    else if (line.trim() !== "") context.note(`  ${harmless(line).trimEnd()}`);
  };
  const project = join(context.place.root, "python");
  const made = await ensurePython({ home: context.home, project, cache: context.env["THORTIME_CACHE"] ?? null, dev, env: context.env, onLine });
  if (installed > 0) context.note(`  ${installed} Python packages are in place.`);
  return made;
}
