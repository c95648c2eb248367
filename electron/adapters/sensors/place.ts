/** How sources reach the machine: short calls of programs and small files, each bounded in time and size. */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { because, type Reason, type WhyKey } from "../../core/reason.ts";

export interface Place {
  /** What the program wrote. `args` are passed as they are: there is no shell. Rejects with a `LookError`. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** A small file; null when it is not there. */
  read(path: string): Promise<string | null>;
  /** The names in a folder; none when it is not there. */
  list(path: string): Promise<readonly string[]>;
  /** For a program that a source keeps running. */
  readonly env: Readonly<Record<string, string>>;
}

/** Its reason is what a person reads after the source's name. */
export class LookError extends Error {
  readonly reason: Reason;

  constructor(why: WhyKey | Reason, values?: Reason["values"]) {
    const reason = typeof why === "string" ? because(why, values) : why;
    super(reason.key);
    this.reason = reason;
  }
}

export interface PlaceOptions {
  /** Where programs are found. */
  readonly path: string;
  /** What stands before each file's path; tests give a folder. */
  readonly root: string;
  readonly limitMs: number;
}

const OUTPUT_BYTES = 1024 * 1024;
const FILE_BYTES = 64 * 1024;
const LISTED = 256;

export function createPlace(options: PlaceOptions): Place {
  // LC_ALL: a person's language must not change what we read. Nothing else of our environment travels.
  const env = { PATH: options.path, LC_ALL: "C", LANG: "C", HOME: process.env["HOME"] ?? "/" };
  const stuck = new Set<string>();
  return {
    env,
    run: (program, args) => runOnce({ program, args, env, limitMs: options.limitMs, stuck }),
    read: (path) => readSmall(join(options.root, path)),
    list: (path) => listFolder(join(options.root, path)),
  };
}

interface OneRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Calls whose process was killed and has not died yet: no second one is put beside it. */
  readonly stuck: Set<string>;
}

function runOnce({ program, args, env, limitMs, stuck }: OneRun): Promise<string> {
  const name = [program, ...args].join(" ");
  if (stuck.has(name)) return Promise.reject(new LookError("hangs"));
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it started is ended with it.
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "ignore"], detached: true });
    const decoder = new StringDecoder("utf8");
    let text = "";
    const giveUp = (why: LookError) => {
      clearTimeout(timer);
      stuck.add(name);
      child.once("exit", () => stuck.delete(name));
      killGroup(child.pid);
      child.stdout.destroy();
      child.unref();
      reject(why);
    };
    const timer = setTimeout(() => giveUp(new LookError("no-answer", { seconds: String(limitMs / 1000) })), limitMs);
    child.stdout.on("data", (piece: Buffer) => {
      text += decoder.write(piece);
      if (text.length > OUTPUT_BYTES) giveUp(new LookError("endless"));
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(notStarted(error));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      // An exit code alone is no verdict: `sysctl` fails for one unknown name and still prints the others.
      if (text.trim() === "" && code !== 0)
        reject(signal === null ? new LookError("ended-code", { code: String(code) }) : new LookError("ended-signal", { signal }));
      else resolve(text);
    });
  });
}

/** Why a program could not be started. */
export function notStarted({ code }: NodeJS.ErrnoException): LookError {
  if (code === "ENOENT") return new LookError("not-installed");
  return code === undefined ? new LookError("not-started") : new LookError("not-started-code", { code });
}

export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

async function readSmall(path: string): Promise<string | null> {
  try {
    // O_NONBLOCK: a pipe in a file's place must not hold us.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(FILE_BYTES);
      const { bytesRead } = await file.read(buffer, 0, FILE_BYTES, null);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "EACCES" || code === "EPERM") throw new LookError("root-only");
    throw new LookError("unreadable-code", { code });
  }
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort().slice(0, LISTED);
  } catch {
    return [];
  }
}
