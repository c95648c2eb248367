/** `thortime inspect FILE`: what the data doctor finds; nothing is changed and no engine is needed. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { askPython } from "../../adapters/inspector.ts";
import { findInterpreters, isSupported } from "../../adapters/python-interpreter.ts";
import { installEnvironment } from "../../adapters/python-uv.ts";
import type { Context } from "./context.ts";
import { bytes, count, harmless, plural } from "./format.ts";

const countsSchema = z.record(z.string(), z.number());
const reportSchema = z.object({
  files: z.array(
    z
      .object({
        path: z.string(),
        bytes: z.number(),
        rows: z.number(),
        badRows: z.number(),
        formats: countsSchema,
        categories: countsSchema,
        tokens: z.object({ total: z.number() }).loose().nullable(),
      })
      .loose(),
  ),
  findings: z.array(z.object({ kind: z.string(), count: z.number(), message: z.string(), next: z.string() })),
});

export function addInspect(program: Command, context: Context): void {
  program
    .command("inspect <file>")
    .description("read every row of a JSONL file and say what is wrong with it")
    .option("--held-out <file>", "look for rows that stand in both files")
    .option("--model <folder>", "count tokens with this model's tokenizer")
    .option("--json", "print one JSON document")
    .action(async (file: string, flags: { heldOut?: string; model?: string; json?: boolean }) => {
      const args = ["inspect", resolve(file), "--json"];
      if (flags.heldOut !== undefined) args.push("--held-out", resolve(flags.heldOut));
      if (flags.model !== undefined) args.push("--model", resolve(flags.model));
      const python = await anyPython(context, flags.model !== undefined);
      const report = await askPython({ python: () => python, packageFolder: join(context.place.root, "python") }, args);
      if (flags.json) context.printJson(report);
      else for (const line of reportLines(reportSchema.parse(report))) context.print(line);
    });
}

/** Only counting tokens needs the installed environment; for the rest any Python that the trainer supports will do. */
async function anyPython(context: Context, needsEnvironment: boolean): Promise<string> {
  try {
    return context.python();
  } catch (error) {
    const env = installEnvironment(context.env);
    const found = needsEnvironment ? [] : await findInterpreters({ path: env["PATH"] ?? "", platform: process.platform, env });
    const python = found.find((one) => isSupported(one, process.platform));
    if (python) return python.path;
    throw error;
  }
}

function reportLines(report: z.infer<typeof reportSchema>): string[] {
  const files = report.files.flatMap((file) => {
    const lines = [
      `${harmless(file.path)}: ${plural(file.rows, "row")}, ${bytes(file.bytes)}${file.badRows > 0 ? `, ${plural(file.badRows, "row")} cannot be used` : ""}`,
    ];
    lines.push(`  formats: ${list(file.formats)}`, `  categories: ${list(file.categories)}`);
    if (file.tokens) lines.push(`  ${plural(file.tokens.total, "token")}`);
    return lines;
  });
  const findings = report.findings.flatMap(({ message, next }) => [`- ${harmless(message)}`, `  ${harmless(next)}`]);
  return [...files, "", ...(findings.length > 0 ? findings : ["Nothing to complain about."])];
}

const LISTED = 8;

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const shown = entries.slice(0, LISTED).map(([name, value]) => `${harmless(name)} ${count(value)}`);
  return entries.length > LISTED ? `${shown.join(", ")}, … (${entries.length} in all)` : shown.join(", ");
}
