/** `node engine-process.ts FOLDER SCRIPT`: an engine in a process of its own, so that a test can kill it. Prints the id of the run it started. */
import { Night } from "./night.ts";

const [folder, script] = process.argv.slice(2);
const night = new Night(folder);
night.startLean();
process.stdout.write(`${await night.begin(JSON.parse(script ?? "{}"))}\n`);
