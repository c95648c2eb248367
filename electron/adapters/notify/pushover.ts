/** Pushover: a form to /1/messages.json (pushover.net/api). A refusal is final there; only 5xx and a broken line are tried again. */
import type { Notifier } from "../../core/ports.ts";
import { because } from "../../core/reason.ts";
import { hasField, post, serverAddress } from "./post.ts";
import { byLevel, type PushOptions, pushNotifier } from "./push.ts";

export interface PushoverSettings {
  readonly token: string;
  readonly user: string;
  readonly server?: string;
}

export function pushover(settings: PushoverSettings, options: PushOptions): Notifier {
  return pushNotifier("pushover", options, async (notice) => {
    const server = serverAddress(settings.server ?? "https://api.pushover.net");
    if ("key" in server) return { ok: false, why: server, again: false };
    const form = new URLSearchParams({
      token: settings.token,
      user: settings.user,
      title: notice.title,
      message: notice.body,
      // 2 (repeats until it is confirmed) is nothing that Thortime has to say.
      priority: byLevel(notice.level, { quiet: "-1", normal: "0", urgent: "1" }),
    });
    const url = new URL("/1/messages.json", server);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const isSent = (reply: unknown) => hasField(reply, "status", 1);
    const attempt = await post({ url, headers, body: form.toString(), isSent, ...(options.limitMs ? { limitMs: options.limitMs } : {}) });
    // 429 is the month's quota there, not a moment's haste.
    return !attempt.ok && attempt.why.values["status"] === "429" ? { ok: false, why: because("quota"), again: false } : attempt;
  });
}
