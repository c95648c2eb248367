/** Environments of earlier versions: 635 MB each, and nobody's once no process runs from them. */
import { execFile } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const LIST_MS = 10_000;
const LIST_BYTES = 32 * 1024 * 1024;
/** `<hash of uv.lock>`, with `-dev` for the development group. */
const ENVIRONMENT = /^[0-9a-f]{16}(-dev)?$/;

export interface OldInput {
  /** The folder of the environments; it must serve this home alone. */
  readonly root: string;
  readonly home: string;
  readonly keep: readonly string[];
}

/**
 * Deletes every environment that is not in `keep` and that no living process runs from. What cannot be told is kept: processes that
 * cannot be listed, or one that works on a run of this home from a Python whose path it does not show.
 */
export async function removeOld({ root, home, keep }: OldInput): Promise<void> {
  const all = readdirSync(root)
    .filter((name) => ENVIRONMENT.test(name))
    .map((name) => join(root, name));
  const old = all.filter((folder) => !keep.includes(folder));
  if (old.length === 0) return;
  const commands = await commandLines().catch(() => null);
  if (commands === null) return;
  const runsFrom = (folder: string) => (command: string) => command.includes(folder + sep);
  const working = commands.filter((command) => command.includes(join(home, "runs") + sep));
  if (working.some((command) => !all.some((folder) => runsFrom(folder)(command)))) return;
  for (const folder of old) if (!commands.some(runsFrom(folder))) rmSync(folder, { recursive: true, force: true });
}

/** Of every process of this machine that we may see; one of another user cannot run from our home. */
async function commandLines(): Promise<readonly string[]> {
  if (process.platform !== "linux") {
    const { stdout } = await run("/bin/ps", ["-axww", "-o", "command="], { timeout: LIST_MS, maxBuffer: LIST_BYTES });
    return stdout.split("\n");
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // One that ended meanwhile has nothing to say any more.
  return await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
}
