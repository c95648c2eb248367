/** Whether a process is the one that was recorded: pid, start time and run token must all agree, else it is a stranger. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Spawned } from "../core/ports.ts";

const run = promisify(execFile);

export async function isSame(process_: Spawned): Promise<boolean> {
  const seen = process.platform === "linux" ? await fromProc(process_.pid) : await fromPs(process_.pid);
  return seen !== null && seen.start === process_.start && seen.command.includes(process_.token);
}

/** `start` of field 22 of /proc/PID/stat: clock ticks since boot. A zombie counts as gone. */
async function fromProc(pid: number): Promise<{ start: string; command: string } | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces and brackets; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return { start: fields[19] ?? "", command };
  } catch {
    return null;
  }
}

/** UTC, because a local start time repeats itself on the night the clocks go back. */
async function fromPs(pid: number): Promise<{ start: string; command: string } | null> {
  const env = { LC_ALL: "C", TZ: "UTC", PATH: "/bin:/usr/bin" };
  try {
    const start = await run("ps", ["-o", "lstart=", "-p", String(pid)], { env, timeout: 2000 });
    const command = await run("ps", ["-ww", "-o", "command=", "-p", String(pid)], { env, timeout: 2000 });
    return { start: start.stdout.trim(), command: command.stdout };
  } catch {
    return null;
  }
}
