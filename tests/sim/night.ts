/** One simulated night under one policy: a constant pace, or the governor as the engine runs it (a look every 5 s, commands as it gives them). */
import { govern } from "../../electron/core/governor/governor.ts";
import { DEFAULT_HEAT, type HeatSettings } from "../../electron/core/governor/settings.ts";
import { FIRST_STATE, type GovernorState } from "../../electron/core/governor/state.ts";
import type { GovernorAction, Reason } from "../../electron/core/governor/words.ts";
import { RECENT_STEPS } from "../../electron/core/state.ts";
import { gauss } from "./chance.ts";
import { AT_FIRST, type House, houseAt, type Setting } from "./house.ts";
import { cold, type HeatState, heatUp, type Machine, speedOf } from "./m2.ts";
import { type Sense, Sensors } from "./sensors.ts";
import { type Happening, type Orders, type Rhythm, type Step, Training } from "./training.ts";

export interface Scenario {
  readonly machine: Machine;
  readonly setting: Setting;
  readonly hours: number;
  readonly seed: number;
  /** None: no evaluations, as the heat is judged. */
  readonly rhythm?: Rhythm;
}

/** A pace for each part of the night, or the governor with the sensors it has. */
export type Policy = { readonly paces: readonly { readonly from: number; readonly pace: number }[] } | { readonly sense: Sense };

export interface Point {
  readonly at: number;
  readonly celsius: number;
  readonly caseCelsius: number;
  /** 0 while it rests. */
  readonly pace: number;
  readonly speed: number;
}

export interface Said {
  readonly at: number;
  readonly action: GovernorAction;
  readonly pace: number;
  readonly reason: Reason;
}

export interface Outcome {
  readonly rows: number;
  /** Share of the waking time at or under the target. */
  readonly heldShare: number;
  readonly longestRedSeconds: number;
  readonly highest: number;
  readonly lowestAfterFirst: number;
  readonly said: readonly Said[];
  readonly points: readonly Point[];
  readonly happened: readonly Happening[];
}

export const LOOK_EVERY_S = 5;
const STEP_S = 1;
const POINT_EVERY_S = 30;
const WARM_CELSIUS = 100;

export function simulate(scenario: Scenario, policy: Policy, settings: HeatSettings = DEFAULT_HEAT): Outcome {
  const { machine, setting, hours, seed, rhythm } = scenario;
  const training = new Training(gauss(seed), rhythm);
  const driver = makeDriver(policy, seed, settings);
  let heat = cold(setting.roomCelsius);
  let house = houseAt(setting, AT_FIRST, heat.watts, 0, 0);
  const tally = new Tally(settings);
  for (let at = 0; at < hours * 3_600; at += STEP_S) {
    const before = house;
    house = houseAt(setting, before, heat.watts, at, STEP_S);
    if (house.paused && !before.paused) training.drop();
    if (before.paused && !house.paused) driver.afresh();
    const idle = house.asleep || house.paused;
    const orders = idle ? IDLE : driver.orders(heat, house, training, at);
    const rows = training.rows;
    if (idle) training.skip(STEP_S);
    const busy = idle ? 0 : training.go(STEP_S, speedOf(heat), orders);
    heat = heatUp(machine, heat, busy, house.roomCelsius, house.fanBlocked, STEP_S);
    tally.add(heat, orders, house, at, training.rows - rows);
  }
  return { ...tally.result(), rows: training.rows, said: driver.said, happened: training.happened };
}

const IDLE: Orders = { pace: 1, rest: true, smallerBatches: false };

interface Driver {
  orders(heat: HeatState, house: House, training: Training, at: number): Orders;
  /** Another process trains. */
  afresh(): void;
  readonly said: readonly Said[];
}

function makeDriver(policy: Policy, seed: number, settings: HeatSettings): Driver {
  if ("sense" in policy) return new Governing(new Sensors(policy.sense, gauss(seed + 1_000_000)), settings);
  const { paces } = policy;
  return {
    said: [],
    afresh: () => {},
    orders: (_heat, _house, _training, at) => ({ pace: paces.findLast((one) => one.from <= at)?.pace ?? 1, rest: false, smallerBatches: false }),
  };
}

class Governing implements Driver {
  readonly said: Said[] = [];
  private state: GovernorState = FIRST_STATE;
  private recent: readonly Step[] = [];
  private steps = 0;
  private readonly sensors: Sensors;
  private readonly settings: HeatSettings;

  constructor(sensors: Sensors, settings: HeatSettings) {
    this.sensors = sensors;
    this.settings = settings;
  }

  orders(heat: HeatState, house: House, training: Training, at: number): Orders {
    this.sensors.follow(heat, STEP_S);
    if (at % LOOK_EVERY_S === 0) this.look(heat, house, training, at);
    return { pace: this.state.pace, rest: this.state.resting, smallerBatches: this.state.smallerBatches };
  }

  /** As the engine takes up a process: the pace stands in control.json, what was learnt of the last one is gone. */
  afresh(): void {
    const { pace } = this.state;
    this.state = { ...FIRST_STATE, pace, wantedPace: pace };
  }

  private look(heat: HeatState, house: House, training: Training, at: number): void {
    const done = training.steps.splice(0);
    this.steps += done.length;
    this.recent = [...this.recent, ...done].slice(-RECENT_STEPS);
    const secondsPerToken = this.recent.map((step) => step.seconds / step.paddedTokens);
    const work = { secondsPerToken, steps: this.steps, canCutBatches: true };
    const { state, command, why } = govern(this.state, this.sensors.read(heat, house, at), work, at, this.settings);
    this.state = state;
    if (command) this.said.push({ at, action: command.action, pace: command.pace, reason: why.reason });
  }
}

/** What is counted of a night, and the points it is drawn by. */
class Tally {
  private readonly settings: HeatSettings;
  private readonly points: Point[] = [];
  private awake = 0;
  private over = 0;
  private red = 0;
  private longestRed = 0;
  private highest = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private rows = 0;

  constructor(settings: HeatSettings) {
    this.settings = settings;
  }

  add({ die, case: inCase }: HeatState, orders: Orders, { asleep }: House, at: number, rows: number): void {
    this.awake += asleep ? 0 : STEP_S;
    this.over += die > this.settings.targetCelsius ? STEP_S : 0;
    this.red = die > this.settings.redCelsius ? this.red + STEP_S : 0;
    this.longestRed = Math.max(this.longestRed, this.red);
    this.highest = Math.max(this.highest, die);
    if (this.highest > WARM_CELSIUS) this.lowest = Math.min(this.lowest, die);
    this.rows += rows;
    if (at % POINT_EVERY_S !== 0) return;
    this.points.push({ at, celsius: die, caseCelsius: inCase, pace: orders.rest ? 0 : orders.pace, speed: this.rows / POINT_EVERY_S });
    this.rows = 0;
  }

  result(): Omit<Outcome, "rows" | "said" | "happened"> {
    const heldShare = 1 - this.over / Math.max(1, this.awake);
    return { heldShare, longestRedSeconds: this.longestRed, highest: this.highest, lowestAfterFirst: this.lowest, points: this.points };
  }
}
