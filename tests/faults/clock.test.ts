/** Row 20: somebody sets the clock, or summer ends. Waits stay waits, durations stay true, and the end that is named stays sane. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { trainingEnd } from "../../electron/core/eta.ts";
import { finish } from "../../electron/hosts/cli/format.ts";
import { Night } from "../engine/night.ts";

const HOUR = 3_600_000;
const JUMPS: [string, number][] = [
  ["back an hour", -HOUR],
  ["on a day", 24 * HOUR],
];

let night: Night;
const realNow = Date.now;
/** The one clock of this process: journal lines and the engine both take the time of day from it. */
const jump = (ms: number) => void vi.spyOn(Date, "now").mockImplementation(() => realNow() + ms);
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await night.end();
});

describe("row 20: while a restart waits", () => {
  it.each(JUMPS)("%s: the wait is neither for ever nor skipped for ever: a crash loop ends with its person", async (_name, ms) => {
    const run = await night.begin({ misbehave: [{ verb: "prepare", how: "silent-exit" }] });
    await night.until("it waits after its second crash", () => night.startsOf(run, "prepare") === 2 && night.state(run).process === null);
    jump(ms);
    const state = await night.untilState(run, "it needs its person", ({ phases }) => phases.prepare.status === "failed", 60_000);
    expect(state.phases.prepare.fault?.kind).toBe("run.crashed");
    // Three on each side of the jump at most.
    expect(night.startsOf(run, "prepare")).toBeGreaterThanOrEqual(3);
    expect(night.startsOf(run, "prepare")).toBeLessThanOrEqual(5);
  });
});

/** Null, or ahead, and never further off than the jump itself and the steps that are left, three times over. */
function expectSaneEnd(run: string, jumpMs: number): void {
  const now = Date.now();
  const end = trainingEnd(night.state(run), now);
  if (!end) return;
  expect(end.fromMs).toBeGreaterThanOrEqual(now);
  expect(end.toMs).toBeGreaterThanOrEqual(end.fromMs);
  expect(end.toMs - now).toBeLessThan(Math.abs(Math.min(0, jumpMs)) + 3 * 60 * 100);
}

describe("row 20: while a run trains", () => {
  it.each(JUMPS)("%s: nobody is told of a stall, no duration is wrong, and the end named is null or ahead", async (_name, ms) => {
    const run = await night.begin({ steps: 60, seconds: 0.1, save: 20 });
    await night.untilTraining(run, 8);
    jump(ms);
    for (let look = 0; look < 20; look += 1) {
      expectSaneEnd(run, ms);
      await sleep(100);
    }
    const state = await night.untilEnded(run);
    expect([state.ended?.outcome, night.count(run, "stalled"), night.startsOf(run, "train")]).toEqual(["finished", 0, 1]);
    const timed = night.events(run).flatMap((event) => ("seconds" in event ? [event] : []));
    expect(Math.min(...timed.map(({ seconds }) => seconds))).toBeGreaterThanOrEqual(0);
    expect(new Set(timed.filter(({ type }) => type === "step").map(({ seconds }) => seconds))).toEqual(new Set([0.1]));
    // Ten of the engine's seconds are one of ours; a jump would add a day or leave nothing.
    const long = timed.filter((event) => event.type === "run-ended" || (event.type === "phase-finished" && event.phase === "train"));
    expect(long).toHaveLength(2);
    expect(Math.min(...long.map(({ seconds }) => seconds))).toBeGreaterThan(40);
    expect(Math.max(...long.map(({ seconds }) => seconds))).toBeLessThan(3_600);
  });
});

describe("row 20: the night that summer ends", () => {
  const zone = process.env["TZ"];
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("hours that come twice take nothing from a duration; the end is named in the person's own time", () => {
    process.env["TZ"] = "Europe/Berlin";
    // 25 October 2026: 03:00 becomes 02:00. From 01:30 to 03:30 are three hours.
    const from = Date.UTC(2026, 9, 24, 23, 30);
    expect(new Date(from).getHours()).toBe(1);
    expect(new Date(from + 3 * HOUR).getHours()).toBe(3);
    expect(finish({ fromMs: from + 3 * HOUR, toMs: from + 3 * HOUR + 20 * 60_000 })).toBe("done 03:30–03:50");
  });
});
