/** "Send a test": what every way that is set up makes of one notice, at once and without a second try. */
import { fault } from "../core/faults.ts";
import type { Delivered, NoticeWay } from "../core/notice.ts";
import { noticeOf } from "../core/notices/words.ts";
import type { Notifier, Ports } from "../core/ports.ts";
import { boundedWhy } from "../core/reason.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

const PUSH: readonly string[] = ["ntfy", "pushover", "telegram"];

/** Its lines are those of any notice, so that a desktop shell shows it as it shows others; seen from the start, it stands nowhere. */
export async function testNotices(way: NoticeWay | null, ports: Ports, runs: Runs): Promise<{ readonly delivered: readonly Delivered[] }> {
  const settings = settingsOf(ports);
  const wanted = ports.person.notifiers(settings).filter((one) => way === null || wayOf(one) === way);
  if (wanted.length === 0)
    throw fault(
      "usage.not-set-up",
      way === null ? "Nothing is set up that could reach you." : `${way} is not set up.`,
      "Set it up in the settings, and save them.",
    );
  const told = { id: `test:${ports.clock.now()}`, run: "", level: "normal", key: "test", values: {} } as const;
  runs.note({ type: "notice", ...told });
  runs.note({ type: "notice-seen", id: told.id });
  if (wanted.some((one) => wayOf(one) === "computer")) runs.note({ type: "notice-sending", ids: [told.id], time: 1 });
  const notice = noticeOf({ told: [{ ...told, at: ports.clock.now(), sent: null, seenAt: null }], time: 1 }, ports.person.words(settings.language));
  const sent = await Promise.all(wanted.map((notifier) => notifier.send(notice, { once: true })));
  const delivered = sent.map((one) => ({ ...one, why: one.why && boundedWhy(one.why) }));
  for (const one of delivered) runs.note({ type: "notified", id: told.id, time: 1, ...one });
  return { delivered };
}

/** What is no push service shows itself on this computer, by whichever way works there. */
function wayOf({ backend }: Notifier): string {
  return PUSH.includes(backend) ? backend : "computer";
}
