/** Row 46: push that a bad network and a bad server cannot hold up, that never tells a secret, and whose fate is data. Real HTTP. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../electron/adapters/clock.ts";
import { pushNotifiers } from "../../electron/adapters/notifiers.ts";
import { backOffMs, deliver, PATIENCE, type Patience } from "../../electron/adapters/notify/deliver.ts";
import { makeTopic, type NtfySettings, ntfy } from "../../electron/adapters/notify/ntfy.ts";
import { retryAfterS, serverAddress } from "../../electron/adapters/notify/post.ts";
import { type PushOptions, RATE } from "../../electron/adapters/notify/push.ts";
import { pushover } from "../../electron/adapters/notify/pushover.ts";
import { telegram } from "../../electron/adapters/notify/telegram.ts";
import type { Notice } from "../../electron/core/notice.ts";
import type { Clock } from "../../electron/core/ports.ts";
import { because } from "../../electron/core/reason.ts";
import { fails, type PushServer, startPush } from "../fixtures/ntfy-server.ts";
import { freePort } from "../fixtures/ollama-server.ts";
import { inEnglish, saying } from "../fixtures/why.ts";

const QUICK: Patience = { attempts: 4, firstMs: 5, mostMs: 20, askedMostMs: 2_000, totalMs: 10_000 };
const TOKEN = "123456789:AAF-look_alike_of_a_bot_token_0123456";
const notice = (changes: Partial<Notice> = {}): Notice => ({
  id: "run-1/overheating/1",
  level: "normal",
  title: "Resting",
  body: "84 °C, goes on in a minute.",
  ...changes,
});

let server: PushServer;
let slept: number[];
let clock: Clock;
let options: PushOptions;
beforeEach(async () => {
  server = await startPush();
  slept = [];
  clock = {
    ...systemClock,
    after(ms, callback) {
      slept.push(ms);
      return systemClock.after(Math.min(ms, 10), callback);
    },
  };
  options = { clock, patience: QUICK, limitMs: 300 };
});
afterEach(() => server.close());

const settings = (changes: Partial<NtfySettings> = {}): NtfySettings => ({ server: server.url, topic: makeTopic(), remoteControl: false, ...changes });
const sent = (index = 0) => JSON.parse(server.received[index]?.body ?? "null") as Record<string, unknown>;

describe("ntfy", () => {
  test("publishes JSON with the level as priority", async () => {
    const topic = makeTopic();
    const notifier = ntfy(settings({ topic, token: "tk_secret" }), options);
    for (const level of ["quiet", "normal", "urgent"] as const) {
      expect(await notifier.send(notice({ level, id: level }))).toEqual({ backend: "ntfy", ok: true, why: null, attempts: 1 });
    }
    expect(server.received.map((_one, index) => sent(index)["priority"])).toEqual([2, 3, 5]);
    expect(sent()).toMatchObject({ topic, title: "Resting", message: "84 °C, goes on in a minute." });
    expect(server.received[0]?.headers).toMatchObject({ "content-type": "application/json", authorization: "Bearer tk_secret" });
    expect(server.received[0]?.path).toBe("/");
  });

  test("has a topic nobody guesses, another each time", () => {
    const topics = new Set(Array.from({ length: 100 }, makeTopic));
    expect(topics.size).toBe(100);
    // 128 bits are 32 hexadecimal digits.
    for (const topic of topics) expect(topic).toMatch(/^thortime-[0-9a-f]{32,}$/);
    for (const topic of topics) expect(topic.length).toBeLessThanOrEqual(64);
  });

  test("sends buttons only under remote control, at most three, and only to https", async () => {
    const actions = ["Pause", "Stop", "Log", "More"].map((label) => ({ label, url: `https://example.org/${label}` }));
    await ntfy(settings(), options).send(notice({ actions }));
    expect(sent()).not.toHaveProperty("actions");
    await ntfy(settings({ remoteControl: true }), options).send(
      notice({ actions: [{ label: "Bad", url: "javascript:alert(1)" }, { label: "Plain", url: "http://example.org" }, ...actions] }),
    );
    expect(sent(1)["actions"]).toEqual(
      ["Pause", "Stop", "Log"].map((label) => ({ action: "http", label, url: `https://example.org/${label}`, method: "POST", clear: true })),
    );
  });

  test("sends the same event under the same id, and another under another", async () => {
    const notifier = ntfy(settings(), options);
    for (const id of ["a", "a", "b"]) await notifier.send(notice({ id }));
    const [first, again, other] = server.received.map((_one, index) => sent(index)["sequence_id"]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("sends tidy, bounded text", async () => {
    await ntfy(settings(), options).send(notice({ title: `a\u202Eb\u001b[31m\nc${"x".repeat(5_000)}`, body: "ş".repeat(50_000) }));
    const title = sent()["title"] as string;
    expect(title.startsWith("ab[31m c")).toBe(true);
    expect(title.length).toBeLessThanOrEqual(100);
    expect((sent()["message"] as string).length).toBeLessThanOrEqual(1_000);
  });
});

describe("a server that fails", () => {
  test.each([
    ["500", fails.status(500)],
    ["429", fails.status(429)],
    ["a log-in page", fails.html],
    ["silence", fails.hang],
    ["a trickle", fails.slow],
    ["a flood", fails.endless],
    ["a reset", fails.reset],
    ["half an answer", fails.cut],
  ])("with %s once is asked again", async (_name, fault) => {
    server.wrong.push(fault);
    expect(await ntfy(settings(), options).send(notice())).toEqual({ backend: "ntfy", ok: true, why: null, attempts: 2 });
  });

  test.each([
    ["500", fails.status(500), "it answered with status 500"],
    ["silence", fails.hang, "it did not answer within 0.3 s"],
    ["a log-in page", fails.html, "another program answers in its place"],
    ["a reset", fails.reset, "it cannot be reached (UND_ERR_SOCKET)"],
  ])("with %s always ends in a reason after four attempts", async (_name, fault, why) => {
    server.wrong.push(...Array.from({ length: 10 }, () => fault));
    const delivered = await ntfy(settings(), options).send(notice());
    expect(delivered).toMatchObject({ backend: "ntfy", ok: false, attempts: 4 });
    expect(inEnglish(delivered.why).replace(/\((ECONNRESET|UND_ERR_SOCKET)\)/, "(UND_ERR_SOCKET)")).toBe(why);
    expect(server.received).toHaveLength(4);
  });

  test.each([400, 401, 403, 404, 413, 301])("with %i is not asked again: it will not change its mind", async (status) => {
    server.wrong.push(fails.status(status, { location: `${server.url}/stolen` }));
    expect(await ntfy(settings(), options).send(notice())).toMatchObject({ ok: false, attempts: 1, why: saying(`it answered with status ${status}`, true) });
    expect(server.received).toHaveLength(1);
  });

  test("is asked once where somebody waits for the answer", async () => {
    server.wrong.push(fails.status(503), fails.status(503));
    expect(await ntfy(settings(), options).send(notice(), { once: true })).toMatchObject({ ok: false, attempts: 1, why: saying("status 503") });
    expect(server.received).toHaveLength(1);
    expect(slept).toEqual([]);
  });

  test("is waited for as long as it asks, unless that is too long", async () => {
    server.wrong.push(fails.status(429, { "retry-after": "1" }), fails.status(503, { "retry-after": "2" }));
    expect(await ntfy(settings(), options).send(notice())).toMatchObject({ ok: true, attempts: 3 });
    expect(slept).toEqual([1_000, 2_000]);
    server.wrong.push(fails.status(429, { "retry-after": "3600" }));
    expect(await ntfy(settings(), options).send(notice())).toMatchObject({
      ok: false,
      attempts: 1,
      why: saying("it answered with status 429; it asks for a pause of 3600 s", true),
    });
  });

  test("that is not there ends in a reason", async () => {
    const delivered = await ntfy(settings({ server: `http://127.0.0.1:${await freePort()}` }), options).send(notice());
    expect(delivered).toMatchObject({ ok: false, attempts: 4, why: saying("it cannot be reached (ECONNREFUSED)", true) });
  });
});

test("a pause doubles up to its limit, by half by chance", () => {
  const pauses = (random: number) => [1, 2, 3, 4, 5, 6, 7].map((attempts) => backOffMs(attempts, random, { ...PATIENCE, firstMs: 1_000, mostMs: 30_000 }));
  expect(pauses(1)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(pauses(0)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

test("no attempt begins after the whole time is over", async () => {
  let seconds = 0;
  const after: Clock["after"] = (ms, callback) => {
    seconds += ms / 1000;
    return systemClock.after(0, callback);
  };
  const fast: Clock = { ...systemClock, mono: () => seconds, after };
  const attempt = () => Promise.resolve({ ok: false, why: because("no-reason"), again: true, afterMs: 250_000 } as const);
  expect(await deliver("x", fast, attempt, PATIENCE)).toEqual({ backend: "x", ok: false, why: [because("no-reason")], attempts: 3 });
});

test("Retry-After is seconds or a date, and nothing else", () => {
  const now = Date.parse("2026-11-23T06:00:00Z");
  expect(
    [null, "", "7", " 7 ", "Mon, 23 Nov 2026 06:00:30 GMT", "Mon, 23 Nov 2026 05:00:00 GMT", "-7", "soon", "1e3"].map((text) => retryAfterS(text, now)),
  ).toEqual([null, null, 7, 7, 30, 0, null, null, null]);
});

test.each([
  ["https://ntfy.sh", true],
  ["https://ntfy.example.org:8443/", true],
  ["http://127.0.0.1:2586", true],
  ["http://localhost:2586", true],
  ["http://[::1]:2586", true],
  ["http://ntfy.sh", false],
  ["http://127.0.0.1.evil.com", false],
  ["http://localhost.evil.com", false],
  ["http://10.0.0.2", false],
  ["ftp://ntfy.sh", false],
  ["file:///etc/passwd", false],
  ["https://user:word@ntfy.sh", false],
  ["https://ntfy.sh/?a=b", false],
  ["ntfy.sh", false],
  ["", false],
])("%s as a server: %s", async (address, isGood) => {
  expect(serverAddress(address) instanceof URL).toBe(isGood);
  if (!isGood) expect(await ntfy(settings({ server: address }), options).send(notice())).toMatchObject({ ok: false, attempts: 1 });
});

test("more than a person wants is held back, but not what is urgent", async () => {
  const notifier = ntfy(settings(), options);
  const results = [];
  for (let index = 0; index < RATE.burst + 3; index += 1) results.push(await notifier.send(notice({ id: String(index) })));
  expect(results.filter(({ ok }) => ok)).toHaveLength(RATE.burst);
  expect(results.at(-1)).toMatchObject({ ok: false, attempts: 0, why: saying("held back: more than 10 in 20 minutes", true) });
  expect(await notifier.send(notice({ level: "urgent" }))).toMatchObject({ ok: true });
});

describe("Pushover", () => {
  const notifier = () => pushover({ token: "app-secret", user: "user-secret", server: server.url }, options);

  test("takes a form", async () => {
    expect(await notifier().send(notice({ level: "urgent" }))).toEqual({ backend: "pushover", ok: true, why: null, attempts: 1 });
    expect(Object.fromEntries(new URLSearchParams(server.received[0]?.body))).toEqual({
      token: "app-secret",
      user: "user-secret",
      title: "Resting",
      message: "84 °C, goes on in a minute.",
      priority: "1",
    });
  });

  test("refuses for good, or for this month; both end at once", async () => {
    server.wrong.push(fails.status(400, {}, { status: 0, errors: ["user identifier is invalid"] }), fails.status(429), fails.status(200, {}, { status: 0 }));
    expect(await notifier().send(notice())).toMatchObject({ ok: false, attempts: 1, why: saying("it answered with status 400", true) });
    expect(await notifier().send(notice())).toMatchObject({ ok: false, attempts: 1, why: saying("its quota for this month is used up", true) });
    expect(await notifier().send(notice())).toMatchObject({ ok: true, attempts: 2 });
  });
});

describe("Telegram", () => {
  const notifier = (changes: object = {}) => telegram({ token: TOKEN, chat: "42", server: server.url, ...changes }, options);

  test("takes plain text, silently when it is quiet", async () => {
    expect(await notifier().send(notice({ level: "quiet", title: "a_b *c*" }))).toEqual({ backend: "telegram", ok: true, why: null, attempts: 1 });
    expect(server.received[0]?.path).toBe(`/bot${TOKEN}/sendMessage`);
    expect(sent()).toEqual({
      chat_id: "42",
      text: "a_b *c*\n84 °C, goes on in a minute.",
      disable_notification: true,
      link_preview_options: { is_disabled: true },
    });
  });

  test("is waited for as its answer asks", async () => {
    server.wrong.push(fails.status(429, {}, { ok: false, error_code: 429, parameters: { retry_after: 1 } }));
    expect(await notifier().send(notice())).toMatchObject({ ok: true, attempts: 2 });
    expect(slept).toEqual([1_000]);
  });

  test("gets no token that would leave its place in the address", async () => {
    for (const token of ["", "../../x", `${TOKEN}/x`, `${TOKEN}?x`, "12:short"]) {
      expect(await notifier({ token }).send(notice())).toMatchObject({ ok: false, attempts: 1, why: saying("the token is not of Telegram's form", true) });
    }
    expect(server.received).toHaveLength(0);
  });
});

test("no token, key, topic or address is in any result, however it fails", async () => {
  const topic = makeTopic();
  const secrets = [TOKEN, "app-secret", "user-secret", topic, "tk_secret", "AAF-look", server.url, "42424242"];
  const push = (to: string) => [
    ntfy({ server: to, topic, token: "tk_secret", remoteControl: false }, options),
    pushover({ token: "app-secret", user: "user-secret", server: to }, options),
    telegram({ token: TOKEN, chat: "42424242", server: to }, options),
  ];
  const results: string[] = [];
  const told: string[] = [];
  const log = console.error;
  console.error = (...words: unknown[]) => told.push(words.join(" "));
  try {
    for (const fault of [fails.status(500), fails.status(401), fails.html, fails.reset, fails.cut, fails.hang]) {
      for (const notifier of push(server.url)) {
        server.wrong.splice(0, server.wrong.length, ...Array.from({ length: 4 }, () => fault));
        results.push(JSON.stringify(await notifier.send(notice())));
      }
    }
    for (const notifier of push("https://nowhere.invalid")) results.push(JSON.stringify(await notifier.send(notice())));
  } finally {
    console.error = log;
  }
  expect(results.every((result) => result.includes('"ok":false'))).toBe(true);
  for (const secret of secrets) expect([...results, ...told].join("\n")).not.toContain(secret);
});

test("nothing is pushed anywhere unless it is set up", () => {
  expect(pushNotifiers({}, systemClock)).toEqual([]);
  const all = pushNotifiers({ ntfy: settings(), pushover: { token: "a", user: "b" }, telegram: { token: TOKEN, chat: "1" } }, systemClock);
  expect(all.map(({ backend }) => backend)).toEqual(["ntfy", "pushover", "telegram"]);
});
