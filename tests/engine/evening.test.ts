/** The engine keeps a run's nights, tells its person once of what matters, and minds the battery; killed or restarted, nothing comes twice. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import type { Notice } from "../../electron/core/notice.ts";
import type { Notifier, Person, Ports } from "../../electron/core/ports.ts";
import type { Conditions } from "../../electron/core/reading.ts";
import en from "../../resources/messages/en.json";
import { BLIND, FINE, known } from "../core/conditions.ts";
import { nobody } from "./fakes.ts";
import { Night } from "./night.ts";

let night: Night;
let told: Notice[];
let conditions: Conditions;

/** Writes down what it is given to show. */
const book: Notifier = {
  backend: "book",
  send(notice) {
    told.push(notice);
    return Promise.resolve({ backend: "book", ok: true, why: null, attempts: 1 });
  },
};
const person: Person = { ...nobody, readSettings: () => JSON.stringify({ quietHours: null }), notifiers: () => [book], words: () => en };

beforeEach(() => {
  night = new Night();
  told = [];
  conditions = BLIND;
});
afterEach(() => night.end());

function start(overrides: Partial<Ports> = {}): void {
  night.startLean({ home: new FolderHome(night.home, night.clock.now), person, sensors: { read: () => Promise.resolve(conditions) }, ...overrides });
}

/** The clock on the wall, UTC. */
function setClock(text: string): void {
  night.clock.jumpMs = Date.parse(text) - Date.now();
}

const nights = () => night.homeState().nights.map((event) => (event.type === "battery-paused" ? event.type : `${event.type} ${event.night}`));

describe("a run's nights", () => {
  test("prepared before, checked at 21:30, begun at 22:00, sealed at 06:00, continued by one word, finished in the second night", async () => {
    setClock("2026-11-23T20:00:00Z");
    start();
    const run = await night.begin({ steps: 60, seconds: 0.1 }, { tonight: true });
    await night.untilState(run, "the rows are prepared", (state) => state.phases.prepare.status === "done");
    setClock("2026-11-23T21:30:00Z");
    await night.until("the check was rehearsed", () => nights().length === 1);
    expect(night.startsOf(run, "train")).toBe(0);
    expect(night.engine?.isIdle()).toBe(false);

    setClock("2026-11-23T22:00:01Z");
    await night.untilTraining(run, 3);
    setClock("2026-11-24T06:00:01Z");
    const sealed = await night.untilState(run, "it is sealed and ended", (state) => state.process === null && state.asked.pause);
    expect(sealed.checkpoints.at(-1)?.step).toBe(sealed.step?.step);
    expect(nights()).toEqual(["night-checked 2026-11-23", "night-started 2026-11-23", "night-ended 2026-11-23"]);

    // Another engine knows the same, and the next evening begins nothing without its person's word.
    await night.stop();
    start();
    setClock("2026-11-24T22:30:00Z");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(night.startsOf(run, "train")).toBe(1);

    setClock("2026-11-24T12:00:00Z");
    expect(await night.call("schedule-set", { run })).toMatchObject({ night: "2026-11-24" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(night.startsOf(run, "train")).toBe(1);
    setClock("2026-11-24T22:00:01Z");
    const done = await night.untilEnded(run);
    expect(done.ended?.outcome).toBe("finished");
    expect(done.step?.step).toBe(60);
    expect(night.homeState().schedules).toEqual([]);
    expect(told.filter((one) => one.id.includes("night-ended"))).toHaveLength(1);
  });

  test("skip tonight", async () => {
    setClock("2026-11-23T20:00:00Z");
    start();
    const run = await night.begin({}, { tonight: true });
    await night.untilState(run, "the rows are prepared", (state) => state.phases.prepare.status === "done");
    expect(await night.call("schedule-skip", { run })).toEqual({ night: "2026-11-23" });
    setClock("2026-11-23T23:00:00Z");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(nights()).toEqual([]);
    setClock("2026-11-24T22:00:01Z");
    await night.untilEnded(run);
    expect(nights()).toContain("night-started 2026-11-24");
  });

  test("an engine that was away over 22:00 begins late and says so; go on means now", async () => {
    setClock("2026-11-23T20:00:00Z");
    start();
    const late = await night.begin({ steps: 2 }, { tonight: true });
    await night.untilState(late, "the rows are prepared", (state) => state.phases.prepare.status === "done");
    await night.stop();
    setClock("2026-11-23T23:10:00Z");
    start();
    await night.untilEnded(late);
    await night.until("it was told", () => told.some((one) => one.title.includes("began 70 minutes late")));
  });
});

describe("notices", () => {
  test("the end is told once, also by the next engine on the same home", async () => {
    start();
    const run = await night.begin();
    await night.untilEnded(run);
    await night.until("it is in the ledger", () => night.homeState().notices.some((one) => one.sent?.ok));
    await night.stop();
    start();
    await night.call("run-export", { run }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 800));
    const ends = told.filter((one) => one.id.includes(":finished"));
    expect(new Set(ends.map((one) => one.id)).size).toBe(ends.length);
    expect(night.homeState().notices.filter((one) => one.id === ends[0]?.id)).toHaveLength(1);
  });

  test("what needs its person stands unseen until it is seen", async () => {
    start();
    const run = await night.begin({ misbehave: [{ verb: "train", how: "named-failure", times: 9 }] });
    await night.until("it asks", () => night.homeState().notices.some((one) => one.key === "needs-you"));
    expect(night.homeState().notices.at(-1)).toMatchObject({ run, level: "urgent", seenAt: null });
    await night.call("notice-seen", { id: null });
    expect(night.homeState().notices.every((one) => one.seenAt !== null)).toBe(true);
  });

  test("a way that fails is written down with its reason, and keeps nothing from going on", async () => {
    const deaf: Notifier = { backend: "deaf", send: () => Promise.resolve({ backend: "deaf", ok: false, why: "no answer", attempts: 4 }) };
    start({ person: { ...person, notifiers: () => [deaf, book] } });
    await night.untilEnded(await night.begin());
    await night.until("both ways are in the ledger", () => night.homeState().notices.some((one) => one.sent?.ways.join() === "book"));
  });
});

describe("row 24: battery", () => {
  test("running down it pauses the run once; with power that stays the run goes on, to its end", async () => {
    conditions = { ...FINE, onBattery: known(true), batteryPercent: known(20) };
    start();
    const run = await night.begin({ steps: 40, seconds: 0.1 });
    await night.untilState(run, "it is paused", (state) => state.asked.pause && state.process === null);
    expect(night.homeState().batteryPaused).toEqual([run]);
    conditions = FINE;
    const done = await night.untilEnded(run);
    expect(done.ended?.outcome).toBe("finished");
    expect(night.homeState().batteryPaused).toEqual([]);
    expect(night.homeState().nights.filter((one) => one.type === "battery-paused")).toHaveLength(1);
  });
});

describe("preflight and settings", () => {
  test("the check answers with what is known; an unknown machine is said to be unknown", async () => {
    start();
    const run = await night.begin();
    const { checks, fit } = await night.call("preflight", { run });
    expect(checks.find((one) => one.id === "power")?.verdict).toBe("unknown");
    expect(checks.find((one) => one.id === "python")?.verdict).toBe("ok");
    expect(fit).toBeNull();
  });

  test("an Ollama that does not run holds no model, and is not called fine: the check says how to start it", async () => {
    start();
    const { checks } = await night.call("preflight", {});
    expect(checks.find((one) => one.id === "ollama")).toMatchObject({ verdict: "warning", key: "check.ollama.absent-mac", fixable: null });
  });

  test("what it offers to do is done, and remembered for the next run", async () => {
    let text: string | null = null;
    const writeSettings = (written: string) => {
      text = written;
    };
    night.ollama.models = [{ name: "jessy-maximum", memoryBytes: 2e9, expiresAt: null }];
    start({ person: { ...person, readSettings: () => text, writeSettings } });
    night.ollama.absent = null;
    const before = await night.call("preflight", {});
    expect(before.checks.find((one) => one.id === "ollama")).toMatchObject({ verdict: "fix", fixable: "unload-ollama" });
    await night.call("preflight-fix", { fix: "unload-ollama" });
    expect(night.ollama.models).toEqual([]);
    night.ollama.models = [{ name: "jessy-maximum", memoryBytes: 2e9, expiresAt: null }];
    await night.untilEnded(await night.begin());
    expect(night.ollama.models).toEqual([]);
  });

  test("settings are changed whole or not at all", async () => {
    let text: string | null = null;
    const writeSettings = (written: string) => {
      text = written;
    };
    start({ person: { ...person, readSettings: () => text, writeSettings } });
    await night.call("settings-set", { change: { language: "tr", targetCelsius: 80 } });
    expect((await night.call("settings", {})).settings).toMatchObject({ language: "tr", targetCelsius: 80 });
    await expect(night.call("settings-set", { change: { language: "en", targetCelsius: 500 } })).rejects.toMatchObject({ fault: { kind: "usage.setting" } });
    expect((await night.call("settings", {})).settings.language).toBe("tr");
  });
});
