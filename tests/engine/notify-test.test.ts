/** "Send a test": each way that is set up is tried once, against real servers that answer well and badly; row 46: no secret stands in what is said of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../electron/adapters/clock.ts";
import { pushNotifiers } from "../../electron/adapters/notifiers.ts";
import { firstOf, HostNotices, localNotifier } from "../../electron/adapters/notify/local.ts";
import { shellNotices } from "../../electron/adapters/notify/shell.ts";
import { unseen } from "../../electron/core/notices/ledger.ts";
import type { Notifier, Person } from "../../electron/core/ports.ts";
import { showNotices } from "../../electron/hosts/desktop/notices.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";
import { fails, type PushServer, startPush } from "../fixtures/ntfy-server.ts";
import { inEnglish } from "../fixtures/why.ts";
import { nobody } from "./fakes.ts";
import { Night } from "./night.ts";

const TOKEN = `12345:${"SECRET".repeat(6)}`;
let night: Night;
let server: PushServer;
let text: string;
beforeEach(async () => {
  night = new Night();
  server = await startPush();
  text = JSON.stringify({ language: "tr", push: { ntfy: { server: server.url, topic: "SECRET-topic", token: "SECRET-token" } } });
});
afterEach(async () => {
  await night.end();
  await server.close();
});

/** The settings' own ntfy, and the two others as they are set up, at this server. */
function person(local: Notifier | null = null): Person {
  const others = {
    pushover: { token: "SECRET-app", user: "SECRET-user", server: server.url },
    telegram: { token: TOKEN, chat: "SECRET-chat", server: server.url },
  };
  return {
    ...nobody,
    readSettings: () => text,
    writeSettings: (written) => {
      text = written;
    },
    words: (language) => (language === "tr" ? tr : en),
    notifiers: ({ push }) => [...(local ? [local] : []), ...pushNotifiers({ ...push, ...others }, systemClock)],
  };
}

const journal = () => readFileSync(join(night.home, "events.jsonl"), "utf8");

test("what arrives is said, in the person's words; it is written down and stands nowhere", async () => {
  night.startLean({ person: person() });
  const { delivered } = await night.call("notify-test", {});
  expect(delivered).toEqual(["ntfy", "pushover", "telegram"].map((backend) => ({ backend, ok: true, why: null, attempts: 1 })));
  expect(JSON.parse(server.received.find((one) => one.path === "/")?.body ?? "")).toMatchObject({ topic: "SECRET-topic", title: "Thortime: deneme" });
  expect(night.homeState().notices).toMatchObject([{ key: "test", sent: { ok: true, ways: ["ntfy", "pushover", "telegram"] } }]);
  expect(unseen(night.homeState().notices)).toEqual([]);
});

test("one way alone; none that is not set up", async () => {
  night.startLean({ person: person() });
  expect((await night.call("notify-test", { way: "telegram" })).delivered.map((one) => one.backend)).toEqual(["telegram"]);
  expect(server.received).toHaveLength(1);
  text = "{}";
  await expect(night.call("notify-test", { way: "ntfy" })).rejects.toMatchObject({ fault: { kind: "usage.not-set-up" } });
});

test.each([
  ["refuses", fails.status(403), "it answered with status 403"],
  ["is broken", fails.status(500), "it answered with status 500"],
  ["is another program", fails.html, "another program answers in its place"],
  ["breaks off", fails.reset, "it cannot be reached"],
])("row 46: a server that %s: why it did not arrive, at once, without a secret anywhere", async (_name, wrong, why) => {
  night.startLean({ person: person() });
  server.wrong.push(wrong, wrong, wrong);
  const reply = await night.call("notify-test", {});
  expect(reply.delivered).toHaveLength(3);
  for (const one of reply.delivered) {
    expect(one).toMatchObject({ ok: false, attempts: 1 });
    expect(inEnglish(one.why)).toContain(why);
  }
  expect(server.received).toHaveLength(3);
  const settings = await night.call("settings", {});
  const set = await night.call("settings-set", { change: { language: "en" } });
  for (const said of [reply, settings, set, await night.call("engine-info", {}), night.homeState(), night.reports, journal()])
    expect(JSON.stringify(said)).not.toContain("SECRET");
  expect(text).toContain("SECRET-token");
});

test("a word for this computer is shown by a desktop shell as any notice is", async () => {
  const host = new HostNotices();
  const last = localNotifier("last", () => Promise.resolve(null));
  const engine = night.startLean({ person: person(firstOf([host.notifier, last])), shells: shellNotices(host, systemClock) });
  const shown: string[] = [];
  const leave = showNotices({
    api: engine.api,
    words: () => tr,
    show: ({ title }, done) => {
      shown.push(title);
      done(null);
    },
  });
  await expect.poll(async () => (await night.call("notify-test", { way: "computer" })).delivered[0]?.backend).toBe("electron");
  leave();
  expect(shown.at(-1)).toBe("Thortime: deneme");
  expect(server.received).toEqual([]);
});
