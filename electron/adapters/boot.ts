/** Which boot of the machine this is: durations on a monotonic clock mean nothing across two. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

let known: string | null = null;

/** Linux: the kernel's boot id. macOS: the boot session's UUID. Elsewhere "unknown". */
export function bootId(): string {
  known ??= readBootId();
  return known;
}

function readBootId(): string {
  try {
    if (process.platform === "linux") return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    if (process.platform === "darwin") return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8", timeout: 2000 }).trim();
  } catch {
    // Falls through: a boot that cannot be named is named so.
  }
  return "unknown";
}
