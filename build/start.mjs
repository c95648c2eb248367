#!/usr/bin/env node
// `npm start`: installs and builds what is missing, then opens Thortime. Uses only what Node 20 has built in.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, runInherited } from "./prepare.mjs";
import { ensurePackages } from "./provision/apt.mjs";
import { run } from "./provision/run.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ELECTRON = join(root, "node_modules", "electron", "dist", "Electron.app", "Contents", "MacOS", "Electron");
const say = (line) => console.error(line);

async function main() {
  await ensurePythonPackages();
  const { node } = await prepare(root, say);
  const cli = join(root, "out", "cli.js");
  if (process.platform !== "darwin" || !existsSync(ELECTRON)) return await runInherited(node, [cli, "start", ...process.argv.slice(2)]);
  const code = await runInherited(node, [cli, "start", "--no-dashboard"]);
  return code === 0 ? await runInherited(ELECTRON, [root], { env: { ...process.env, THORTIME_NODE: node } }) : code;
}

/** Debian's Python comes without the part that makes environments; as root it is installed, otherwise the set-up says what to do. */
async function ensurePythonPackages() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  const found = await run("python3", ["-c", "import ensurepip"], { limitMs: 30_000 }).catch(() => ({ code: null }));
  if (found.code !== 0)
    await ensurePackages({ packages: ["python3", "python3-venv"], purpose: "to make the Python environment", otherwiseReady: async () => true, onLine: say });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    // A problem of ours is a sentence and a next step; anything else is a defect and shows its stack.
    console.error(error.kind ? `${error.message}\n${error.next}` : error);
    process.exitCode = 1;
  },
);
