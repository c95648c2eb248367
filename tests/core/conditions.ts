/** A machine about which everything is known, and one about which nothing is. */
import { type Conditions, type Known, unknown } from "../../electron/core/reading.ts";

export const known = <T>(value: T): Known<T> => ({ value, source: "test", at: 0 });

export const FINE: Conditions = {
  temperature: known(45),
  thermalLevel: known("nominal"),
  watts: known(20),
  memoryLevel: known("normal"),
  memoryUsedBytes: known(4e9),
  swapUsedBytes: known(0),
  onBattery: known(false),
  batteryPercent: known(90),
  lowPowerMode: known(false),
  lidClosed: known(false),
};

const NONE = unknown("there is no such sensor here");
export const BLIND: Conditions = {
  temperature: NONE,
  thermalLevel: NONE,
  watts: NONE,
  memoryLevel: NONE,
  memoryUsedBytes: NONE,
  swapUsedBytes: NONE,
  onBattery: NONE,
  batteryPercent: NONE,
  lowPowerMode: NONE,
  lidClosed: NONE,
};
