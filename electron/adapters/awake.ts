/**
 * Keeps the machine awake while a trainer lives, by a program that lives and dies with the trainer and not with us.
 * Never the display: on a Mac a lit one brings the display watchdog (mlx#3267), so `-d` has no place here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Awake, Held } from "../core/ports.ts";

export interface AwakeOptions {
  readonly platform?: NodeJS.Platform;
  /** Where programs are found. */
  readonly path?: string;
}

interface Holder {
  readonly program: string;
  readonly args: (pid: number) => readonly string[];
}

/** A holder that ends within this time has refused. */
const REFUSES_MS = 500;
const DISPLAY_LIMIT_MS = 3_000;
const REASON_CHARACTERS = 200;
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

const HOLDERS: Partial<Record<NodeJS.Platform, Holder>> = {
  // -i: no idle sleep; -s: no sleep on mains power; -w: until that process ends.
  darwin: { program: "caffeinate", args: (pid) => ["-i", "-s", "-w", String(pid)] },
  // It holds while its command runs; `tail --pid` runs until the trainer has ended.
  linux: {
    program: "systemd-inhibit",
    args: (pid) => ["--what=sleep:idle", "--who=Thortime", "--why=A model is being trained", "--mode=block", "tail", `--pid=${pid}`, "--follow", "/dev/null"],
  },
};

export function createAwake({ platform = process.platform, path = SYSTEM_PATH }: AwakeOptions = {}): Awake {
  const held = new Map<number, Promise<Held>>();
  return {
    hold(pid) {
      const before = held.get(pid);
      if (before !== undefined) return before;
      const holder = HOLDERS[platform];
      if (holder === undefined) return Promise.resolve(nobody(`Thortime knows no way to keep ${platform} awake`));
      const child = start(holder.program, holder.args(pid), path);
      const answer = judge(child, holder.program);
      held.set(pid, answer);
      // Ended with its trainer, or by somebody: the next call holds again.
      child.once("close", () => held.delete(pid));
      return answer;
    },
    sleepDisplay() {
      return platform === "darwin" ? sleepDisplay(path) : Promise.resolve("only a Mac's display has to sleep");
    },
  };
}

/** Detached, in a session of its own: neither our end nor a ^C in our terminal ends it. */
function start(program: string, args: readonly string[], path: string): ChildProcess {
  const child = spawn(program, args, { env: { ...environment(), PATH: path }, stdio: ["ignore", "ignore", "pipe"], detached: true });
  child.unref();
  return child;
}

/** systemd-inhibit finds the system's bus by its own; nothing of ours travels. */
function environment(): Record<string, string> {
  return { LC_ALL: "C", HOME: process.env["HOME"] ?? "/" };
}

function judge(child: ChildProcess, program: string): Promise<Held> {
  return new Promise((resolve) => {
    let said = "";
    const onData = (piece: Buffer) => {
      said = (said + piece.toString()).slice(0, REASON_CHARACTERS);
    };
    child.stderr?.on("data", onData);
    const timer = setTimeout(() => {
      // From here on nobody listens: it must not wait for us to read.
      child.stderr?.destroy();
      resolve({ by: program });
    }, REFUSES_MS);
    child.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(nobody(error.code === "ENOENT" ? `${program} is not installed` : `${program} could not be started (${error.code ?? "no reason given"})`));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const [reason = ""] = said.split("\n");
      resolve(nobody(`${program} ended at once with ${signal ?? `code ${code}`}${reason.trim() === "" ? "" : `: ${reason.trim()}`}`));
    });
  });
}

function nobody(why: string): Held {
  return { by: null, why };
}

function sleepDisplay(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn("pmset", ["displaysleepnow"], {
      env: { ...environment(), PATH: path },
      stdio: "ignore",
      timeout: DISPLAY_LIMIT_MS,
      killSignal: "SIGKILL",
    });
    child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ENOENT" ? "pmset is not installed" : "pmset could not be started"));
    child.once("exit", (code, signal) => resolve(code === 0 ? null : `pmset ended with ${signal ?? `code ${code}`}`));
  });
}
