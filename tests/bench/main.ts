/** `npm run bench -- NAME [--json]`: ours beside its rivals in the same run. The last line is JSON: `{"name", "ours", "rival", "ratio", …}`. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../hosts/homes.ts";
import { provide } from "../runner/provisions.ts";

const NAMES = ["train", "padding", "overhead", "start", "checkpoint", "export", "resume", "replay", "inspect", "shell"] as const;
const BY_NODE: readonly string[] = ["export", "replay", "shell"];

async function python(): Promise<string> {
  const given = process.env["THORTIME_PYTHON"];
  if (given) return given;
  const found = await provide("python", (line) => process.stderr.write(`  ${line}\n`));
  if ("missing" in found) throw new Error(found.missing);
  return found.env["THORTIME_PYTHON"] ?? "python3";
}

async function main(): Promise<number> {
  const [asked = "", ...more] = process.argv.slice(2);
  const name = NAMES.find((known) => known === asked);
  if (!name) {
    process.stderr.write(`usage: npm run bench -- {${NAMES.join("|")}} [--json] [--rows N] …\n`);
    return 2;
  }
  // What Python does is measured by Python, what the engine does by the engine's own Node.
  // A module called `inspect` would stand in front of Python's own for every script of the folder.
  const script = name === "inspect" ? "inspect_rows" : name;
  const [program, file] = BY_NODE.includes(name) ? [process.execPath, `${script}.ts`] : [await python(), `${script}.py`];
  const child = spawn(program, [join(root, "tests", "bench", file), ...more], { cwd: root, stdio: "inherit" });
  return await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

process.exitCode = await main();
