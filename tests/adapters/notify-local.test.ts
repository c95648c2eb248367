/** Issue 5, point 8: a notice on this computer is shown by the first way that works, each failure is noticed, and its text runs nothing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localNotifiers } from "../../electron/adapters/notifiers.ts";
import { firstOf, HostNotices, localNotifier, notificationCenter, notifySend, osascript, terminalNotifier } from "../../electron/adapters/notify/local.ts";
import type { Notice } from "../../electron/core/notice.ts";
import { makeTools, type Tools } from "../fixtures/tools.ts";
import { inEnglish, saying } from "../fixtures/why.ts";

const notice = (changes: Partial<Notice> = {}): Notice => ({ id: "1", level: "normal", title: "Done", body: "Loss 0.71, better than before.", ...changes });

let tools: Tools;
beforeEach(() => {
  tools = makeTools();
});
afterEach(() => tools.close());

describe("the app's own notice", () => {
  test("counts when the shell says it was shown, and fails when it says nothing, or there is no shell", async () => {
    const host = new HostNotices(100);
    expect(await host.notifier.send(notice())).toEqual({ backend: "electron", ok: false, why: saying("no window or menu bar is attached", true), attempts: 1 });
    const shown: string[] = [];
    const detach = host.attach(({ title }) => {
      shown.push(title);
      return Promise.resolve(null);
    });
    expect(await host.notifier.send(notice())).toMatchObject({ ok: true, why: null });
    expect(shown).toEqual(["Done"]);
    detach();
    expect(await host.notifier.send(notice())).toMatchObject({ ok: false });
    host.attach(() => Promise.resolve("notifications are off for this app"));
    expect(await host.notifier.send(notice())).toMatchObject({ ok: false, why: saying("notifications are off for this app", true) });
    host.attach(() => new Promise(() => {}));
    expect(await host.notifier.send(notice())).toMatchObject({ ok: false, why: saying("it was not shown within 0.1 s", true) });
    host.attach(() => Promise.reject(new Error("/secret/path")));
    expect(await host.notifier.send(notice())).toMatchObject({ ok: false, why: saying("it failed for no stated reason", true) });
  });
});

describe("the system's programs", () => {
  const hostile = `"; do shell script "touch ${"HERE"}" -- $(touch HERE) \`touch HERE\` 'x' \\`;

  test("osascript gets its script on its input and the text as arguments, whatever the text is", async () => {
    tools.put("osascript", `/bin/cat > "${tools.path}/script"`);
    const title = `-e ${hostile}`;
    expect(await osascript(tools.path).send(notice({ title, body: "-l JavaScript" }))).toMatchObject({ backend: "osascript", ok: true });
    expect(tools.calls()).toEqual([`osascript - ${title.trim()} -l JavaScript`]);
    expect(existsSync("HERE") || existsSync(join(tools.path, "HERE"))).toBe(false);
  });

  test("notify-send gets the text behind its options", async () => {
    tools.put("notify-send", "exit 0");
    expect(await notifySend(tools.path).send(notice({ level: "urgent", title: `--hint=${hostile}` }))).toMatchObject({ ok: true });
    expect(tools.calls()).toEqual([`notify-send --app-name=Thortime --urgency=critical -- --hint=${hostile.trim()} Loss 0.71, better than before.`]);
  });

  test("that are absent, fail or hang give a reason in time", async () => {
    expect(await osascript(tools.path).send(notice())).toMatchObject({ ok: false, why: saying("it is not installed", true) });
    tools.put("osascript", "exit 1");
    expect(await osascript(tools.path).send(notice())).toMatchObject({ ok: false, why: saying("it ended with code 1", true) });
    tools.put("osascript", "/bin/sleep 300 & /bin/sleep 300");
    expect(await osascript(tools.path, 200).send(notice())).toMatchObject({ ok: false, why: saying("it did not end within 0.2 s", true) });
    await sleep(20);
  });

  test("node-notifier without its helper, or off a Mac, says that nothing was shown", async () => {
    const missing = join(tools.path, "terminal-notifier");
    expect(await notificationCenter(missing).send(notice())).toEqual({
      backend: "node-notifier",
      ok: false,
      why: saying("its helper did not show it", true),
      attempts: 1,
    });
  });
});

describe("the terminal", () => {
  const terminal = (isTTY: boolean) => {
    const lines: string[] = [];
    return { isTTY, lines, write: (text: string) => lines.push(text) };
  };

  test("gets one line and a bell, no bell for what is quiet, and no commands", async () => {
    const out = terminal(true);
    await terminalNotifier(out).send(notice({ title: "Done\u001b[2J", body: "one\ntwo\u0007" }));
    await terminalNotifier(out).send(notice({ level: "quiet" }));
    expect(out.lines).toEqual(["\u0007Done[2J: one two\n", "Done: Loss 0.71, better than before.\n"]);
  });

  test("is none when nobody sits there", async () => {
    const out = terminal(false);
    expect(await terminalNotifier(out).send(notice())).toMatchObject({ ok: false, why: saying("there is no terminal", true) });
    expect(out.lines).toEqual([]);
  });
});

describe("the order", () => {
  const broken = (backend: string, why: string) => localNotifier(backend, () => Promise.resolve(why));

  test("goes to the first that works and keeps what failed before it", async () => {
    let later = 0;
    const works = localNotifier("b", () => Promise.resolve(null));
    const unused = localNotifier("c", () => {
      later += 1;
      return Promise.resolve(null);
    });
    expect(await firstOf([broken("a", "off"), works, unused]).send(notice())).toEqual({ backend: "b", ok: true, why: saying("a: off", true), attempts: 2 });
    expect(later).toBe(0);
  });

  test("says of all why, when none works", async () => {
    expect(await firstOf([broken("a", "off"), broken("b", "absent")]).send(notice())).toEqual({
      backend: "none",
      ok: false,
      why: saying("a: off; b: absent", true),
      attempts: 2,
    });
    expect(await firstOf([]).send(notice())).toMatchObject({ ok: false, why: saying("there is no way to show a notice", true) });
  });

  test("on a Mac is app, node-notifier, osascript, terminal; on Linux app, notify-send, terminal", async () => {
    const host = new HostNotices(100);
    const nobody = { isTTY: false, write: () => {} };
    const reasons = async (platform: NodeJS.Platform) =>
      inEnglish((await localNotifiers({ host, platform, terminal: nobody }).send(notice())).why)
        .match(/(^|; )[\w-]+(?=: )/g)
        ?.map((name) => name.replace("; ", ""));
    if (process.platform === "linux") expect(await reasons("darwin")).toEqual(["electron", "node-notifier", "osascript", "terminal"]);
    host.attach(() => Promise.resolve(null));
    expect(await localNotifiers({ host, terminal: nobody }).send(notice())).toEqual({ backend: "electron", ok: true, why: null, attempts: 1 });
  });
});
