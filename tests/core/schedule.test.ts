/** A run begins at 22:00 by itself and ends sealed at 06:00, once a night, whatever the clock, the machine's sleep or a restarted engine do. */
import { describe, expect, test } from "vitest";
import { isClosing, isHeld, type NightStep, nightStep, type Schedule } from "../../electron/core/evening/schedule.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { EMPTY_HOME, type HomeState, reduceHome } from "../../electron/core/home.ts";
import { entry } from "./samples.ts";
import { UTC } from "./zones.ts";

const RUN = "a-20261123-180000-0001";
const at = (text: string) => Date.parse(text);
const set = (when = "2026-11-23T18:00:00Z") => [{ type: "schedule-set", run: RUN, from: "22:00", to: "06:00" }, when] as const;

function home(...lines: readonly (readonly [EventBody, string])[]): HomeState {
  return lines.reduce((state, [body, when]) => reduceHome(state, entry(body, { at: at(when) })), EMPTY_HOME);
}

function scheduleOf(state: HomeState): Schedule {
  const schedule = state.schedules[0];
  if (!schedule) throw new Error("no schedule");
  return schedule;
}

const step = (state: HomeState, now: string) => nightStep(scheduleOf(state), at(now), UTC);

/** What the engine would write for a step: asked again, the same is not wanted again. */
function lineOf(found: NightStep): EventBody | null {
  switch (found.do) {
    case "nothing":
      return null;
    case "check":
      return { type: "night-checked", run: RUN, night: found.night, fixes: 0, warnings: 0 };
    case "start":
      return { type: "night-started", run: RUN, night: found.night, closesAt: found.closesAt, lateSeconds: found.lateSeconds };
    case "end":
      return { type: "night-ended", run: RUN, night: found.night };
    case "miss":
      return { type: "night-missed", run: RUN, night: found.night };
  }
}

/** Ticks every ten minutes from `from` for `hours`; the engine lives only where `alive` says so. */
function live(state: HomeState, from: string, hours: number, alive: (now: number) => boolean = () => true): { state: HomeState; did: string[] } {
  const did: string[] = [];
  let now = state;
  for (let minutes = 0; minutes <= hours * 60; minutes += 10) {
    const ms = at(from) + minutes * 60_000;
    if (!alive(ms)) continue;
    for (let again = 0; again < 3; again += 1) {
      const schedule = now.schedules[0];
      const line = schedule ? lineOf(nightStep(schedule, ms, UTC)) : null;
      if (!line) break;
      did.push(`${new Date(ms).toISOString().slice(5, 16)} ${line.type}`);
      now = reduceHome(now, entry(line, { at: ms }));
    }
  }
  return { state: now, did };
}

describe("one night", () => {
  test("check at 21:30, begin at 22:00, end at 06:00, then nothing until its person says so", () => {
    const { did, state } = live(home(set()), "2026-11-23T18:00:00Z", 60);
    expect(did).toEqual(["11-23T21:30 night-checked", "11-23T22:00 night-started", "11-24T06:00 night-ended"]);
    expect(scheduleOf(state).ended).toBe(true);
  });

  test("one word continues it in the next night", () => {
    const first = live(home(set()), "2026-11-23T18:00:00Z", 20).state;
    const again = reduceHome(first, entry({ type: "schedule-set", run: RUN, from: "22:00", to: "06:00" }, { at: at("2026-11-24T15:00:00Z") }));
    expect(live(again, "2026-11-24T15:00:00Z", 20).did).toEqual(["11-24T21:30 night-checked", "11-24T22:00 night-started", "11-25T06:00 night-ended"]);
  });

  test("set within the window it begins at once, and is not called late", () => {
    expect(step(home(set("2026-11-23T23:30:00Z")), "2026-11-23T23:30:01Z")).toMatchObject({ do: "start", night: "2026-11-23", lateSeconds: 1 });
  });

  test("skip tonight: nothing tonight, the check and the start tomorrow", () => {
    const state = home(set(), [{ type: "night-skipped", run: RUN, night: "2026-11-23" }, "2026-11-23T19:00:00Z"]);
    expect(live(state, "2026-11-23T19:00:00Z", 40).did).toEqual(["11-24T21:30 night-checked", "11-24T22:00 night-started", "11-25T06:00 night-ended"]);
  });

  test("a finished run has no schedule any more", () => {
    expect(home(set(), [{ type: "run-closed", run: RUN, outcome: "finished" }, "2026-11-24T03:00:00Z"]).schedules).toEqual([]);
    expect(home(set(), [{ type: "schedule-cleared", run: RUN }, "2026-11-24T03:00:00Z"]).schedules).toEqual([]);
  });
});

describe("what a night meets", () => {
  test("slept through 22:00, awake at 23:10: it begins late and says how late", () => {
    const asleep = (now: number) => now < at("2026-11-23T20:00:00Z") || now >= at("2026-11-23T23:10:00Z");
    const { did, state } = live(home(set()), "2026-11-23T18:00:00Z", 7, asleep);
    expect(did).toEqual(["11-23T23:10 night-started"]);
    expect(step(home(set()), "2026-11-23T23:10:00Z")).toMatchObject({ do: "start", lateSeconds: 4200 });
    expect(scheduleOf(state).started?.closesAt).toBe(at("2026-11-24T06:00:00Z"));
  });

  test("slept through it all: missed, once, and the next night is as planned", () => {
    const asleep = (now: number) => now < at("2026-11-23T20:00:00Z") || now >= at("2026-11-24T08:00:00Z");
    const { did } = live(home(set()), "2026-11-23T18:00:00Z", 30, asleep);
    expect(did).toEqual(["11-24T08:00 night-missed", "11-24T21:30 night-checked", "11-24T22:00 night-started"]);
  });

  test("an engine that died in the night and comes back after 06:00 ends it", () => {
    const away = (now: number) => now < at("2026-11-24T01:00:00Z") || now >= at("2026-11-24T09:00:00Z");
    expect(live(home(set()), "2026-11-23T21:00:00Z", 14, away).did.at(-1)).toBe("11-24T09:00 night-ended");
  });

  test("a clock set back in the night neither ends it nor begins it again", () => {
    const state = live(home(set()), "2026-11-23T21:00:00Z", 2).state;
    for (const now of ["2026-11-23T20:00:00Z", "2026-11-23T21:45:00Z", "2026-11-22T12:00:00Z"]) expect(step(state, now)).toEqual({ do: "nothing" });
  });

  test("a clock set forward over 06:00 ends it: sealed, nothing is lost", () => {
    expect(step(live(home(set()), "2026-11-23T21:00:00Z", 2).state, "2026-11-24T06:00:01Z")).toEqual({ do: "end", night: "2026-11-23" });
  });

  test("a night before it was set is not missed", () => {
    expect(step(home(set("2026-11-23T18:00:00Z")), "2026-11-23T18:00:01Z")).toEqual({ do: "nothing" });
  });
});

describe("what may work when", () => {
  const waiting = scheduleOf(home(set()));
  const open = { ...waiting, started: { night: "2026-11-23", closesAt: 1 } };
  const over = { ...open, ended: true };

  test("before the window only what a forecast needs; in it all; after it only minutes that are left", () => {
    const may = (schedule: Schedule) =>
      (["fetch", "prepare", "before", "train", "after", "merge", "export", "deploy"] as const).filter((one) => !isHeld(schedule, one));
    expect(may(waiting)).toEqual(["fetch", "prepare", "after", "merge", "export", "deploy"]);
    expect(may(open)).toHaveLength(8);
    expect(may(over)).toEqual(["fetch", "prepare", "after", "merge", "export", "deploy"]);
    expect(isHeld(undefined, "train")).toBe(false);
  });

  test("only an ended night closes a living trainer", () => {
    expect(isClosing(over, "train")).toBe(true);
    expect(isClosing(over, "merge")).toBe(false);
    expect(isClosing(open, "train")).toBe(false);
    expect(isClosing(undefined, "train")).toBe(false);
  });
});
