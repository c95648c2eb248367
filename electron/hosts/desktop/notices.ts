/** Shows what the home journal says is being sent as notifications of the app, and tells the engine what became of each. */
import type { Api } from "../../core/api.ts";
import { EMPTY_HOME, reduceHome } from "../../core/home.ts";
import type { Notice } from "../../core/notice.ts";
import { type Catalogue, noticeOf } from "../../core/notices/words.ts";
import type { Settings } from "../../core/settings.ts";
import { SHELL_NOTE_EVERY_S, type ShellNote } from "../../core/shell.ts";

/** Calls back with null once it is shown, else with why it is not. */
export type ShowNotice = (notice: Notice, done: (why: string | null) => void) => void;

export interface ShellNotices {
  readonly api: Api;
  readonly words: (language: Settings["language"]) => Catalogue;
  readonly show: ShowNotice;
}

/** The function returned ends it. */
export function showNotices({ api, words, show }: ShellNotices): () => void {
  // An engine that is gone, or too old to know shells, shows its notices without us.
  const tell = (note: ShellNote) => void api.call("shell-note", { note }).catch(() => {});
  const send = async (told: Parameters<typeof noticeOf>[0]) => {
    const { settings } = await api.call("settings", {});
    const notice = noticeOf(told, words(settings.language));
    show(notice, (why) => tell(why === null ? { kind: "notice-shown", id: notice.id } : { kind: "notice-failed", id: notice.id, why: why.slice(0, 200) }));
  };
  let home = EMPTY_HOME;
  const unsubscribe = api.subscribe("home", (update) => {
    // What a snapshot holds was sent before we came.
    if ("snapshot" in update) home = update.snapshot;
    else
      for (const entry of update.entries) {
        home = reduceHome(home, entry);
        if (!("event" in entry) || entry.event.type !== "notice-sending") continue;
        const { ids, time } = entry.event;
        const told = ids.flatMap((id) => home.notices.find((one) => one.id === id) ?? []);
        if (told.length > 0) void send({ told, time }).catch(() => {});
      }
  });
  tell({ kind: "here" });
  const timer = setInterval(() => tell({ kind: "here" }), SHELL_NOTE_EVERY_S * 1000);
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}
