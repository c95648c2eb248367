/** When a process started, in the machine's own words: with its pid and the boot, that is who it is. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Linux: clock ticks since boot (field 22 of /proc/PID/stat). macOS: `ps -o lstart=` in UTC. */
export async function startOf(pid: number): Promise<string> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces and brackets; fields are counted from behind it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  }
  const env = { LC_ALL: "C", TZ: "UTC", PATH: "/bin:/usr/bin" };
  return (await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], { env, timeout: 2000 })).stdout.trim();
}
