/** Rows 21, 22 and 23: the governor and its ladder: what is ordered for what is seen, at most once in 10 s, and why. */
import { describe, expect, it } from "vitest";
import { type Governed, govern } from "../../electron/core/governor/governor.ts";
import { COMMAND_EVERY_S, DEFAULT_HEAT, heatSettings, LEAST_PACE } from "../../electron/core/governor/settings.ts";
import { type Command, FIRST_STATE, type GovernorState, type Work } from "../../electron/core/governor/state.ts";
import { type Conditions, nothingKnown, type Reading, type ThermalLevel, unknown } from "../../electron/core/reading.ts";
import { type Dice, rounds } from "./seeded.ts";

const LOOK_S = 5;
const IDLE: Work = { secondsPerToken: [], steps: 0, canCutBatches: true };
const work = (slower: number, steps = 20): Work => ({ ...IDLE, steps, secondsPerToken: Array.from({ length: 10 }, () => 0.003 * slower) });

interface See {
  readonly celsius?: number | null;
  readonly level?: ThermalLevel | null;
  readonly watts?: number | null;
}

function look({ celsius = null, level = null, watts = null }: See): Conditions {
  const known = <T>(value: T | null): Reading<T> => (value === null ? unknown("a test") : { value, source: "test", at: 0 });
  return { ...nothingKnown("a test"), temperature: known(celsius), thermalLevel: known(level), watts: known(watts) };
}

type Ordered = Command & { readonly at: number; readonly why: Governed["why"] };

/** Looks every 5 s at what `see` says; what was ordered, and the state at the end. */
function watch(seconds: number, see: (at: number) => See, from: GovernorState = FIRST_STATE, does: (at: number) => Work = () => IDLE, start = 0) {
  const orders: Ordered[] = [];
  let state = from;
  for (let at = start; at < start + seconds; at += LOOK_S) {
    const governed = govern(state, look(see(at)), does(at), at, DEFAULT_HEAT);
    state = governed.state;
    if (governed.command) orders.push({ ...governed.command, at, why: governed.why });
  }
  return { orders, state };
}

/** A machine that no rule describes: broken readings, all levels, sleep now and then. */
function anything({ below, chance, pick }: Dice, turns: number): { commands: { at: number; pace: number }[]; state: GovernorState } {
  const levels: readonly (ThermalLevel | null)[] = ["nominal", "moderate", "heavy", "trapping", null];
  const commands: { at: number; pace: number }[] = [];
  let state = FIRST_STATE;
  for (let turn = 0, at = 0; turn < turns; turn += 1) {
    at += chance(0.01) ? 3_600 : 1 + below(6);
    const celsius = chance(0.2) ? pick([Number.NaN, -1, null, 500]) : 60 + below(45);
    const watts = chance(0.5) ? below(40) : null;
    const governed = govern(state, look({ celsius, level: pick(levels), watts }), work(1 + below(30) / 10, turn), at, DEFAULT_HEAT);
    state = governed.state;
    if (governed.command) commands.push({ at, pace: governed.command.pace });
  }
  return { commands, state };
}

const running = (change: Partial<GovernorState>): GovernorState => ({ ...FIRST_STATE, ...change, wantedPace: change.pace ?? 1 });

describe("by degrees", () => {
  it("a cool machine is left alone", () => {
    expect(watch(3_600, () => ({ celsius: 70, level: "nominal" })).orders).toEqual([]);
  });

  it("it slows before the target is reached, in steps, and says at what temperature", () => {
    const { orders } = watch(300, (at) => ({ celsius: Math.min(84.5, 60 + at / 8) }));
    expect(orders.length).toBeGreaterThan(1);
    expect(orders[0]).toMatchObject({ action: "pace", rest: false, why: { reason: "hot", celsius: expect.any(Number) } });
    expect(orders[0]?.why.celsius).toBeLessThan(DEFAULT_HEAT.targetCelsius);
    expect(orders.map((order) => order.pace)).toEqual(orders.map((order) => order.pace).sort((a, b) => b - a));
  });

  it("where there is room again it is as fast as before", () => {
    const { orders, state } = watch(1_200, () => ({ celsius: 65 }), running({ pace: 0.4 }));
    expect(orders[0]).toMatchObject({ action: "pace", why: { reason: "room" } });
    expect(state.pace).toBe(1);
  });

  it("at red all work stops, and goes on once it is well under the target, calmer than before", () => {
    const { orders, state } = watch(60, () => ({ celsius: 91 }), running({ pace: 0.8 }));
    expect(orders[0]).toMatchObject({ action: "rest", rest: true, why: { reason: "red", celsius: 91 } });
    expect(orders).toHaveLength(1);
    expect(watch(60, () => ({ celsius: 80 }), state, undefined, 60).orders).toEqual([]);
    const cool = watch(60, () => ({ celsius: 76 }), state, undefined, 60);
    expect(cool.orders[0]).toMatchObject({ action: "resume", rest: false, pace: 0.64, why: { reason: "cooled" } });
  });

  it("red is seen coming: it rests before it is reached", () => {
    const { orders } = watch(120, (at) => ({ celsius: 70 + at / 2 }), running({ pace: 1 }));
    const rest = orders.find((order) => order.action === "rest");
    expect(rest?.why.celsius).toBeLessThan(DEFAULT_HEAT.redCelsius);
  });

  it("too hot at the least pace: smaller micro-batches first, then rest; without them rest at once", () => {
    const hot = () => ({ celsius: 86.5 });
    const least = running({ pace: LEAST_PACE, celsius: 86.5 });
    const { orders } = watch(400, hot, least);
    expect(orders.slice(0, 2)).toMatchObject([
      { action: "smaller-batches", smallerBatches: true, rest: false, why: { reason: "too-hot-at-least" } },
      { action: "rest", rest: true },
    ]);
    const none = watch(400, hot, least, () => ({ ...IDLE, canCutBatches: false }));
    expect(none.orders[0]).toMatchObject({ action: "rest", smallerBatches: false });
  });

  it("smaller micro-batches are taken back after ten minutes with room", () => {
    const { orders } = watch(1_500, () => ({ celsius: 70 }), running({ pace: 1, smallerBatches: true }));
    expect(orders).toMatchObject([{ action: "plan-batches", smallerBatches: false }]);
    expect(orders[0]?.at).toBeGreaterThanOrEqual(600);
  });

  it("the level alone does not slow a machine whose degrees are fine, nor do long rows", () => {
    expect(watch(600, () => ({ celsius: 75, level: "moderate" })).orders).toEqual([]);
    expect(
      watch(
        600,
        () => ({ celsius: 75 }),
        FIRST_STATE,
        (at) => work(at > 200 ? 3 : 1, at),
      ).orders,
    ).toEqual([]);
  });

  it.each([
    [70, 75],
    [80, 84],
  ])("holds another target, %i °C with red at %i", (target, red) => {
    const settings = heatSettings(target, red);
    const at = (celsius: number) => govern(running({ lookedAt: 0, celsius }), look({ celsius }), IDLE, 5, settings).state.wantedPace;
    expect([at(target - 5), at(target + 1) < 1]).toEqual([1, true]);
    expect(govern(FIRST_STATE, look({ celsius: red }), IDLE, 0, settings).command?.action).toBe("rest");
  });

  it("a red at or under the target would rest all night: it is moved", () => {
    expect(heatSettings(85, 80)).toEqual({ targetCelsius: 85, redCelsius: 87 });
    expect(heatSettings(Number.NaN, Number.NaN)).toEqual(DEFAULT_HEAT);
  });
});

describe("without degrees", () => {
  it("pressure: down at once, and near the old pace again once it is gone", () => {
    const { orders } = watch(600, (at) => ({ level: at >= 100 && at < 160 ? "moderate" : "nominal" }));
    expect(orders[0]).toMatchObject({ action: "pace", at: 100, why: { reason: "pressure", level: "moderate" } });
    expect(orders[0]?.pace).toBeLessThan(0.5);
    const after = orders.find((order) => order.at >= 160);
    expect(after?.pace).toBeGreaterThan(0.6);
    expect(after?.pace).toBeLessThan(1);
  });

  it("pressure that stays takes more and more pace away", () => {
    const { orders, state } = watch(1_800, () => ({ level: "moderate" }));
    expect(state.pace).toBeLessThanOrEqual(LEAST_PACE + 0.03);
    expect(orders.some((order) => order.action === "smaller-batches" || order.action === "rest")).toBe(true);
  });

  it.each<ThermalLevel>(["heavy", "trapping", "sleeping"])("%s: rest until it is nominal", (level) => {
    const { orders } = watch(300, (at) => ({ level: at < 100 ? level : "nominal" }));
    expect(orders.slice(0, 2)).toMatchObject([
      { action: "rest", at: 0, why: { level } },
      { action: "resume", at: 100 },
    ]);
  });

  it("the same work twice as slow slows the pace a little and never rests while the level says nominal: other programs do that too", () => {
    const { orders, state } = watch(
      120,
      () => ({ level: "nominal" }),
      FIRST_STATE,
      (at) => work(at >= 60 ? 2.2 : 1, at),
    );
    expect(orders[0]).toMatchObject({ action: "pace", at: 60, why: { reason: "throttled", level: "nominal" } });
    expect(orders[0]?.why.slower).toBeGreaterThan(2);
    expect(orders.map(({ action }) => action).filter((action) => action !== "pace")).toEqual([]);
    expect(state.pace).toBeGreaterThanOrEqual(0.6);
  });

  it("what the level taught is not forgotten after a calm half hour: the pace goes on from its ceiling, gently, and slow steps take no more than a share of it", () => {
    const held = running({ pace: 0.35, probe: { ceiling: 0.35, hitAt: -1_200, pressed: false, levelCeiling: 0.35 } });
    const hot = watch(60, (at) => ({ level: at >= 20 && at < 40 ? "moderate" : "nominal" }), held);
    const calm = watch(2_400, () => ({ level: "nominal" }), hot.state, undefined, 60);
    expect(Math.max(...calm.orders.map(({ pace }) => pace))).toBeLessThan(0.4);
    const busy = watch(
      900,
      () => ({ level: "nominal" }),
      calm.state,
      (at) => work(at >= 2_500 ? 2.2 : 1, at),
      2_460,
    );
    expect(busy.state.pace).toBeLessThan(0.4);
    expect(busy.state.pace).toBeGreaterThan(0.15);
  });

  it("slower at full power is other work in the way, not heat: watts are heard", () => {
    const at = (watts: number) =>
      watch(
        120,
        (time) => ({ level: "nominal", watts: time >= 60 ? watts : 28 }),
        FIRST_STATE,
        (time) => work(time >= 60 ? 2.2 : 1, time),
      );
    expect(at(28).orders).toEqual([]);
    expect(at(9).orders[0]).toMatchObject({ action: "pace" });
  });

  it("without any level slow steps say nothing: the blind pace stays", () => {
    const { orders } = watch(
      300,
      () => ({}),
      FIRST_STATE,
      (at) => work(at >= 60 ? 5 : 1, at),
    );
    expect(orders).toMatchObject([{ action: "pace", pace: 0.8, at: 30 }]);
  });

  it("steps from before a rest are not held against it after", () => {
    const { orders } = watch(
      300,
      (at) => ({ level: at >= 60 && at < 100 ? "heavy" : "nominal" }),
      FIRST_STATE,
      (at) => (at < 60 ? work(1, 20) : work(2.5, 30)),
    );
    expect(orders.map((order) => order.action).filter((action) => action !== "pace")).toEqual(["rest", "resume"]);
  });
});

describe("row 23: blind", () => {
  it("nothing known: the stated pace after half a minute, said; full pace again when it sees", () => {
    const { orders, state } = watch(300, () => ({}));
    expect(orders).toMatchObject([{ action: "pace", pace: 0.8, at: 30, why: { reason: "blind", celsius: null, level: null, slower: null } }]);
    expect(watch(300, () => ({ celsius: 60 }), state, undefined, 300).state.pace).toBe(1);
  });

  it("a reading that fails now and then changes nothing", () => {
    expect(watch(600, (at) => (at % 20 === 0 ? {} : { celsius: 70 })).orders).toEqual([]);
    expect(watch(600, (at) => (at % 20 === 5 ? { level: "moderate" } : { celsius: 70, level: "moderate" })).orders).toEqual([]);
  });

  it.each([Number.NaN, -20, 0, 131, Number.POSITIVE_INFINITY])("%d °C is a broken sensor, and as good as none", (celsius) => {
    expect(watch(120, () => ({ celsius })).orders).toMatchObject([{ pace: 0.8, why: { reason: "blind", celsius: null } }]);
  });

  it("an exception's value in the place of a number does no harm", () => {
    const broken = { ...nothingKnown("x"), temperature: { value: "hot" as unknown as number, source: "x", at: 0 } };
    expect(govern(FIRST_STATE, broken, IDLE, 0, DEFAULT_HEAT).command).toBeNull();
  });
});

describe("rows 21 and 22: flapping and time", () => {
  it("nominal and heavy in turn each second: at most one command in 10 s, and it rests and goes on", () => {
    const orders: Ordered[] = [];
    let state = FIRST_STATE;
    for (let at = 0; at < 600; at += 1) {
      const governed = govern(state, look({ level: at % 2 ? "heavy" : "nominal" }), IDLE, at, DEFAULT_HEAT);
      state = governed.state;
      if (governed.command) orders.push({ ...governed.command, at, why: governed.why });
    }
    const gaps = orders.slice(1).map((order, index) => order.at - (orders[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(COMMAND_EVERY_S);
    expect(new Set(orders.map((order) => order.action))).toEqual(new Set(["rest", "resume", "pace"]));
  });

  it("whatever is seen, and however often: never two commands in 10 s, never a pace out of bounds, never NaN", () => {
    rounds(30, (random) => {
      const { commands, state } = anything(random, 2_000);
      const gaps = commands.slice(1).map(({ at }, index) => at - (commands[index]?.at ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(COMMAND_EVERY_S);
      expect(commands.every(({ pace }) => pace >= LEAST_PACE && pace <= 1)).toBe(true);
      expect([state.wantedPace, state.pace, state.margin, state.celsius ?? 0, state.probe.ceiling].filter((value) => !Number.isFinite(value))).toEqual([]);
    });
  });

  it("after sleep it looks afresh: no slope across the gap, and the pace of before", () => {
    const before = watch(60, () => ({ celsius: 50 }), running({ pace: 0.7 })).state;
    const hot = govern({ ...before, pace: 0.7, wantedPace: 0.7 }, look({ celsius: 82 }), IDLE, 30_000, DEFAULT_HEAT);
    expect(hot.command).toBeNull();
    expect(hot.state).toMatchObject({ pace: 0.7, celsius: 82 });
    const awake = govern({ ...before, pace: 0.7, wantedPace: 0.7 }, look({ celsius: 82 }), IDLE, 60, DEFAULT_HEAT);
    expect(awake.state.celsius).toBeLessThan(82);
  });

  it("blindness is not counted through sleep", () => {
    const { state } = watch(20, () => ({}));
    expect(govern(state, look({}), IDLE, 30_000, DEFAULT_HEAT).command).toBeNull();
  });

  it("a clock that went back blocks no command", () => {
    const state = running({ pace: 0.8, lookedAt: 5_000, commandedAt: 5_000 });
    expect(govern(state, look({ celsius: 95 }), IDLE, 10, DEFAULT_HEAT).command?.action).toBe("rest");
  });
});
