/**
 * A disk of the soak's own, so that it can be full: a tmpfs in a private mount namespace, which goes away with the processes in it.
 * Without the right to make one there is no such disk, and the summary says so.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";

/** More than the engine wants free before it goes on. */
export const DISK_BYTES = 1_700_000_000;
const MARK = "THORTIME_SOAK_NAMESPACE";
/** As root a mount namespace is enough; for anybody else it takes a user namespace too. */
const NAMESPACE = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];

/** Runs this program again inside a namespace of its own; null where that is not to be had, or where this is that program. */
export async function enterNamespace(): Promise<number | null> {
  if (process.env[MARK] !== undefined || !isPermitted()) return null;
  const child = spawn("unshare", [...NAMESPACE, process.execPath, ...process.argv.slice(1)], { stdio: "inherit", env: { ...process.env, [MARK]: "1" } });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", forward).on("SIGTERM", forward);
  return await new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** False: `folder` lies on everybody's disk. */
export function mountDisk(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  if (process.env[MARK] === undefined) return false;
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES},mode=700`, "tmpfs", folder]);
  return true;
}

/** What stood in it goes with it. */
export function unmountDisk(folder: string): void {
  execFileSync("umount", ["--lazy", folder]);
}

function isPermitted(): boolean {
  try {
    execFileSync("unshare", [...NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
