/** `npm run check`: types per room, lint and format, for TypeScript and Python. Every part runs, so that one call shows all there is to mend. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { provide } from "../tests/runner/provisions.ts";

async function pythonTools(): Promise<string> {
  const given = process.env["THORTIME_PYTHON"];
  if (given) return dirname(given);
  const found = await provide("python", (line) => process.stdout.write(`  ${line}\n`));
  if ("missing" in found) throw new Error(found.missing);
  return dirname(found.env["THORTIME_PYTHON"] ?? "");
}

const tools = await pythonTools();
const python = join(tools, "python");
const pythonFolders = ["python/trainer", "resources/practice", "tests/python", "tests/bench"];
const checks: readonly (readonly [string, string, readonly string[]])[] = [
  ["types per room", process.execPath, ["node_modules/typescript/bin/tsc", "-b"]],
  ["lint and format", process.execPath, ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"]],
  ["Python lint", python, ["-m", "ruff", "check", "--config", "python/pyproject.toml", ...pythonFolders]],
  ["Python format", python, ["-m", "ruff", "format", "--check", "--config", "python/pyproject.toml", ...pythonFolders]],
  ["Python types", process.execPath, ["node_modules/pyright/index.js", "--project", "python", "--pythonpath", python]],
];

let bad = 0;
for (const [name, program, args] of checks) {
  const startedAt = performance.now();
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  bad += status === 0 ? 0 : 1;
  process.stdout.write(`${status === 0 ? "ok  " : "BAD "} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
}
process.exitCode = bad === 0 ? 0 : 1;
