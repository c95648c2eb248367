/**
 * Keeps the machine awake while a trainer lives, by a program that lives and dies with the trainer and not with us.
 * Never the display: on a Mac a lit one brings the display watchdog (mlx#3267), so `-d` has no place here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Awake, Held } from "../core/ports.ts";
import { because, type Reason, type Why } from "../core/reason.ts";
import { killGroup, notStarted } from "./sensors/place.ts";

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
  const held = new Map<number, { readonly child: ChildProcess; readonly answer: Promise<Held> }>();
  return {
    hold(pid) {
      const before = held.get(pid);
      if (before !== undefined) return before.answer;
      const holder = HOLDERS[platform];
      if (holder === undefined) return Promise.resolve(nobody([because("no-holder", { platform })]));
      const child = start(holder.program, holder.args(pid), path);
      const answer = judge(child, holder.program);
      held.set(pid, { child, answer });
      // Ended with its trainer, or by somebody: the next call holds again.
      child.once("close", () => {
        if (held.get(pid)?.child === child) held.delete(pid);
      });
      return answer;
    },
    async letGo(pid) {
      const holding = held.get(pid);
      if (holding === undefined) return;
      held.delete(pid);
      // Asked and answered first: a holder that is only just starting would outlive its end.
      await holding.answer;
      if (holding.child.exitCode === null && holding.child.signalCode === null) killGroup(holding.child.pid);
    },
    sleepDisplay() {
      return platform === "darwin" ? sleepDisplay(path) : Promise.resolve([because("display-mac-only")]);
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
    let written = "";
    const onData = (piece: Buffer) => {
      written = (written + piece.toString()).slice(0, REASON_CHARACTERS);
    };
    child.stderr?.on("data", onData);
    const timer = setTimeout(() => {
      // From here on nobody listens: it must not wait for us to read.
      child.stderr?.destroy();
      resolve({ by: program });
    }, REFUSES_MS);
    child.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(nobody([{ ...notStarted(error).reason, of: program }]));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const [reason = ""] = written.split("\n");
      const said = reason.trim() === "" ? [] : [because("said", { text: reason.trim() })];
      resolve(nobody([endedAtOnce(program, code, signal), ...said]));
    });
  });
}

function endedAtOnce(of: string, code: number | null, signal: string | null): Reason {
  return signal === null ? because("ended-at-once-code", { code: String(code) }, of) : because("ended-at-once-signal", { signal }, of);
}

function nobody(why: Why): Held {
  return { by: null, why };
}

function sleepDisplay(path: string): Promise<Why | null> {
  return new Promise((resolve) => {
    const child = spawn("pmset", ["displaysleepnow"], {
      env: { ...environment(), PATH: path },
      stdio: "ignore",
      timeout: DISPLAY_LIMIT_MS,
      killSignal: "SIGKILL",
    });
    child.once("error", (error: NodeJS.ErrnoException) => resolve([{ ...notStarted(error).reason, of: "pmset" }]));
    child.once("exit", (code, signal) => resolve(code === 0 ? null : [endedWith(code, signal)]));
  });
}

function endedWith(code: number | null, signal: string | null): Reason {
  return signal === null ? because("ended-code", { code: String(code) }, "pmset") : because("ended-signal", { signal }, "pmset");
}
