/** Whether a process is the one that was recorded: pid, start time and run token must all agree, else it is a stranger. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Spawned } from "../core/ports.ts";

const run = promisify(execFile);

export async function isSame(process_: Spawned): Promise<boolean> {
  const seen = await observe(process_.pid);
  return seen !== null && seen.start === process_.start && seen.command.includes(process_.token);
}

/** When a living process started, in the machine's own words. Throws when there is no such process. */
export async function startOf(pid: number): Promise<string> {
  const seen = await observe(pid);
  if (seen === null) throw new Error(`there is no process ${pid}`);
  return seen.start;
}

interface Seen {
  readonly start: string;
  readonly command: string;
}

function observe(pid: number): Promise<Seen | null> {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Null when there is no such process. A look that failed for another reason throws: "gone" would start a second trainer. */
async function look<T>(read: () => Promise<T>, isGone: (code: unknown) => boolean): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isGone((error as { code?: unknown }).code)) return null;
    throw error;
  }
}

/** `start` of field 22 of /proc/PID/stat: clock ticks since boot. A zombie counts as gone. */
function fromProc(pid: number): Promise<Seen | null> {
  const read = async () => {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces and brackets; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return { start: fields[19] ?? "", command };
  };
  return look(read, (code) => code === "ENOENT" || code === "ESRCH");
}

/** UTC, because a local start time repeats itself on the night the clocks go back. */
function fromPs(pid: number): Promise<Seen | null> {
  const env = { LC_ALL: "C", TZ: "UTC", PATH: "/bin:/usr/bin" };
  const read = async () => {
    const start = await run("ps", ["-o", "lstart=", "-p", String(pid)], { env, timeout: 5000 });
    const command = await run("ps", ["-ww", "-o", "command=", "-p", String(pid)], { env, timeout: 5000 });
    return { start: start.stdout.trim(), command: command.stdout };
  };
  // `ps` ends with 1 when it finds nobody; a time limit (a machine that swaps) has no such code.
  return look(read, (code) => code === 1);
}
