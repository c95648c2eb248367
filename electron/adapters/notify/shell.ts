/**
 * The app's own notifications: a desktop shell shows what the home journal says is being sent, and tells us what became of it. While none was heard
 * of, nobody waits for one.
 */
import type { Clock, Shells } from "../../core/ports.ts";
import { because, type Why } from "../../core/reason.ts";
import { SHELL_GONE_S } from "../../core/shell.ts";
import type { HostNotices } from "./local.ts";

/** The host waits two seconds for each; far more than are ever open at once. */
const OPEN_KEPT = 50;

export function shellNotices(host: HostNotices, clock: Clock): Shells {
  const open = new Map<string, (why: Why | null) => void>();
  let forget = () => {};
  const settle = (id: string, why: Why | null) => {
    open.get(id)?.(why);
    open.delete(id);
  };
  const show = ({ id }: { readonly id: string }) =>
    new Promise<Why | null>((resolve) => {
      for (const oldest of open.keys()) if (open.size >= OPEN_KEPT) open.delete(oldest);
      open.set(id, resolve);
    });
  return {
    note(note) {
      forget();
      const detach = host.attach(show);
      const cancel = clock.after(SHELL_GONE_S * 1000, detach);
      forget = () => {
        cancel();
        detach();
      };
      if (note.kind === "notice-shown") settle(note.id, null);
      if (note.kind === "notice-failed") settle(note.id, [note.why === "" ? because("refused") : because("said", { text: note.why })]);
    },
  };
}
