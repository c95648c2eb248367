/** Notices on this computer: the app's own, then the system's programs, at last the terminal. Each failure is noticed, and the next one tried. */
import { type Delivered, type Notice, tidyNotice } from "../../core/notice.ts";
import type { Notifier } from "../../core/ports.ts";
import { because, type Reason, type Why } from "../../core/reason.ts";
import { showBy } from "./command.ts";
import { byLevel } from "./push.ts";

/** Null once it is shown, else why it is not. */
export type Show = (notice: Notice) => Promise<Why | null>;

export function localNotifier(backend: string, show: Show): Notifier {
  return {
    backend,
    async send(notice): Promise<Delivered> {
      const why = await show(tidyNotice(notice)).catch(() => [because("no-reason")]);
      return { backend, ok: why === null, why, attempts: 1 };
    },
  };
}

/** Electron's `Notification` is the host's: a desktop shell attaches itself, and is believed only when it says "shown" in time. */
export class HostNotices {
  private show: Show | null = null;
  private readonly limitMs: number;

  /** Electron's `show` event comes at once or never. */
  constructor(limitMs = 2_000) {
    this.limitMs = limitMs;
  }

  /** The function returned detaches it. */
  attach(show: Show): () => void {
    this.show = show;
    return () => {
      if (this.show === show) this.show = null;
    };
  }

  readonly notifier: Notifier = localNotifier("electron", async (notice) => {
    if (this.show === null) return [because("no-shell")];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Why>((resolve) => {
      timer = setTimeout(() => resolve([because("not-shown", { seconds: String(this.limitMs / 1000) })]), this.limitMs);
    });
    return await Promise.race([this.show(notice), late]).finally(() => clearTimeout(timer));
  });
}

/** The text comes as arguments of the script's handler; the script itself never changes. */
const SCRIPT = "on run argv\n\tdisplay notification (item 2 of argv) with title (item 1 of argv)\nend run\n";

export function osascript(path?: string, limitMs?: number): Notifier {
  return localNotifier("osascript", ({ title, body }) =>
    // "-": the script is on its input, and what follows is argv, whatever it begins with.
    showBy({ program: "osascript", args: ["-", title, body], input: SCRIPT, ...given(path, limitMs) }),
  );
}

/** Linux. Not through node-notifier, which calls it by a shell. */
export function notifySend(path?: string, limitMs?: number): Notifier {
  return localNotifier("notify-send", ({ title, body, level }) => {
    const urgency = byLevel(level, { quiet: "low", normal: "normal", urgent: "critical" });
    return showBy({ program: "notify-send", args: ["--app-name=Thortime", `--urgency=${urgency}`, "--", title, body], ...given(path, limitMs) });
  });
}

function given(path: string | undefined, limitMs: number | undefined): { path?: string; limitMs?: number } {
  return { ...(path === undefined ? {} : { path }), ...(limitMs === undefined ? {} : { limitMs }) };
}

const CENTER_LIMIT_MS = 5_000;

/** macOS: node-notifier's helper, which is Intel-only; without Rosetta it fails, and osascript comes next. */
export function notificationCenter(helper?: string): Notifier {
  return localNotifier("node-notifier", async ({ title, body }) => {
    const { default: NotificationCenter } = await import("node-notifier/notifiers/notificationcenter.js");
    const center = new NotificationCenter({ withFallback: false, customPath: helper });
    return await new Promise<Why | null>((resolve) => {
      const timer = setTimeout(() => resolve([because("not-ended", { seconds: String(CENTER_LIMIT_MS / 1000) })]), CENTER_LIMIT_MS);
      // timeout false: else the helper waits ten seconds for a click.
      center.notify({ title, message: body, wait: false, timeout: false }, (error) => {
        clearTimeout(timer);
        resolve(error === null || error === undefined ? null : [because("helper")]);
      });
    });
  });
}

/** A line, and the bell for what is not quiet. */
export function terminalNotifier(out: { readonly isTTY?: boolean; write(text: string): unknown }): Notifier {
  return localNotifier("terminal", ({ title, body, level }) => {
    if (out.isTTY !== true) return Promise.resolve([because("no-terminal")]);
    out.write(`${level === "quiet" ? "" : "\u0007"}${title}: ${body.replaceAll("\n", " ")}\n`);
    return Promise.resolve(null);
  });
}

/** The first that works. `why` names those that failed before it. */
export function firstOf(notifiers: readonly Notifier[]): Notifier {
  return {
    backend: "first of several",
    async send(notice, how): Promise<Delivered> {
      const failed: Delivered[] = [];
      for (const notifier of notifiers) {
        const delivered = await notifier.send(notice, how);
        const attempts = failed.reduce((sum, one) => sum + one.attempts, delivered.attempts);
        if (delivered.ok) return { ...delivered, why: reasons(failed), attempts };
        failed.push(delivered);
      }
      const attempts = failed.reduce((sum, one) => sum + one.attempts, 0);
      return { backend: "none", ok: false, why: reasons(failed) ?? [because("no-way")], attempts };
    },
  };
}

function reasons(failed: readonly Delivered[]): readonly Reason[] | null {
  return failed.length === 0 ? null : failed.flatMap(reasonsOf);
}

function reasonsOf({ backend: of, why }: Delivered): readonly Reason[] {
  if (why === null) return [because("no-reason", {}, of)];
  return typeof why === "string" ? [because("said", { text: why }, of)] : why.map((one) => ({ ...one, of }));
}
