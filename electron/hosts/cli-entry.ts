/** Entry of `out/cli.js`: the command line in plain Node. */
import { fault } from "../core/faults.ts";
import { runCli } from "./cli.ts";
import { findPlace, type Place } from "./place.ts";

function ownPlace(): Place {
  checkNode();
  return findPlace(import.meta.dirname);
}

/** An older Node does not refuse: better-sqlite3 ends it with a segmentation fault. */
function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return;
  throw fault(
    "environment.node",
    `Thortime needs Node 22.12 or newer, and this is ${process.versions.node}.`,
    "Run it as npx thortime inside the clone, which finds the right one, or install a newer Node.",
  );
}

// The engine's connection and a terminal's input could keep us.
process.exit(await runCli(ownPlace, process.argv.slice(2)));
