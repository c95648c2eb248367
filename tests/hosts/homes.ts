/** Temporary homes, and the end of whatever engine came to live in one. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prepare } from "../../build/prepare.mjs";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import { processesOf, send } from "../fixtures/processes.ts";

export const root = join(import.meta.dirname, "..", "..");

/** `out` as the sources are; quick where it is so already. */
export async function ensureBuilt(): Promise<void> {
  await prepare(root, () => {});
}

export function makeHome(): string {
  return mkdtempSync(join(tmpdir(), "tt-"));
}

/** The environment of a command in that home; the Python environment that the test run already has is used, never made anew. */
export function homeEnvironment(home: string): NodeJS.ProcessEnv {
  const python = process.env["THORTIME_PYTHON"];
  const cache = python ? dirname(dirname(dirname(dirname(python)))) : undefined;
  return { ...process.env, THORTIME_HOME: home, OLLAMA_HOST: "127.0.0.1:1", ...(cache ? { THORTIME_CACHE: cache } : {}) };
}

/** Ends whoever lives in a home and takes the home away: the engine by the pid it wrote itself, and those that wrote none, or in a home within. */
export async function endHome(home: string): Promise<void> {
  await endEngine(home);
  for (const { pid } of processesOf(home)) send(pid, "SIGKILL");
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

export async function endEngine(home: string): Promise<void> {
  const record = readRecord(home);
  if (!record) return;
  for (let look = 0; look < 100 && isAlive(record.pid); look += 1) {
    if (look === 0) process.kill(record.pid, "SIGTERM");
    if (look === 60) process.kill(record.pid, "SIGKILL");
    await sleep(50);
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end. */
export function thortime(home: string, args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return startThortime(home, args, env).finished;
}

/** The same, while it is still going. */
export function startThortime(
  home: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { child: ChildProcess; finished: Promise<Finished>; stdout(): string } {
  const child = spawn(process.execPath, [join(root, "out", "cli.js"), ...args], {
    env: { ...homeEnvironment(home), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const finished = new Promise<Finished>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  return { child, finished, stdout: () => stdout };
}
