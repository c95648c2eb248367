/** What the engine does for and hears of its machine: held awake, memory eased before a kill, sleep and mains heard, errors in the log told, shells heard. */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../electron/adapters/clock.ts";
import { firstOf, HostNotices } from "../../electron/adapters/notify/local.ts";
import { shellNotices } from "../../electron/adapters/notify/shell.ts";
import { controlSchema } from "../../electron/core/control.ts";
import type { EventOf } from "../../electron/core/events.ts";
import type { Notice } from "../../electron/core/notice.ts";
import type { Person } from "../../electron/core/ports.ts";
import type { Conditions } from "../../electron/core/reading.ts";
import { because } from "../../electron/core/reason.ts";
import { LOOK_EVERY_S } from "../../electron/engine/lookout.ts";
import { showNotices } from "../../electron/hosts/desktop/notices.ts";
import en from "../../resources/messages/en.json";
import tr from "../../resources/messages/tr.json";
import { FINE, known } from "../core/conditions.ts";
import { nobody } from "./fakes.ts";
import { Night } from "./night.ts";

let night: Night;
let conditions: Conditions;
beforeEach(() => {
  night = new Night();
  conditions = FINE;
});
afterEach(() => night.end());

const LONG = { steps: 2_000, seconds: 0.02, save: 500 };
const MEMORY = { micro_batch_size: 4, max_seq_length: 2048 };
const control = (run: string) => controlSchema.parse(JSON.parse(readFileSync(night.runPath(run, "control.json"), "utf8")));
const of = <T extends EventOf<"awake" | "memory-eased" | "power" | "stalled">["type"]>(run: string, type: T) =>
  night.events(run).flatMap((event) => (event.type === type ? [event as EventOf<T>] : []));
const start = (person: Person = nobody) => night.startLean({ person, sensors: { read: () => Promise.resolve(conditions) } });
const endIt = async (run: string) => {
  await night.call("run-stop", { run });
  await night.untilEnded(run);
};

describe("awake", () => {
  it("each process is held once, and it is written down by what", async () => {
    start();
    const run = await night.begin();
    await night.untilEnded(run);
    const lines = of(run, "awake");
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ holder, why }) => holder === "caffeinate" && why === null)).toBe(true);
    expect(new Set(lines.map(({ token }) => token)).size).toBe(lines.length);
    expect(night.awake.held).toHaveLength(lines.length);
    expect(night.awake.displays).toBe(0);
  });

  it("a new engine leaves what is held alone, and asks again where nothing was", async () => {
    start();
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    await night.until("held", () => of(run, "awake").some(({ token }) => token === night.state(run).process?.token));
    const held = night.awake.held.length;
    await night.stop();
    start();
    await night.untilState(run, "goes on", (state) => (state.step?.step ?? 0) > 30);
    expect(night.awake.held).toHaveLength(held);
    await endIt(run);
  });

  it("that nothing holds it is said with its reason, and the run goes on", async () => {
    night.awake.by = null;
    start();
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    await night.until("said", () => of(run, "awake").some(({ token }) => token === night.state(run).process?.token));
    expect(of(run, "awake").at(-1)).toMatchObject({ by: "engine", holder: null, why: "a test" });
    await endIt(run);
  });

  it("the display is put to sleep once training starts, only if its person agreed", async () => {
    start({ ...nobody, readSettings: () => JSON.stringify({ sleepDisplay: true }) });
    await night.untilEnded(await night.begin());
    expect(night.awake.displays).toBe(1);
  });
});

describe("awake without a process", () => {
  const working = (run: string) => night.engine?.isIdle() === false && night.state(run).process === null;

  it("export and deploy hold the machine awake for the engine, and let go when they are done", async () => {
    let open = () => {};
    night.ollama.gate = new Promise((resolve) => {
      open = resolve;
    });
    night.start({ sensors: { read: () => Promise.resolve(conditions) } });
    const run = await night.begin({ merged: night.path });
    await night.until("it exports", () => night.ollama.exports.length === 1 && working(run));
    await night.until("held for the engine", () => night.awake.holding.has(process.pid));
    open();
    await night.untilEnded(run);
    expect(night.awake.holding.has(process.pid)).toBe(false);
    expect(of(run, "awake").flatMap(({ token, holder }) => (["export", "deploy"].includes(token) ? [`${token} ${holder}`] : []))).toEqual([
      "export caffeinate",
      "deploy caffeinate",
    ]);
  });

  it("an export that fails or is paused lets go too; where nothing holds, it goes on and says so", async () => {
    night.awake.by = null;
    night.ollama.broken = new Error("a test");
    night.start({ sensors: { read: () => Promise.resolve(conditions) } });
    const run = await night.begin({ merged: night.path });
    await night.untilState(run, "the export failed", (state) => state.phases.export.status === "failed");
    expect(night.awake.letGone).toContain(process.pid);
    expect(of(run, "awake").at(-1)).toMatchObject({ token: "export", holder: null, why: "a test" });
  });
});

describe("one look at the machine", () => {
  it("serves the governor and the evening alike: no second reading beside it", async () => {
    let looks = 0;
    const send = () => Promise.resolve({ backend: "book", ok: true, why: null, attempts: 1 });
    conditions = { ...FINE, lowPowerMode: known(true), temperature: known(84), systemWatts: known(30) };
    night.startLean({
      person: { ...nobody, readSettings: () => JSON.stringify({ quietHours: null }), notifiers: () => [{ backend: "book", send }], words: () => en },
      sensors: {
        read: () => {
          looks += 1;
          return Promise.resolve(conditions);
        },
      },
    });
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    const [startLooks, start] = [looks, night.clock.mono()];
    // Both have acted on what they were given.
    await night.until("the evening warned", () => night.homeState().notices.some((one) => one.key === "low-power-mode"));
    await night.until("the journal has the looks", () => night.count(run, "conditions") > 1);
    const seconds = night.clock.mono() - start;
    expect(looks - startLooks).toBeGreaterThan(1);
    expect(looks - startLooks).toBeLessThanOrEqual(seconds / LOOK_EVERY_S.training + 2);
    await endIt(run);
    await night.until("the meter had them too", () => night.events(run).some((event) => event.type === "energy" && event.measuredJoules > 0));
  });

  it("Low Power Mode and a closed lid are told once each while it trains, and nothing is stopped for them", async () => {
    conditions = { ...FINE, lowPowerMode: known(true), lidClosed: known(true) };
    const sent: string[] = [];
    const send = ({ title }: Notice) => {
      sent.push(title);
      return Promise.resolve({ backend: "book", ok: true, why: null, attempts: 1 });
    };
    start({
      ...nobody,
      readSettings: () => JSON.stringify({ quietHours: null, language: "tr" }),
      notifiers: () => [{ backend: "book", send }],
      words: () => tr,
    });
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    await night.until("both are told", () =>
      ["low-power-mode", "lid-closed"].every((key) => night.homeState().notices.some((one) => one.key === key && one.sent?.ok)),
    );
    const step = night.state(run).step?.step ?? 0;
    await night.untilTraining(run, step + 20);
    expect(sent.filter((title) => title.includes("kapak"))).toHaveLength(1);
    expect(sent.filter((title) => title.includes("Düşük Güç"))).toHaveLength(1);
    expect(night.state(run).asked).toMatchObject({ pause: false, stop: false });
    await endIt(run);
  });
});

describe("row 24: memory that runs short", () => {
  it("is eased by the ladder's rungs that keep the loss, journalled, and that there are no more is said once", async () => {
    start();
    const run = await night.begin(LONG, { settings: MEMORY });
    await night.untilTraining(run, 2);
    conditions = { ...FINE, memoryLevel: known("critical") };
    await night.until("the first rung", () => control(run).microBatchTokens === 4096);
    expect(of(run, "memory-eased")).toMatchObject([{ microBatchTokens: 4096, why: "pressure" }]);
    // Steps go on, so the leaps are time awake.
    night.clock.leapS = 2;
    await night.until("and the second", () => control(run).microBatchTokens === 2048, 60_000);
    await night.until("no more", () => of(run, "memory-eased").length === 3, 60_000);
    night.clock.leapS = 0;
    expect(of(run, "memory-eased").at(-1)).toMatchObject({ microBatchTokens: null });
    expect(control(run).maxSeqLength).toBeNull();
    conditions = FINE;
    // The next process begins where this one stood.
    await night.call("run-pause", { run });
    await night.untilState(run, "paused", (state) => state.process === null && state.asked.pause);
    await night.call("run-resume", { run });
    await night.untilState(run, "trains again", (state) => state.process?.verb === "train");
    expect([control(run).microBatchTokens, night.state(run).memoryEased]).toEqual([2048, 2]);
    await endIt(run);
  });

  it("what was swapped while it ran is counted", async () => {
    start();
    conditions = { ...FINE, swapOutBytes: known(5e9) };
    const run = await night.begin(LONG);
    await night.untilTraining(run, 2);
    await night.until("seen", () => night.state(run).swapWrites.counter === 5e9);
    conditions = { ...FINE, swapOutBytes: known(5.5e9) };
    await night.untilState(run, "counted", (state) => state.swapWrites.bytes === 5e8);
    await endIt(run);
  });
});

describe("row 21: a desktop shell hears that the machine slept", () => {
  it("nobody is told of a stall, and the machine is looked at afresh", async () => {
    let looks = 0;
    night.startLean({
      sensors: {
        read: () => {
          looks += 1;
          return Promise.resolve(conditions);
        },
      },
    });
    const run = await night.begin({ steps: 9, save: 2, misbehave: [{ verb: "train", how: "stop-self", at: 6, times: 1 }] });
    await night.untilTraining(run, 5);
    // Nearly the limit, in leaps that pass for being awake; then sleep, then nearly the limit again.
    for (let round = 0; round < 3; round += 1) {
      for (let waited = 0; waited < 80; waited += 8) {
        night.clock.sleptS += 8;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      await night.call("shell-note", { note: { kind: "power", event: "suspend" } });
      const before = looks;
      await night.call("shell-note", { note: { kind: "power", event: "resume" } });
      await night.until("looked at once more", () => looks > before);
    }
    expect(of(run, "stalled")).toEqual([]);
    expect(of(run, "power").map(({ event }) => event)).toEqual(Array(3).fill(["suspend", "resume"]).flat());
    process.kill(night.state(run).process?.pid ?? 0, "SIGCONT");
    expect((await night.untilEnded(run)).ended?.outcome).toBe("finished");
  });

  it("what is no note of a shell is refused at the door", async () => {
    start();
    for (const note of [{ kind: "power", event: "explode" }, { kind: "notice-shown" }, { kind: "here", id: "a" }, null])
      await expect(night.call("shell-note", { note: note as never })).rejects.toMatchObject({ fault: { kind: "usage.arguments" } });
  });
});

describe("errors in the log", () => {
  it("of the living process are a red flag; those of a process before it are not", async () => {
    const told: Notice[] = [];
    const send = (notice: Notice) => {
      told.push(notice);
      return Promise.resolve({ backend: "book", ok: true, why: null, attempts: 1 });
    };
    start({ ...nobody, readSettings: () => JSON.stringify({ quietHours: null }), notifiers: () => [{ backend: "book", send }], words: () => en });
    const run = await night.begin(LONG);
    appendFileSync(night.runPath(run, "trainer.log"), "Traceback (most recent call last):\n");
    await night.untilTraining(run, 50);
    // The first half hour ends in its own message: what is wrong by then, or that one can sleep.
    night.clock.jumpMs = 31 * 60_000;
    await night.until("the first half hour was told", () => told.some(({ id }) => id.includes("first-half-hour")));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(told.filter(({ id }) => id.includes("flag-errors"))).toEqual([]);
    appendFileSync(night.runPath(run, "trainer.log"), "Traceback (most recent call last):\nValueError: swallowed\n");
    await night.until("told", () => told.some(({ title }) => title === "night: errors"));
    await endIt(run);
  });
});

describe("a desktop shell", () => {
  it.each([
    ["that shows a notice is believed, and nothing else is tried", null, "electron"],
    ["whose notices the system refuses is fallen back from, with its reason", "Notifications are not allowed for this application", "book"],
  ])("%s", async (_name, why, way) => {
    const host = new HostNotices();
    const book = { backend: "book", send: () => Promise.resolve({ backend: "book", ok: true, why: null, attempts: 1 }) };
    const settings = () => JSON.stringify({ quietHours: null, language: "tr" });
    const person: Person = { ...nobody, readSettings: settings, notifiers: () => [firstOf([host.notifier, book])], words: () => tr };
    const engine = night.startLean({ person, shells: shellNotices(host, systemClock) });
    const shown: Notice[] = [];
    const leave = showNotices({
      api: engine.api,
      words: () => tr,
      show: (notice, done) => {
        shown.push(notice);
        done(why);
      },
    });
    await night.begin({ misbehave: [{ verb: "train", how: "named-failure", times: 9 }] });
    await night.until("it was sent", () => night.homeState().notices.some(({ sent }) => sent?.ok));
    leave();
    const [told] = night.homeState().notices;
    expect(told?.sent).toMatchObject({ times: 1, ways: [way] });
    expect(shown.map(({ id, title }) => [id, title])).toEqual([[told?.id, "night seni bekliyor"]]);
    const lines = readFileSync(join(night.home, "events.jsonl"), "utf8").split("\n");
    const sent = lines.filter((line) => line.includes('"notified"')).join("");
    if (why) expect(sent).toContain(JSON.stringify([because("said", { text: why }, "electron")]));
    expect(lines.findIndex((line) => line.includes('"notice-sending"'))).toBeLessThan(lines.findIndex((line) => line.includes('"notified"')));
  });
});
