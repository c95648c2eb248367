/** The window of 22:00–06:00 is where the clock on the wall says, also in the nights on which that clock is changed. */
import { describe, expect, test } from "vitest";
import { instantOf, isOpen, localTime, nightAt, nightBefore, USUAL_WINDOW, wakeCommand } from "../../electron/core/evening/window.ts";
import { UTC, zone } from "./zones.ts";

const BERLIN = zone("Europe/Berlin");
const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString();

describe("the night an instant belongs to", () => {
  test.each([
    ["2026-11-23T21:59:59Z", "2026-11-23", false],
    ["2026-11-23T22:00:00Z", "2026-11-23", true],
    ["2026-11-24T00:00:00Z", "2026-11-23", true],
    ["2026-11-24T05:59:59Z", "2026-11-23", true],
    ["2026-11-24T06:00:00Z", "2026-11-24", false],
    ["2026-11-24T12:00:00Z", "2026-11-24", false],
  ])("%s", (now, night, open) => {
    const found = nightAt(at(now), USUAL_WINDOW, UTC);
    expect(found.night).toBe(night);
    expect(isOpen(found, at(now))).toBe(open);
  });

  test("a window within one day", () => {
    const day = { from: "09:00", to: "17:00" };
    expect(nightAt(at("2026-11-23T10:00:00Z"), day, UTC)).toEqual({
      night: "2026-11-23",
      opensAt: at("2026-11-23T09:00:00Z"),
      closesAt: at("2026-11-23T17:00:00Z"),
    });
    expect(nightAt(at("2026-11-23T17:00:00Z"), day, UTC).night).toBe("2026-11-24");
    expect(nightBefore(at("2026-11-23T17:00:00Z"), day, UTC).night).toBe("2026-11-23");
  });

  test("a whole day: from and to are the same", () => {
    const whole = { from: "00:00", to: "00:00" };
    expect(nightAt(at("2026-11-23T00:00:00Z"), whole, UTC).closesAt).toBe(at("2026-11-24T00:00:00Z"));
  });

  test("over the end of a month and of a year", () => {
    expect(nightAt(at("2027-01-01T03:00:00Z"), USUAL_WINDOW, UTC).night).toBe("2026-12-31");
  });
});

describe("nights on which the clock is changed", () => {
  test("an hour less in spring, an hour more in autumn: still 22:00 to 06:00 on the wall", () => {
    const spring = nightAt(at("2026-03-28T23:00:00Z"), USUAL_WINDOW, BERLIN);
    expect([iso(spring.opensAt), iso(spring.closesAt)]).toEqual(["2026-03-28T21:00:00.000Z", "2026-03-29T04:00:00.000Z"]);
    const autumn = nightAt(at("2026-10-24T23:00:00Z"), USUAL_WINDOW, BERLIN);
    expect([iso(autumn.opensAt), iso(autumn.closesAt)]).toEqual(["2026-10-24T20:00:00.000Z", "2026-10-25T05:00:00.000Z"]);
  });

  test("a time of day that does not exist is the later one, one that comes twice is the first (as Temporal's compatible)", () => {
    expect(iso(instantOf("2026-03-29", "02:30", BERLIN))).toBe("2026-03-29T01:30:00.000Z");
    expect(localTime(instantOf("2026-03-29", "02:30", BERLIN), BERLIN)).toBe("03:30");
    expect(iso(instantOf("2026-10-25", "02:30", BERLIN))).toBe("2026-10-25T00:30:00.000Z");
  });

  test.each(["Europe/Berlin", "Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])(
    "%s: every night of a year opens at 22:00 and closes at 06:00 on the wall, none is left out, none comes twice",
    (name) => {
      const offset = zone(name);
      let now = at("2026-01-01T12:00:00Z");
      let last = "";
      for (let count = 0; count < 365; count += 1) {
        const night = nightAt(now, USUAL_WINDOW, offset);
        expect(night.night > last).toBe(true);
        expect(localTime(night.opensAt, offset)).toBe("22:00");
        expect(localTime(night.closesAt, offset)).toBe("06:00");
        expect(nightBefore(night.closesAt, USUAL_WINDOW, offset)).toEqual(night);
        last = night.night;
        now = night.closesAt;
      }
      expect(last).toBe("2026-12-31");
    },
  );
});

test("the command that wakes a Mac is in its local time, as pmset wants it", () => {
  expect(wakeCommand(at("2026-11-23T20:55:00Z"), BERLIN)).toBe('sudo pmset schedule wakeorpoweron "11/23/26 21:55:00"');
});
