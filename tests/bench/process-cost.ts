/** What processes cost while something waits: CPU seconds per second, and resident memory at the end. Linux reads /proc, other systems ask `ps`. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface Cost {
  /** Of one core. */
  readonly cpuPercent: number;
  /** Pages shared with other processes are counted in part where the system tells (`Pss`), else whole. */
  readonly megabytes: number;
}

/** The kernel's unit on every Linux there is. */
const TICKS_PER_SECOND = 100;

/** `pids` is asked for at both ends: a process that came or went meanwhile counts only where it is there at both. */
export async function costOf(pids: () => readonly number[], seconds: number): Promise<Cost> {
  const before = new Map(pids().map((pid) => [pid, cpuSeconds(pid)]));
  const startedAt = performance.now();
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - startedAt) / 1000;
  const there = pids();
  const used = there.reduce((sum, pid) => sum + Math.max(0, (cpuSeconds(pid) ?? 0) - (before.get(pid) ?? cpuSeconds(pid) ?? 0)), 0);
  return { cpuPercent: round((100 * used) / elapsed), megabytes: round(there.reduce((sum, pid) => sum + bytesOf(pid), 0) / 1e6) };
}

const round = (value: number) => Number(value.toFixed(2));

function cpuSeconds(pid: number): number | null {
  if (process.platform !== "linux") return psSeconds(psField(pid, "time"));
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  return fields ? (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND : null;
}

/** `0:01.52` or `1:02:03`. */
function psSeconds(time: string): number | null {
  return time === "" ? null : time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function bytesOf(pid: number): number {
  if (process.platform !== "linux") return Number(psField(pid, "rss") || 0) * 1024;
  const shared = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  return Number(shared ?? /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0) * 1024;
}

function psField(pid: number, name: string): string {
  try {
    return execFileSync("ps", ["-o", `${name}=`, "-p", String(pid)], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } }).trim();
  } catch {
    return "";
  }
}

/** A process and all that it started, on Linux. */
export function treeOf(root: number): readonly number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    const fields = /^\d+$/.test(name)
      ? read(`/proc/${name}/stat`)
          ?.replace(/^.*\) /s, "")
          .split(" ")
      : null;
    return fields ? [[Number(name), Number(fields[1])] as const] : [];
  });
  const tree = new Set([root]);
  for (let grown = 0; grown !== tree.size; ) {
    grown = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
