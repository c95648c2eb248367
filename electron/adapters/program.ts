/** Runs a program without a shell, gives its lines as they come, and keeps a bounded tail of them. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const TAIL_LINES = 100;
const LINE_CHARACTERS = 2_000;

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly limitMs: number;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface ProgramResult {
  /** Null when a signal ended it (the time limit and an abort do), or when it could not be started at all. */
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** A failing exit status is a result, not an exception; so is a program that is not there. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.limitMs,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const stdout = collect(child.stdout, options.onLine);
    const stderr = collect(child.stderr, options.onLine);
    // 'close' and not 'exit', so that the last lines are in.
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.on("error", (error) => {
      if (child.pid === undefined) resolve({ code: null, stdout, stderr: [error.message] });
    });
  });
}

function collect(stream: Readable, onLine: ((line: string) => void) | undefined): string[] {
  const tail: string[] = [];
  createInterface({ input: stream }).on("line", (whole) => {
    const line = whole.slice(0, LINE_CHARACTERS);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    onLine?.(line);
  });
  return tail;
}
