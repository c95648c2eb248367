/** One notice as a notification of the app itself. Since Electron 42 an unsigned bundle gets `failed`, or no event at all. */
import { Notification } from "electron";
import { tidyNotice } from "../../core/notice.ts";
import type { ShowNotice } from "./notices.ts";

/** Without a reference a notification's click is lost with it. */
const shown = new Set<Notification>();
const KEPT = 50;

export function showNotification(onClick: () => void): ShowNotice {
  return (notice, done) => {
    if (!Notification.isSupported()) return done("this system shows no notifications");
    const { title, body, level } = tidyNotice(notice);
    const notification = new Notification({ title, body, silent: level === "quiet", urgency: level === "urgent" ? "critical" : "normal" });
    for (const oldest of shown) if (shown.size >= KEPT) shown.delete(oldest);
    shown.add(notification);
    notification.once("show", () => done(null));
    notification.once("failed", (_event, error) => done(error));
    notification.once("click", onClick);
    notification.once("close", () => shown.delete(notification));
    notification.show();
  };
}
