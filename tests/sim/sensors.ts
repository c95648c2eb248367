/** What the machine's sensors say of it: late, noisy, rounded, sometimes nothing. */
import { type Conditions, type Reading, type ThermalLevel, unknown } from "../../electron/core/reading.ts";
import type { Gauss } from "./chance.ts";
import type { House } from "./house.ts";
import type { HeatState } from "./m2.ts";

const LAG_S = 3;
const NOISE_CELSIUS = 0.6;
const NOISE_WATTS = 0.5;
const LEVELS: readonly ThermalLevel[] = ["nominal", "moderate", "heavy", "trapping"];

/** Which of them there are: all, only the level, or none. */
export type Sense = "all" | "level" | "none";

export class Sensors {
  private celsius: number | null = null;
  private watts: number | null = null;
  private readonly gauss: Gauss;
  private readonly sense: Sense;

  constructor(sense: Sense, gauss: Gauss) {
    this.sense = sense;
    this.gauss = gauss;
  }

  /** Every second, so that they lag. */
  follow({ die, watts }: HeatState, seconds: number): void {
    const share = seconds / (LAG_S + seconds);
    this.celsius = this.celsius === null ? die : this.celsius + share * (die - this.celsius);
    this.watts = this.watts === null ? watts : this.watts + share * (watts - this.watts);
  }

  read(heat: HeatState, house: House, at: number): Conditions {
    // One look in fifty finds nothing, as a tool that was late does.
    const late = Math.abs(this.gauss()) > 2.33;
    const degrees = this.sense === "all" && !late && this.celsius !== null;
    const level = this.sense === "none" ? undefined : LEVELS[heat.level];
    return {
      temperature: degrees ? known(Math.round(10 * ((this.celsius ?? 0) + NOISE_CELSIUS * this.gauss())) / 10, at) : unknown("not there"),
      thermalLevel: level ? known(level, at) : unknown("not there"),
      watts: degrees ? known(Math.max(0.1, (this.watts ?? 0) + NOISE_WATTS * this.gauss()), at) : unknown("not there"),
      memoryLevel: known(house.memoryLevel, at),
      memoryUsedBytes: known(house.memoryUsedBytes, at),
      swapUsedBytes: known(house.swapUsedBytes, at),
      onBattery: known(house.onBattery, at),
      batteryPercent: known(Math.round(house.batteryPercent), at),
      lowPowerMode: known(false, at),
      lidClosed: known(house.lidClosed, at),
    };
  }
}

function known<T>(value: T, at: number): Reading<T> {
  return { value, source: "simulated", at };
}
