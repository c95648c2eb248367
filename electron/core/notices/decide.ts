/**
 * What to write down as told, and what to send now. Written first (`notice`), then meant (`notice-sending`), then sent (`notified`). After a kill
 * between the last two nobody knows whether it arrived: it counts as sent, so that nothing comes twice; what needs its person is sent again by the
 * escalation while it is not seen, and everything stands in the app until it is.
 */
import { isOpen, nightAt, type Window, type ZoneOffset } from "../evening/window.ts";
import type { Draft } from "./drafts.ts";
import type { Told } from "./ledger.ts";

export interface NoticeSettings {
  readonly quietHours: Window | null;
  readonly urgentInQuietHours: boolean;
}

/** An older event is history: it stands in the run's own list, and nobody is called for it. */
export const STALE_MS = 12 * 3600_000;
/** Sent again while it is not seen: after so long, at most so often in all. */
export const ESCALATE_AFTER_MS: readonly number[] = [10 * 60_000, 30 * 60_000];
/** Held back by quiet hours and more than this: told together. */
const DIGEST_FROM = 3;

export function toTell(drafts: readonly Draft[], told: readonly Told[], nowMs: number): readonly Draft[] {
  const known = new Set(told.map((one) => one.id));
  // A quiet one stands in the run's own list and nowhere else.
  return drafts.filter((draft) => draft.level !== "quiet" && !known.has(draft.id) && draft.at > nowMs - STALE_MS);
}

export interface Sending {
  /** One, or several told together. */
  readonly told: readonly Told[];
  /** How often it will then have been sent. */
  readonly time: number;
}

export function toSend(told: readonly Told[], settings: NoticeSettings, nowMs: number, offset: ZoneOffset): readonly Sending[] {
  const quiet = settings.quietHours !== null && isOpen(nightAt(nowMs, settings.quietHours, offset), nowMs);
  const wakes = (one: Told) => one.level === "urgent" && (!quiet || settings.urgentInQuietHours);
  const open = told.filter((one) => one.seenAt === null && one.level !== "quiet" && one.at > nowMs - STALE_MS);
  const first = open.filter((one) => one.sent === null && (!quiet || wakes(one)));
  const calm = first.filter((one) => one.level === "normal");
  const single = calm.length > DIGEST_FROM ? first.filter((one) => one.level !== "normal") : first;
  const again = open.filter((one) => wakes(one) && isDueAgain(one, nowMs));
  return [
    ...single.map((one) => ({ told: [one], time: 1 })),
    ...(calm.length > DIGEST_FROM ? [{ told: calm, time: 1 }] : []),
    ...again.map((one) => ({ told: [one], time: (one.sent?.times ?? 0) + 1 })),
  ];
}

function isDueAgain({ sent }: Told, nowMs: number): boolean {
  if (sent === null) return false;
  const wait = ESCALATE_AFTER_MS[sent.times - 1];
  return wait !== undefined && nowMs - sent.at >= wait;
}
