/** `support`: one file to send along with a question. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { bytes, oneLine, plural } from "./format.ts";

export function addSupport(program: Command, context: Context): void {
  program
    .command("support <file>")
    .description("write a .tar.gz for who helps you: versions, doctor, journals and logs, without your rows, prompts, answers, names and secrets")
    .option("--json", "print one JSON document")
    .action(async (file: string, flags: { json?: boolean }) => {
      const api = await context.engine();
      try {
        const written = await api.call("support", { path: resolve(file) });
        if (flags.json) context.printJson(written);
        else context.print(`Written: ${oneLine(written.path, 400)} (${plural(written.files, "file")}, ${bytes(written.bytes)}). Read it before you send it.`);
      } finally {
        api.close();
      }
    });
}
