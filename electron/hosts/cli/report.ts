/** `thortime report`: the morning report of a run, written as it stands now, and opened where that is asked for. */
import { spawn } from "node:child_process";
import { type Command, Option } from "commander";
import { fault } from "../../core/faults.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { harmless } from "./format.ts";

interface Flags {
  readonly language?: "en" | "tr";
  readonly open?: boolean;
  readonly json?: boolean;
}

export function addReport(program: Command, context: Context): void {
  program
    .command("report [run]")
    .description("write the morning report and say where it is; without a name that of the newest run")
    .addOption(new Option("--language <code>", "in English or Turkish (default: as set)").choices(["en", "tr"]))
    .option("--open", "open it in the browser")
    .option("--json", "print one JSON document: what report.json holds")
    .action(async (said: string | undefined, flags: Flags) => {
      const api = await context.engine();
      try {
        const { id } = await findRun(api, said, "newest");
        const { path, data } = await api.call("report", flags.language ? { run: id, language: flags.language } : { run: id });
        if (flags.json) context.printJson(data);
        else context.print(harmless(path));
        if (flags.open) await openFile(path);
      } finally {
        api.close();
      }
    });
}

/** The system's own opener; it outlives this command. */
function openFile(path: string): Promise<void> {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const absent = () => fault("environment.browser", `There is no ${opener} here to open it with.`, `Open this file in a browser: ${path}`);
  return new Promise((resolve, reject) => {
    const child = spawn(opener, [path], { stdio: "ignore", detached: true });
    child.once("error", () => reject(absent()));
    child.once("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
