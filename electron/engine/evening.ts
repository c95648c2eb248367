/**
 * Nights, notices, battery: looked at from the engine's tick, level-triggered from the journals. What is decided is a line there first, so that
 * a kill anywhere loses nothing and doubles nothing.
 */
import { trainingLeft } from "../core/eta.ts";
import { latestSeconds } from "../core/evening/fit.ts";
import { powerStep } from "../core/evening/power.ts";
import { isClosing, type NightStep, nightStep, type Schedule } from "../core/evening/schedule.ts";
import type { EventBody } from "../core/events.ts";
import type { Ports } from "../core/ports.ts";
import type { Conditions } from "../core/reading.ts";
import { currentPhase } from "../core/selectors.ts";
import { LogWatch } from "./log-watch.ts";
import { Meter } from "./meter.ts";
import { preflight } from "./preflight.ts";
import { Reporter } from "./report.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";
import { type Begin, type Seen, Teller } from "./tell.ts";

/** Looked at again after so long: a reading that old says nothing about now. */
const FRESH_S = 60;
/** Steps after which the first forecast is worth being held to. */
const STEPS_FOR_FORECAST = 20;

export class Evening {
  private readonly ports: Ports;
  private readonly runs: Runs;
  private readonly begin: Begin;
  private readonly meter: Meter;
  private readonly teller: Teller;
  private readonly reporter: Reporter;
  private conditions: { readonly of: Conditions; readonly mono: number } | null = null;
  private redSince: number | null = null;
  private powerSince: number | null = null;
  private readonly log: LogWatch;
  private checking = false;

  constructor(ports: Ports, runs: Runs, begin: Begin) {
    this.ports = ports;
    this.runs = runs;
    this.begin = begin;
    this.meter = new Meter(ports, runs);
    this.teller = new Teller(ports, runs, begin);
    this.log = new LogWatch(ports);
    this.reporter = new Reporter(ports, runs);
  }

  /** The machine woke up, or its power changed: what was sensed before says nothing about now. */
  afresh(): void {
    this.conditions = null;
    this.redSince = null;
  }

  /** About once a second. */
  look(): void {
    const now = this.ports.clock.now();
    for (const schedule of this.runs.home.state.schedules) this.takeStep(schedule, now);
    for (const run of this.runs.live()) {
      if (isClosing(this.runs.scheduleOf(run), currentPhase(run.state))) pause(run);
      this.keepForecast(run);
    }
    // While the run is still open: it is closed once its end was told.
    this.meter.settle();
    // Before its person is told: what is told of can then be read.
    this.reporter.look();
    this.teller.look(now, this.seen());
  }

  /** The engine ends; what was measured is kept. */
  close(): void {
    this.meter.write();
  }

  private seen(): Seen {
    const mono = this.ports.clock.mono();
    const fresh = this.conditions !== null && mono - this.conditions.mono < FRESH_S ? this.conditions.of : null;
    const redSeconds = this.redSince === null ? 0 : mono - this.redSince;
    return { conditions: fresh, redSeconds, logErrors: (run) => this.log.errorsOf(run) };
  }

  /** A run waits for its window: an engine that ended would never begin it. */
  isWaiting(): boolean {
    const live = new Set(this.runs.live().map((run) => run.id));
    return this.runs.home.state.schedules.some((one) => !one.ended && live.has(one.run));
  }

  private takeStep(schedule: Schedule, now: number): void {
    const run = this.runs.live().find((one) => one.id === schedule.run);
    if (!run) return;
    const step = nightStep(schedule, now, this.ports.person.offsetMinutes);
    if (step.do === "check") this.rehearse(run, step.night);
    const line = lineOf(run.id, step);
    if (line) this.runs.note(line);
  }

  private rehearse(run: Run, night: string): void {
    if (this.checking) return;
    this.checking = true;
    this.begin(async () => {
      try {
        const { checks } = await preflight(run, this.ports, this.runs);
        const count = (verdict: string) => checks.filter((one) => one.verdict === verdict).length;
        this.runs.note({ type: "night-checked", run: run.id, night, fixes: count("fix"), warnings: count("warning") });
      } finally {
        this.checking = false;
      }
    });
  }

  private keepForecast(run: Run): void {
    const { forecast, timing, step, phases } = run.state;
    if (forecast !== null || phases.train.status !== "running" || timing.steps.length < STEPS_FOR_FORECAST) return;
    const left = trainingLeft(run.state);
    if (!left) return;
    const high = latestSeconds(left);
    const low = left.mean ** 2 / high;
    run.append({ type: "forecast", step: step?.step ?? 0, lowSeconds: timing.seconds + low, highSeconds: timing.seconds + high });
  }

  /** A look at the machine; it is of use while a run is open. */
  noteLook(of: Conditions): void {
    if (this.runs.live().length === 0) return;
    const mono = this.ports.clock.mono();
    this.conditions = { of, mono };
    const { redCelsius, pauseBelowPercent } = settingsOf(this.ports);
    const celsius = of.temperature.value;
    this.redSince = celsius !== null && celsius > redCelsius ? (this.redSince ?? mono) : null;
    this.mindBattery(of, pauseBelowPercent, mono);
    this.meter.look(of);
  }

  /** One trainer lives at a time: it is the one that is paused, and the same that goes on. */
  private mindBattery(conditions: Conditions, belowPercent: number, mono: number): void {
    const paused = this.runs.home.state.batteryPaused[0];
    const { state, step } = powerStep({ pausedForBattery: paused !== undefined, powerSince: this.powerSince }, conditions, belowPercent, mono);
    this.powerSince = state.powerSince;
    if (step.do === "pause") {
      const run = this.runs.live().find((one) => one.state.process !== null && !one.state.asked.pause && !one.state.asked.stop);
      if (!run) return;
      this.runs.note({ type: "battery-paused", run: run.id, percent: step.percent });
      pause(run);
    }
    if (step.do === "go-on" && paused !== undefined) {
      const run = this.runs.live().find((one) => one.id === paused);
      if (run?.state.asked.pause && !run.state.process) run.append({ type: "asked", command: "resume" });
      this.runs.note({ type: "battery-over", run: paused });
    }
  }
}

function lineOf(run: string, step: NightStep): EventBody | null {
  switch (step.do) {
    case "start":
      return { type: "night-started", run, night: step.night, closesAt: step.closesAt, lateSeconds: step.lateSeconds };
    case "end":
      return { type: "night-ended", run, night: step.night };
    case "miss":
      return { type: "night-missed", run, night: step.night };
    case "nothing":
    case "check":
      return null;
  }
}

/** Seals and ends; once. */
function pause(run: Run): void {
  const { process, asked } = run.state;
  if (!process || asked.pause || asked.stop) return;
  run.append({ type: "asked", command: "pause" });
  run.abort?.abort();
}
