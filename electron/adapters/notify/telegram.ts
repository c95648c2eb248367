/** Telegram: JSON to /bot<TOKEN>/sendMessage (core.telegram.org/bots/api). The token stands in the address, so no address is ever told. */
import type { Notifier } from "../../core/ports.ts";
import { because } from "../../core/reason.ts";
import { hasField, post, serverAddress } from "./post.ts";
import { type PushOptions, pushNotifier } from "./push.ts";

export interface TelegramSettings {
  readonly token: string;
  readonly chat: string;
  readonly server?: string;
}

/** Letters, digits and marks that cannot leave their place in a path. */
const TOKEN = /^\d{5,20}:[\w-]{30,100}$/;

export function telegram(settings: TelegramSettings, options: PushOptions): Notifier {
  return pushNotifier("telegram", options, async (notice) => {
    const server = serverAddress(settings.server ?? "https://api.telegram.org");
    if ("key" in server) return { ok: false, why: server, again: false };
    if (!TOKEN.test(settings.token)) return { ok: false, why: because("token-form"), again: false };
    const url = new URL(`/bot${settings.token}/sendMessage`, server);
    // Plain text: with a parse mode, a name with an underscore would be refused.
    const body = JSON.stringify({
      chat_id: settings.chat,
      text: `${notice.title}\n${notice.body}`,
      disable_notification: notice.level === "quiet",
      link_preview_options: { is_disabled: true },
    });
    const isSent = (reply: unknown) => hasField(reply, "ok", true);
    return await post({ url, headers: { "content-type": "application/json" }, body, isSent, ...(options.limitMs ? { limitMs: options.limitMs } : {}) });
  });
}
