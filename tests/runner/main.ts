/**
 * `npm test [-- SUITE …]`: provides what the suites need, runs them, and closes with a line CI understands.
 * A suite that cannot be provided for is skipped with the reason; THORTIME_REQUIRE=all turns a skip into a failure.
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Need, type Provided, provide } from "./provisions.ts";
import { resultsOf } from "./results.ts";
import { SUITES, type Suite } from "./suites.ts";

interface Tally {
  passed: number;
  skipped: string[];
  /** Who failed, said once more at the end: a log is read from there. */
  failures: string[];
}

const reports = mkdtempSync(join(tmpdir(), "thortime-reports-"));
const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(wanted: readonly string[]): Promise<number> {
  const suites = wanted.length > 0 ? SUITES.filter((suite) => wanted.includes(suite.name)) : SUITES;
  if (suites.length === 0) {
    say(`No such suite. There are: ${SUITES.map((suite) => suite.name).join(", ")}.`);
    return 2;
  }
  const provided = await provideAll(suites);
  const tally: Tally = { passed: 0, skipped: [], failures: [] };
  for (const suite of suites) await runSuite(suite, provided, tally);
  const failures = [...tally.failures, ...(process.env["THORTIME_REQUIRE"] === "all" ? tally.skipped : [])];
  for (const failure of failures) say(`failed: ${failure}`);
  for (const reason of tally.skipped) say(`skipped: ${reason}`);
  say(`${tally.passed} passed, ${failures.length} failed${tally.skipped.length > 0 ? `, ${tally.skipped.length} suites skipped` : ""}`);
  return failures.length === 0 ? 0 : 1;
}

async function provideAll(suites: readonly Suite[]): Promise<Map<Need, Provided>> {
  const provided = new Map<Need, Provided>();
  for (const need of new Set(suites.flatMap((suite) => suite.needs))) {
    const startedAt = performance.now();
    const result = await provide(need, (line) => say(`  ${need}: ${line}`));
    provided.set(need, result);
    say(`provided ${need} in ${seconds(startedAt)}${"missing" in result ? `: NOT available. ${result.missing}` : ""}`);
  }
  return provided;
}

async function runSuite(suite: Suite, provided: ReadonlyMap<Need, Provided>, tally: Tally): Promise<void> {
  const missing = suite.needs.flatMap((need) => {
    const found = provided.get(need);
    return found && "missing" in found ? [`${need} (${found.missing})`] : [];
  });
  if (missing.length > 0) {
    tally.skipped.push(`${suite.name} needs ${missing.join(" and ")}`);
    return;
  }
  const env: Record<string, string> = Object.assign({}, ...[...provided.values()].map((found) => ("env" in found ? found.env : {})));
  const startedAt = performance.now();
  say(`\n== ${suite.name}`);
  const code = await execute(suite, { ...process.env, ...env });
  const { passed, failures } = resultsOf(suite, code, reports);
  tally.passed += passed;
  tally.failures.push(...failures.map((failure) => `${suite.name}: ${failure}`));
  say(`== ${suite.name}: ${passed} passed, ${failures.length} failed in ${seconds(startedAt)}`);
}

function execute(suite: Suite, env: NodeJS.ProcessEnv): Promise<number> {
  const [program, args] = commandOf(suite, env);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", env });
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function commandOf({ name, run }: Suite, env: NodeJS.ProcessEnv): [string, string[]] {
  if ("npm" in run) return [process.execPath, ["build/check.ts"]];
  if ("pytest" in run) return [env["THORTIME_PYTHON"] ?? "python3", ["-m", "pytest", "-q", `--junitxml=${join(reports, `${name}.xml`)}`, ...run.pytest]];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${join(reports, `${name}.json`)}`];
  return [process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", ...reporters, ...run.vitest]];
}

const seconds = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

process.exitCode = await main(process.argv.slice(2));
