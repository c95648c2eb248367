/** `compare`, `delete`, `export-run`, `import-run`: what is done with runs that are over. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Comparison, SettingValue, Side } from "../../core/compare.ts";
import type { Removal, RemovalWarning } from "../../core/removal.ts";
import type { SteadyApi } from "../steady.ts";
import type { Context } from "./context.ts";
import { findRun } from "./find-run.ts";
import { bytes, day, duration, loss, oneLine, plural, table } from "./format.ts";
import { CRITERIA, DECISIONS, figure, mark } from "./verdict.ts";

export function addPast(program: Command, context: Context): void {
  program
    .command("compare <a> <b>")
    .description("two runs side by side: settings that differ, losses, verdicts")
    .option("--json", "print one JSON document, with both curves")
    .action(async (a: string, b: string, flags: { json?: boolean }) => {
      await withApi(context, async (api) => {
        const [left, right] = [await findRun(api, a, "newest"), await findRun(api, b, "newest")];
        const comparison = await api.call("runs-compare", { a: left.id, b: right.id });
        if (flags.json) context.printJson(comparison);
        else for (const line of comparisonLines(comparison)) context.print(line);
      });
    });
  program
    .command("delete <run>")
    .description("delete a run that is over; without --yes only says what would go")
    .option("--yes", "delete it")
    .option("--json", "print one JSON document")
    .action(async (said: string, flags: { yes?: boolean; json?: boolean }) => {
      await withApi(context, async (api) => {
        const { id } = await findRun(api, said, "newest");
        const removal = await api.call("run-delete", { run: id, really: flags.yes ?? false });
        if (flags.json) context.printJson(removal);
        else for (const line of removalLines(removal)) context.print(line);
      });
    });
  program
    .command("export-run <run> <file>")
    .description("write a run that is over into one new .tar.gz, without its models")
    .option("--json", "print one JSON document")
    .action(async (said: string, file: string, flags: { json?: boolean }) => {
      await withApi(context, async (api) => {
        const { id } = await findRun(api, said, "newest");
        const packed = await api.call("run-pack", { run: id, path: resolve(file) });
        if (flags.json) context.printJson({ run: id, ...packed });
        else context.print(`Written: ${oneLine(packed.path, 400)} (${plural(packed.files, "file")}, ${bytes(packed.bytes)}). It holds the run's rows.`);
      });
    });
  program
    .command("import-run <file>")
    .description("take in a run that export-run wrote")
    .option("--json", "print one JSON document")
    .action(async (file: string, flags: { json?: boolean }) => {
      await withApi(context, async (api) => {
        const { run, from } = await api.call("run-import", { path: resolve(file) });
        if (flags.json) context.printJson({ run, from });
        else context.print(run === from ? `Taken in: ${run}` : `Taken in as ${run}: there is a run called ${from} already.`);
      });
    });
}

async function withApi(context: Context, work: (api: SteadyApi) => Promise<void>): Promise<void> {
  const api = await context.engine();
  try {
    await work(api);
  } finally {
    api.close();
  }
}

function comparisonLines({ a, b, settings, lines }: Comparison): string[] {
  const sides = (label: string, show: (side: Side) => string) => [label, show(a), show(b)];
  const known = [
    ["", oneLine(a.run, 60), oneLine(b.run, 60)],
    sides("started", ({ createdAt }) => day(createdAt)),
    sides("stands", ({ status }) => status),
    sides("made from", ({ from }) => (from === null ? "–" : `${oneLine(from.run, 60)}${from.lever === null ? "" : ` (${from.lever})`}`)),
    sides("verdict", ({ decision }) => (decision === null ? "none yet" : DECISIONS[decision])),
    sides("steps", ({ steps, totalSteps }) => `${steps}/${totalSteps}`),
    sides("loss", ({ curve }) => `${loss(curve[0]?.loss ?? null)} → ${loss(curve.at(-1)?.loss ?? null)}`),
    sides("held-out loss", ({ heldOutBefore, heldOutAfter }) => (heldOutAfter === null ? "–" : `${loss(heldOutBefore)} → ${loss(heldOutAfter)}`)),
    sides("memory at most", ({ peakBytes }) => (peakBytes === null ? "unknown" : bytes(peakBytes))),
    sides("trained", ({ trainSeconds }) => duration(trainSeconds)),
    sides("in Ollama", ({ deployedAs }) => (deployedAs === null ? "–" : oneLine(deployedAs, 40))),
  ];
  const differ = settings.map(({ key, a: left, b: right }) => [`  ${key}`, setting(left), setting(right)]);
  const judged = lines.map((line) => [
    `  ${CRITERIA[line.criterion]}`,
    line.a ? `${mark(line.a)} ${figure(line.a, line.a.value)}` : "–",
    line.b ? `${mark(line.b)} ${figure(line.b, line.b.value)}` : "–",
  ]);
  return [
    table([
      ...known,
      [differ.length > 0 ? "Set differently:" : "Set alike.", "", ""],
      ...differ,
      ...(judged.length > 0 ? [["Verdict:", "", ""], ...judged] : []),
    ]),
  ];
}

function setting(value: SettingValue): string {
  return value === null ? "–" : oneLine(String(value), 60);
}

function removalLines({ run, folder, parts, bytes: total, warnings, deleted }: Removal): string[] {
  const rows = parts.map((part) => [`  ${oneLine(part.name, 40)}`, plural(part.files, "file"), bytes(part.bytes)]);
  return [
    `${deleted ? "Deleted" : "Would be deleted"}: ${oneLine(folder, 400)}`,
    table(rows),
    ...warnings.map(warning),
    deleted ? `${bytes(total)} came free.` : `${bytes(total)} would come free. Delete it with: thortime delete ${run} --yes`,
  ];
}

function warning(one: RemovalWarning): string {
  if (one.kind === "child") return `  ${one.run} was made from it, and stays.`;
  return `  Its model ${one.answers ? "answers" : "was put"} in Ollama as ${oneLine(one.name, 60)}${one.answers ? ", and stays there" : ""}; see: thortime versions.`;
}
