/** The app's own notification is tried first while a shell is heard of, believed when the shell says "shown", and fallen back from in time. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../electron/adapters/clock.ts";
import { HostNotices } from "../../electron/adapters/notify/local.ts";
import { shellNotices } from "../../electron/adapters/notify/shell.ts";
import type { Clock } from "../../electron/core/ports.ts";
import { saying } from "../fixtures/why.ts";

const notice = (id: string) => ({ id, level: "normal", title: "Done", body: "Loss 0.71." }) as const;
/** Waits are this much shorter. */
const fast: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / 200, callback) };

test("nobody waits for a shell that is not there, or is gone", async () => {
  const host = new HostNotices(200);
  const shells = shellNotices(host, fast);
  expect(await host.notifier.send(notice("a"))).toMatchObject({ ok: false, why: saying("no window or menu bar is attached", true) });
  shells.note({ kind: "here" });
  await sleep(600);
  expect(await host.notifier.send(notice("a"))).toMatchObject({ ok: false, why: saying("no window or menu bar is attached", true) });
});

test("shown, refused, or silent; each answer is its own notice's", async () => {
  const host = new HostNotices(200);
  const shells = shellNotices(host, systemClock);
  shells.note({ kind: "here" });
  const [first, second, third] = ["a", "b", "c"].map((id) => host.notifier.send(notice(id)));
  shells.note({ kind: "notice-shown", id: "nobody asked" });
  shells.note({ kind: "notice-failed", id: "b", why: "Notifications are not allowed for this application" });
  shells.note({ kind: "notice-shown", id: "a" });
  expect(await first).toMatchObject({ backend: "electron", ok: true, why: null });
  expect(await second).toMatchObject({ ok: false, why: saying("Notifications are not allowed for this application", true) });
  expect(await third).toMatchObject({ ok: false, why: saying("it was not shown within 0.2 s", true) });
  shells.note({ kind: "notice-shown", id: "c" });
});
