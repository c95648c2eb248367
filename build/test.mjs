#!/usr/bin/env node
// `npm test [-- SUITE …]`: makes the clone ready, then hands over to the runner on a Node that reads TypeScript.
// Uses only what Node 20 has built in, because nothing else may be there yet.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, runInherited } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const { node } = await prepare(root, (line) => console.log(line));
  process.exitCode = await runInherited(node, [join(root, "tests", "runner", "main.ts"), ...process.argv.slice(2)], { cwd: root });
} catch (error) {
  console.error(error.next ? `${error.message}\n${error.next}` : error);
  process.exitCode = 1;
}
