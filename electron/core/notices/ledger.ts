/** What was told, by which way, and whether it was seen; the fold of the home's own journal. Nothing unseen leaves before what was seen. */
import type { Event, EventOf } from "../events.ts";
import type { NoticeLevel } from "../notice.ts";

export interface Told {
  readonly id: string;
  readonly at: number;
  readonly run: string;
  readonly level: NoticeLevel;
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
  /** When it was last sent or about to be, how often, and which ways said that it arrived. */
  readonly sent: { readonly at: number; readonly times: number; readonly ok: boolean; readonly ways: readonly string[] } | null;
  readonly seenAt: number | null;
}

export const NOTICES_KEPT = 300;

export function foldNotices(told: readonly Told[], event: Event): readonly Told[] {
  switch (event.type) {
    case "notice":
      return told.some((one) => one.id === event.id) ? told : bounded([...told, newlyTold(event)]);
    case "notice-sending":
      return told.map((one) => (event.ids.includes(one.id) ? { ...one, sent: meant(one, event) } : one));
    case "notified":
      return told.map((one) => (one.id === event.id ? { ...one, sent: addDelivery(one, event) } : one));
    case "notice-seen":
      return told.map((one) => (one.seenAt === null && (event.id === null || one.id === event.id) ? { ...one, seenAt: event.at } : one));
    default:
      return told;
  }
}

function newlyTold({ id, at, run, level, key, values }: EventOf<"notice">): Told {
  return { id, at, run, level, key, values, sent: null, seenAt: null };
}

/** Until a way says that it arrived it has not: `ok` and `ways` are what was before. */
function meant({ sent }: Told, { at, time }: EventOf<"notice-sending">): Told["sent"] {
  return { at, times: Math.max(sent?.times ?? 0, time), ok: sent?.ok ?? false, ways: sent?.ways ?? [] };
}

function addDelivery({ sent }: Told, event: EventOf<"notified">): Told["sent"] {
  const ways = event.ok && !sent?.ways.includes(event.backend) ? [...(sent?.ways ?? []), event.backend] : (sent?.ways ?? []);
  return { at: event.at, times: Math.max(sent?.times ?? 0, event.time), ok: event.ok || (sent?.ok ?? false), ways };
}

/** The oldest seen one leaves, or else the oldest. Whole hundreds in a night do not happen, so no id is forgotten while its event is fresh. */
function bounded(told: readonly Told[]): readonly Told[] {
  if (told.length <= NOTICES_KEPT) return told;
  const leaving = told.find((one) => one.seenAt !== null) ?? told[0];
  return told.filter((one) => one !== leaving);
}

/** What stands in the app until it is seen, newest first. */
export function unseen(told: readonly Told[]): readonly Told[] {
  return told.filter((one) => one.seenAt === null).reverse();
}
