/** `thortime setup`: makes the locked Python environment, showing what it does. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { ensurePython } from "../../adapters/python-environment.ts";
import { checkOwnPython, writeOwnPython } from "../../adapters/python-own.ts";
import { installEnvironment } from "../../adapters/python-uv.ts";
import type { Context } from "./context.ts";
import { harmless } from "./format.ts";

export function addSetup(program: Command, context: Context): void {
  program
    .command("setup")
    .description("install the locked Python environment; does nothing where it is there already")
    .option("--dev", "with what the project's own tests need")
    .option("--python <path>", "make it from this Python from now on; auto: from one that is found")
    .option("--json", "print one JSON document")
    .action(async (flags: { dev?: boolean; python?: string; json?: boolean }) => {
      if (flags.python !== undefined) await chooseOwnPython(context, flags.python);
      const { python } = await prepareEnvironment(context, flags.dev ?? false);
      if (flags.json) context.printJson({ python });
      else context.print(`The Python environment is ready: ${python}`);
    });
}

/** Checked before it is written: a setting that cannot be used would stand in the way of every later set-up. */
async function chooseOwnPython(context: Context, named: string): Promise<void> {
  const path = named === "auto" ? null : resolve(named);
  if (path !== null) await checkOwnPython(path, process.platform, installEnvironment(context.env));
  mkdirSync(context.home, { recursive: true, mode: 0o700 });
  writeOwnPython(context.home, path);
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
  const made = await ensurePython({
    home: context.home,
    project,
    cache: context.env["THORTIME_CACHE"] ?? null,
    dev,
    uv: context.place.uv,
    env: context.env,
    onLine,
  });
  if (installed > 0) context.note(`  ${installed} Python packages are in place.`);
  return made;
}
