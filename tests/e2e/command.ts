/** The command line as a person uses it: the launcher, a home of its own, no terminal. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Event } from "../../electron/core/events.ts";
import { homeEnvironment, root } from "../hosts/homes.ts";

/** For whole commands; a run on the user's rows takes longer than any test. */
const LIMIT_MS = 15 * 60_000;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  run(...args: readonly string[]): Promise<Ended>;
  /** For what stays open: `serve`, or a run to be interrupted. */
  open(...args: readonly string[]): ChildProcess;
}

export function commandLine(home: string, extra: NodeJS.ProcessEnv = {}, limitMs = LIMIT_MS): CommandLine {
  const env = { ...homeEnvironment(home), ...extra };
  // What `thortime setup` leaves behind, pointing at the environment the test run already has.
  const python = process.env["THORTIME_PYTHON"] ?? "";
  mkdirSync(join(home, "python"), { recursive: true });
  writeFileSync(join(home, "python", "current"), dirname(dirname(python)));
  const launcher = join(root, "build", "thortime.mjs");
  return {
    home,
    env,
    run: (...args) =>
      new Promise((resolve) => {
        execFile(process.execPath, [launcher, ...args], { env, cwd: root, timeout: limitMs, maxBuffer: 1e8 }, (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
        });
      }),
    open: (...args) => spawn(process.execPath, [launcher, ...args], { env, cwd: root, stdio: ["ignore", "pipe", "pipe"] }),
  };
}

export function lastJson(ended: Ended): Record<string, unknown> {
  return JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

export function journalOf(home: string, run: string): Event[] {
  const text = readFileSync(join(home, "runs", run, "events.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
}

export function ofType<T extends Event["type"]>(events: readonly Event[], type: T): Extract<Event, { type: T }>[] {
  return events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}
