/** ntfy: JSON to the server's root (docs.ntfy.sh/publish, "Publish as JSON"). Who knows the topic can read it, so it is as long as a key. */
import { createHash, randomBytes } from "node:crypto";
import type { Notice, NoticeAction } from "../../core/notice.ts";
import type { Notifier } from "../../core/ports.ts";
import { because } from "../../core/reason.ts";
import { hasField, post, serverAddress } from "./post.ts";
import { byLevel, type PushOptions, pushNotifier } from "./push.ts";

export interface NtfySettings {
  readonly server: string;
  readonly topic: string;
  readonly token?: string;
  /** Buttons are sent only then: their links can pause or stop a run. */
  readonly remoteControl: boolean;
}

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
const TOPIC_BYTES = 20;
/** What the apps show. */
const ACTIONS = 3;

/** 160 random bits: nobody guesses it. */
export function makeTopic(): string {
  return `thortime-${randomBytes(TOPIC_BYTES).toString("hex")}`;
}

export function ntfy(settings: NtfySettings, options: PushOptions): Notifier {
  return pushNotifier("ntfy", options, async (notice) => {
    const url = serverAddress(settings.server);
    if ("key" in url) return { ok: false, why: url, again: false };
    // JSON is taken at the root only; a path would name another program.
    if (url.pathname !== "/") return { ok: false, why: because("address-more"), again: false };
    if (!TOPIC.test(settings.topic)) return { ok: false, why: because("topic-form"), again: false };
    const headers = { "content-type": "application/json", ...(settings.token ? { authorization: `Bearer ${settings.token}` } : {}) };
    const body = JSON.stringify(ntfyMessage(notice, settings));
    const isSent = (reply: unknown) => hasField(reply, "event", "message") && hasField(reply, "id");
    return await post({ url, headers, body, isSent, ...(options.limitMs ? { limitMs: options.limitMs } : {}) });
  });
}

export function ntfyMessage(notice: Notice, settings: NtfySettings): object {
  const actions = settings.remoteControl ? (notice.actions ?? []).filter(isSafe).slice(0, ACTIONS) : [];
  return {
    topic: settings.topic,
    title: notice.title,
    message: notice.body,
    priority: byLevel(notice.level, { quiet: 2, normal: 3, urgent: 5 }),
    // The same event sent twice replaces itself on the phone; servers from before it existed pass it over.
    sequence_id: createHash("sha256").update(notice.id).digest("hex").slice(0, 32),
    ...(actions.length > 0 ? { actions: actions.map(({ label, url }) => ({ action: "http", label, url, method: "POST", clear: true })) } : {}),
  };
}

function isSafe({ url }: NoticeAction): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:";
}
