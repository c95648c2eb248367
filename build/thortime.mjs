#!/usr/bin/env node
// The command `thortime` inside a clone: runs out/cli.js on a Node that is new enough, after installing and building what is missing.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare, runInherited } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

prepare(root, (line) => console.error(line))
  .then(({ node }) => runInherited(node, [join(root, "out", "cli.js"), ...process.argv.slice(2)]))
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error.kind ? `${error.message}\n${error.next}` : error);
      process.exitCode = error.kind ? 6 : 1;
    },
  );
