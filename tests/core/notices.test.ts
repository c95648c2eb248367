/** A person is told once of what matters, woken only for what needs them, and finds in the app whatever did not reach them. */
import { describe, expect, test } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../electron/core/home.ts";
import { type NoticeSettings, STALE_MS, toSend, toTell } from "../../electron/core/notices/decide.ts";
import { checkpointDigest, type Draft, draftsOfNights, draftsOfRun } from "../../electron/core/notices/drafts.ts";
import { NOTICES_KEPT, unseen } from "../../electron/core/notices/ledger.ts";
import { noticeOf } from "../../electron/core/notices/words.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import en from "../../resources/messages/en.json";
import sentences from "../../resources/messages/sentences.tr.json";
import tr from "../../resources/messages/tr.json";
import { entry, SAMPLES, sample } from "./samples.ts";
import { UTC } from "./zones.ts";

const RUN = SAMPLES["run-created"].run;
const T0 = Date.parse("2026-11-23T20:00:00Z");
const MINUTE = 60_000;
const CALM: NoticeSettings = { quietHours: null, urgentInQuietHours: true };
const QUIET: NoticeSettings = { quietHours: { from: "23:00", to: "07:00" }, urgentInQuietHours: true };

/** One body a minute from 20:00 on. */
function run(...bodies: readonly EventBody[]): RunState {
  const lines = [sample("run-created"), ...bodies];
  return lines.reduce((state, body, index) => reduce(state, entry(body, { at: T0 + index * MINUTE, n: index + 1 })), EMPTY_RUN);
}

const spawn = (token = "t1") => sample("spawned", { token });
const crash = (token = "t1") => sample("exited", { token, code: 1, cause: "crash" });
const keys = (drafts: readonly Draft[]) => drafts.filter((one) => one.level !== "quiet").map((one) => `${one.level} ${one.key}`);

describe("what there is to tell", () => {
  const training = [sample("phase-started", { phase: "fetch" }), spawn()];
  const failed = [crash(), sample("phase-failed", { phase: "fetch" })];
  test.each<[string, readonly EventBody[], readonly string[]]>([
    ["a calm run", [...training, sample("step"), sample("checkpoint-sealed")], []],
    ["silence", [...training, sample("stalled", { stage: 1 })], ["normal stalled"]],
    ["long silence", [...training, sample("stalled", { stage: 1 }), sample("stalled", { stage: 2 })], ["normal stalled", "urgent needs-you"]],
    ["a crash it went on from", [...training, crash(), spawn("t2"), sample("resumed")], ["normal recovered"]],
    [
      "a pause and its end",
      [
        ...training,
        sample("asked", { command: "pause" }),
        sample("exited", { code: 0, cause: "asked" }),
        sample("asked", { command: "resume" }),
        spawn("t2"),
        sample("resumed"),
      ],
      [],
    ],
    ["a full disk", [...training, sample("space-needed")], ["urgent needs-you"]],
    ["a failure", [...training, ...failed], ["urgent needs-you"]],
    ["worse twice in a row", [...training, sample("held-out-worsened")], ["normal worsened"]],
    ["worse twice in a row, and the plan stops", [...training, sample("held-out-worsened", { stops: true })], ["normal worsened-stops"]],
    ["the end", [...training, sample("run-ended")], ["normal finished"]],
    ["the end, with a verdict", [...training, sample("held-out-compared"), sample("run-ended")], ["normal finished-better"]],
    [
      "the end of a model that was held back",
      [...training, sample("held-out-compared"), sample("phase-skipped", { phase: "deploy", verdict: "no-go" }), sample("run-ended")],
      ["normal finished-no-go"],
    ],
    ["a gentler child", [...training, sample("run-ended", { outcome: "stopped", child: "b" })], ["normal gentler"]],
    ["its person's own stop", [...training, sample("run-ended", { outcome: "stopped" })], []],
  ])("%s", (_name, bodies, wanted) => {
    expect(keys(draftsOfRun(run(...bodies)))).toEqual(wanted);
  });

  test("asked for the second time, the same state tells the same, under the same ids", () => {
    const state = run(...training, sample("stalled", { stage: 2 }));
    expect(draftsOfRun(state)).toEqual(draftsOfRun(state));
    const ids = draftsOfRun(state).map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("failed again after an answer, it is asked about again", () => {
    const asking = (state: RunState) => draftsOfRun(state).find((one) => one.key === "needs-you")?.id;
    const once = [...training, ...failed];
    const again = [...once, sample("asked", { command: "resume" }), ...training, ...failed];
    expect(asking(run(...once))).toBeDefined();
    expect(asking(run(...again))).not.toBe(asking(run(...once)));
  });

  test("checkpoints are told together, once a stretch is over, or not at all", () => {
    const state = run(sample("checkpoint-sealed", { step: 50 }), sample("checkpoint-sealed", { step: 100 }));
    expect(checkpointDigest(state, null, T0 + 9 * 3600_000)).toEqual([]);
    expect(checkpointDigest(state, 2, T0 + 3600_000)).toEqual([]);
    expect(checkpointDigest(state, 2, T0 + 2 * 3600_000)[0]?.values).toEqual({ run: "a", count: "2", step: "100" });
  });
});

describe("the nights", () => {
  const home = (body: EventBody): HomeState =>
    [sample("run-added"), sample("schedule-set"), body].reduce((state, one) => reduceHome(state, entry(one, { at: T0 })), EMPTY_HOME);
  const tell = (body: EventBody, wake: string | null = null) => keys(draftsOfNights(home(body), () => wake));
  test.each<[EventBody, readonly string[]]>([
    [sample("night-checked", { fixes: 0 }), []],
    [sample("night-checked", { fixes: 2 }), ["urgent night-fix"]],
    [sample("night-started", { lateSeconds: 30 }), []],
    [sample("night-started", { lateSeconds: 4200 }), ["normal night-late"]],
    [sample("night-missed"), ["normal night-missed"]],
    [sample("night-ended"), ["normal night-ended"]],
  ])("%j", (body, wanted) => {
    expect(tell(body)).toEqual(wanted);
  });

  test("on a Mac, a missed night brings the command that wakes it", () => {
    const [draft] = draftsOfNights(home(sample("night-missed")), () => "sudo pmset …");
    expect(draft).toMatchObject({ key: "night-missed-wake", values: { command: "sudo pmset …" } });
  });
});

/** The home's ledger, played by what the engine does with the two questions. */
class Desk {
  home = EMPTY_HOME;
  readonly sent: string[] = [];
  write(body: EventBody, at: number): void {
    this.home = reduceHome(this.home, entry(body, { at }));
  }
  /** `dies`: after which of its writes the engine is killed. */
  turn(drafts: readonly Draft[], at: number, settings = CALM, dies: "never" | "before-sending" | "meant" | "before-its-line" = "never"): void {
    for (const { id, run: of, level, key, values } of toTell(drafts, this.home.notices, at))
      this.write({ type: "notice", id, run: of, level, key, values }, at);
    if (dies === "before-sending") return;
    for (const sending of toSend(this.home.notices, settings, at, UTC)) {
      this.write({ type: "notice-sending", ids: sending.told.map(({ id }) => id), time: sending.time }, at);
      if (dies === "meant") return;
      this.sent.push(noticeOf(sending, en).title);
      if (dies === "before-its-line") return;
      for (const { id } of sending.told) this.write({ type: "notified", id, time: sending.time, backend: "bell", ok: true, why: null, attempts: 1 }, at);
    }
  }
}

const draft = (id: string, level: Draft["level"], at = T0, key = "stalled"): Draft => ({ id, at, run: RUN, level, key, values: { run: id, minutes: "2" } });

describe("when it is told", () => {
  test("once, however often the state is looked at", () => {
    const desk = new Desk();
    for (let look = 0; look < 5; look += 1) desk.turn([draft("a", "normal")], T0 + look * 1000);
    expect(desk.sent).toEqual(["a: no progress"]);
  });

  test("killed before it was meant: sent by the next engine; killed after that, it comes once at most and stands unseen", () => {
    const lost = new Desk();
    lost.turn([draft("a", "normal")], T0, CALM, "before-sending");
    lost.turn([draft("a", "normal")], T0 + 1000);
    expect(lost.sent).toEqual(["a: no progress"]);
    for (const [dies, times] of [
      ["before-its-line", 1],
      ["meant", 0],
    ] as const) {
      const desk = new Desk();
      desk.turn([draft("a", "normal")], T0, CALM, dies);
      for (let look = 1; look < 60; look += 1) desk.turn([draft("a", "normal")], T0 + look * MINUTE);
      expect(desk.sent).toHaveLength(times);
      expect(desk.home.notices).toMatchObject([{ sent: { times: 1, ok: false, ways: [] } }]);
      expect(unseen(desk.home.notices)).toHaveLength(1);
    }
  });

  test("what needs its person is sent again even when the engine was killed in the middle of the first sending", () => {
    const desk = new Desk();
    desk.turn([draft("a", "urgent")], T0, CALM, "meant");
    desk.turn([draft("a", "urgent")], T0 + 9 * MINUTE);
    expect(desk.sent).toHaveLength(0);
    for (let minute = 10; minute <= 120; minute += 1) desk.turn([draft("a", "urgent")], T0 + minute * MINUTE);
    expect(desk.sent).toHaveLength(2);
  });

  test("quiet ones are never sent and never kept twice", () => {
    const desk = new Desk();
    desk.turn([draft("a", "quiet")], T0);
    expect(desk.sent).toEqual([]);
    expect(desk.home.notices).toEqual([]);
  });

  test("quiet hours hold what is normal and let through what needs its person", () => {
    const desk = new Desk();
    const night = Date.parse("2026-11-24T03:00:00Z");
    desk.turn([draft("a", "normal", night), draft("b", "urgent", night)], night, QUIET);
    expect(desk.sent).toEqual(["b: no progress"]);
    desk.write({ type: "notice-seen", id: "b" }, night + 1);
    desk.turn([], Date.parse("2026-11-24T07:00:00Z"), QUIET);
    expect(desk.sent).toEqual(["b: no progress", "a: no progress"]);
  });

  test("whoever wants no call at night at all gets it in the morning", () => {
    const desk = new Desk();
    const night = Date.parse("2026-11-24T03:00:00Z");
    desk.turn([draft("b", "urgent", night)], night, { ...QUIET, urgentInQuietHours: false });
    expect(desk.sent).toEqual([]);
    desk.turn([], Date.parse("2026-11-24T07:00:00Z"), { ...QUIET, urgentInQuietHours: false });
    expect(desk.sent).toHaveLength(1);
  });

  test("many that were held come as one", () => {
    const desk = new Desk();
    const night = Date.parse("2026-11-24T03:00:00Z");
    desk.turn(
      ["a", "b", "c", "d"].map((id) => draft(id, "normal", night)),
      night,
      QUIET,
    );
    desk.turn([], Date.parse("2026-11-24T07:00:00Z"), QUIET);
    expect(desk.sent).toEqual(["While it was quiet: 4 notices"]);
    expect(desk.home.notices.every((one) => one.sent !== null)).toBe(true);
  });

  test("what needs its person is sent again after 10 and 30 minutes, and then rests in the app; seen, it is not", () => {
    const desk = new Desk();
    for (let minute = 0; minute <= 120; minute += 1) desk.turn([draft("a", "urgent")], T0 + minute * MINUTE);
    expect(desk.sent).toHaveLength(3);
    expect(unseen(desk.home.notices)).toHaveLength(1);
    const seen = new Desk();
    seen.turn([draft("a", "urgent")], T0);
    seen.write({ type: "notice-seen", id: null }, T0 + MINUTE);
    for (let minute = 1; minute <= 120; minute += 1) seen.turn([draft("a", "urgent")], T0 + minute * MINUTE);
    expect(seen.sent).toHaveLength(1);
    expect(unseen(seen.home.notices)).toEqual([]);
  });

  test("history calls nobody", () => {
    const desk = new Desk();
    desk.turn([draft("a", "urgent")], T0 + STALE_MS + 1);
    expect(desk.sent).toEqual([]);
  });

  test("a failed delivery stands with its reason in what was told, and the notice stays unseen", () => {
    const desk = new Desk();
    desk.turn([draft("a", "urgent")], T0, CALM, "before-sending");
    desk.write({ type: "notified", id: "a", time: 1, backend: "ntfy", ok: false, why: "no answer", attempts: 4 }, T0);
    expect(desk.home.notices[0]?.sent).toMatchObject({ ok: false, times: 1, ways: [] });
    expect(unseen(desk.home.notices)).toHaveLength(1);
  });

  test("the ledger is bounded, and what was seen leaves first", () => {
    const desk = new Desk();
    for (let count = 0; count < NOTICES_KEPT; count += 1)
      desk.write({ type: "notice", id: `n${count}`, run: RUN, level: "normal", key: "stalled", values: {} }, T0);
    desk.write({ type: "notice-seen", id: "n7" }, T0);
    desk.write({ type: "notice", id: "one more", run: RUN, level: "normal", key: "stalled", values: {} }, T0);
    expect(desk.home.notices).toHaveLength(NOTICES_KEPT);
    expect(desk.home.notices.some((one) => one.id === "n7")).toBe(false);
    expect(desk.home.notices.some((one) => one.id === "n0")).toBe(true);
  });
});

describe("in words", () => {
  const KEYS = [
    "gate-go",
    "gate-no-go",
    "gate-no-go-open",
    "gate-your-call",
    "gate-your-call-open",
    "needs-you stalled worsened worsened-stops space-returned recovered gentler deployed finished finished-better finished-worse finished-unclear finished-no-go finished-your-call checkpoints night-fix night-late",
    "night-missed night-missed-wake night-ended battery low-power-mode lid-closed first-half-hour first-half-hour-no-heat first-half-hour-no-end first-half-hour-no-heat-no-end",
    "first-half-hour-bad flag-loss-rising flag-memory-growing flag-hot flag-slowing flag-slow flag-errors",
  ].flatMap((line) => line.split(" "));

  test("every key there is has its words in both languages, and no words lie unused", () => {
    for (const words of [en, tr]) {
      const there = Object.keys(words).filter((key) => key.startsWith("notice.") && key.endsWith(".title"));
      expect(there.sort()).toEqual([...KEYS, "digest", "test"].map((key) => `notice.${key}.title`).sort());
      for (const key of KEYS) expect(words).toHaveProperty([`notice.${key}.body`]);
    }
  });

  test("a fault comes in English, and is said in the language where the catalogue has its sentences", () => {
    const values = { run: "a", kind: "run.diverged", message: "gece-1 is not paused.", next: "Do this." };
    const told = { id: "x", at: 0, run: RUN, level: "urgent", key: "needs-you", values, sent: null, seenAt: null } as const;
    expect(noticeOf({ told: [told], time: 1 }, en)).toMatchObject({ title: "a needs you", body: "gece-1 is not paused. Do this." });
    expect(noticeOf({ told: [told], time: 1 }, { ...tr, ...sentences })).toMatchObject({
      title: "a seni bekliyor",
      body: "gece-1 duraklatılmış değil. Do this.",
    });
  });

  test("values are put in as text: one that looks like a place for another stays as it is", () => {
    const told = { id: "x", at: 0, run: RUN, level: "normal", key: "stalled", values: { run: "{minutes}", minutes: "2" }, sent: null, seenAt: null } as const;
    expect(noticeOf({ told: [told], time: 2 }, en)).toMatchObject({ id: "x#2", title: "{minutes}: no progress" });
  });
});
