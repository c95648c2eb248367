/** What a person is told, and what became of it. Notices carry what the menu bar shows anyway: never a prompt, an answer or a row. */

import type { Why } from "./reason.ts";

/** On this computer, or by a push service. */
export const NOTICE_WAYS = ["computer", "ntfy", "pushover", "telegram"] as const;
export type NoticeWay = (typeof NOTICE_WAYS)[number];

/** `quiet` waits to be found, `normal` shows itself, `urgent` may wake somebody. */
export type NoticeLevel = "quiet" | "normal" | "urgent";

/** A button that calls a link of ours; sent only where the user enabled remote control. */
export interface NoticeAction {
  readonly label: string;
  readonly url: string;
}

export interface Notice {
  /** One event, one id: a retry that arrives twice is seen once where the backend can tell. */
  readonly id: string;
  readonly level: NoticeLevel;
  readonly title: string;
  readonly body: string;
  readonly actions?: readonly NoticeAction[];
}

/** For the journal. */
export interface Delivered {
  readonly backend: string;
  readonly ok: boolean;
  /** Why it failed, or what failed before something worked; never a token, a topic or a link. */
  readonly why: Why | null;
  readonly attempts: number;
}

const TITLE_CHARACTERS = 100;
const BODY_CHARACTERS = 1_000;

/** The notice as any backend may show it: one line of title, bounded, no control or direction marks. */
export function tidyNotice(notice: Notice): Notice {
  return { ...notice, title: tidy(notice.title, TITLE_CHARACTERS).replaceAll("\n", " "), body: tidy(notice.body, BODY_CHARACTERS) };
}

/** Format characters (bidi marks, zero-width ones) would let a text look like another; newlines stay. */
function tidy(text: string, characters: number): string {
  const clean = text.replace(/[^\P{C}\n]/gu, "").trim();
  const shown = Array.from(clean);
  return shown.length <= characters ? clean : `${shown.slice(0, characters - 1).join("")}…`;
}
