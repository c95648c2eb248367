/** A small program that shows a text: arguments as they are, text on its input, killed after a limit. */
import { spawn } from "node:child_process";
import { because, type Reason, type Why } from "../../core/reason.ts";
import { notStarted } from "../sensors/place.ts";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Where programs are found; ours when absent. */
  readonly path?: string;
  readonly limitMs?: number;
}

const LIMIT_MS = 5_000;
const PASSED = ["HOME", "USER", "LANG", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "XAUTHORITY"];

/** Null: it ended well; else why not. */
export function showBy({ program, args, input, path, limitMs = LIMIT_MS }: Command): Promise<Why | null> {
  const env: Record<string, string> = { PATH: path ?? process.env["PATH"] ?? "/usr/bin:/bin" };
  for (const name of PASSED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "ignore", "ignore"], detached: true });
    const timer = setTimeout(() => {
      resolve([because("not-ended", { seconds: String(limitMs / 1000) })]);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // Gone in this moment.
      }
    }, limitMs);
    const end = (why: Reason | null) => {
      clearTimeout(timer);
      resolve(why && [why]);
    };
    child.once("error", (error: NodeJS.ErrnoException) => end(notStarted(error).reason));
    child.once("exit", (code, signal) =>
      end(code === 0 ? null : signal === null ? because("ended-code", { code: String(code) }) : because("ended-signal", { signal })),
    );
    // It may end without reading.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}
