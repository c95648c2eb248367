/** `thortime inspect FILE`: what the data doctor finds; the file is only read, a corrected copy is a new file, and no engine is needed. */
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
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
        languages: z.object({ counts: countsSchema }).loose().nullable(),
      })
      .loose(),
  ),
  findings: z.array(z.object({ kind: z.string(), count: z.number(), message: z.string(), next: z.string() })),
  leftOut: z.array(z.object({ what: z.string(), why: z.string(), next: z.string() })),
  expectation: z.object({ message: z.string() }).loose(),
  fix: z
    .object({ files: z.array(z.object({ to: z.string(), rows: z.number(), changes: countsSchema }).loose()), list: z.string() })
    .loose()
    .nullable(),
});

interface Flags {
  readonly heldOut?: string;
  readonly model?: string;
  readonly maxSeqLength?: number;
  readonly near?: boolean;
  readonly languages?: boolean;
  readonly fix?: string;
  readonly fixConflicts?: boolean;
  readonly fixNear?: boolean;
  readonly fixPersonal?: boolean;
  readonly json?: boolean;
}

export function addInspect(program: Command, context: Context): void {
  program
    .command("inspect <file>")
    .description("read every row of a JSONL file and say what is wrong with it")
    .option("--held-out <file>", "look for rows that stand in both files")
    .option("--model <folder>", "count tokens with this model's tokenizer")
    .option("--max-seq-length <n>", "the limit that tokens are held against (2048)", wholeNumber)
    .option("--near", "look for near-duplicates too")
    .option("--languages", "tell each row's language too")
    .option("--fix <out>", "write the rows that can stay into a new file, with a list of what changed")
    .option("--fix-conflicts", "and keep only the most frequent answer of each question")
    .option("--fix-near", "and keep only the earliest of rows that are nearly the same")
    .option("--fix-personal", "and replace personal data by the name of its kind")
    .option("--json", "print one JSON document")
    .action(async (file: string, flags: Flags) => {
      const needsEnvironment = flags.model !== undefined || flags.near === true || flags.fixNear === true || flags.languages === true;
      const python = await anyPython(context, needsEnvironment);
      const report = await askPython({ python: () => python, packageFolder: join(context.place.root, "python") }, inspectArguments(file, flags));
      if (flags.json) context.printJson(report);
      else for (const line of reportLines(reportSchema.parse(report))) context.print(line);
    });
}

function inspectArguments(file: string, flags: Flags): string[] {
  const files = { "--held-out": flags.heldOut, "--model": flags.model, "--fix": flags.fix };
  const named = Object.entries(files).flatMap(([name, value]) => (value === undefined ? [] : [name, resolve(value)]));
  const switches = {
    "--near": flags.near,
    "--languages": flags.languages,
    "--fix-conflicts": flags.fixConflicts,
    "--fix-near": flags.fixNear,
    "--fix-personal": flags.fixPersonal,
  };
  const given = Object.entries(switches).flatMap(([name, on]) => (on ? [name] : []));
  const limit = flags.maxSeqLength === undefined ? [] : ["--max-seq-length", String(flags.maxSeqLength)];
  return ["inspect", resolve(file), ...named, ...given, ...limit, "--json"];
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It has to be a whole number above 0.");
}

/** Tokens, languages and near-duplicates need the installed environment; for the rest any Python that the trainer supports will do. */
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
    if (file.languages) lines.push(`  languages: ${list(file.languages.counts)}`);
    if (file.tokens) lines.push(`  ${plural(file.tokens.total, "token")}`);
    return lines;
  });
  const findings = report.findings.flatMap(({ message, next }) => [`- ${harmless(message)}`, `  ${harmless(next)}`]);
  const leftOut = report.leftOut.map(({ what, why, next }) => `${harmless(what)} left out: ${harmless(why)}. ${harmless(next)}`);
  const fixed = (report.fix?.files ?? []).map(
    ({ to, rows, changes }) => `${harmless(to)}: ${plural(rows, "row")} (${list(changes) || "nothing had to be changed"})`,
  );
  if (report.fix) fixed.push(`  every change is listed in ${harmless(report.fix.list)}`);
  const sections = [files, findings.length > 0 ? findings : ["Nothing to complain about."], fixed, leftOut, [harmless(report.expectation.message)]];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

const LISTED = 8;

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const shown = entries.slice(0, LISTED).map(([name, value]) => `${harmless(name)} ${count(value)}`);
  return entries.length > LISTED ? `${shown.join(", ")}, … (${entries.length} in all)` : shown.join(", ");
}
