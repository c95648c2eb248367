/** A look at the machine as the journal carries it: numbers that no machine can have are unknown, and each unknown says why. */
import type { EventBody } from "../events.ts";
import type { Conditions, Reading } from "../reading.ts";
import { because, boundedWhy } from "../reason.ts";

type Body = Extract<EventBody, { type: "conditions" }>;

export function conditionsBody(conditions: Conditions): Body {
  const unknown: Body["unknown"] = [];
  const take = <T>(name: keyof Conditions, reading: Reading<T>, isSound: (value: T) => boolean = () => true): T | null => {
    const { value } = reading;
    if (value !== null && isSound(value)) return value;
    unknown.push({ reading: name, why: boundedWhy("why" in reading ? reading.why : [because("senseless")]) });
    return null;
  };
  const amount = (value: number) => Number.isFinite(value) && value >= 0;
  const bytes = (name: keyof Conditions, reading: Reading<number>) => whole(take(name, reading, amount));
  return {
    type: "conditions",
    temperature: take("temperature", conditions.temperature, (value) => amount(value) && value > 0),
    thermalLevel: take("thermalLevel", conditions.thermalLevel),
    watts: take("watts", conditions.watts, amount),
    memoryLevel: take("memoryLevel", conditions.memoryLevel),
    memoryUsedBytes: bytes("memoryUsedBytes", conditions.memoryUsedBytes),
    swapUsedBytes: bytes("swapUsedBytes", conditions.swapUsedBytes),
    onBattery: take("onBattery", conditions.onBattery),
    batteryPercent: take("batteryPercent", conditions.batteryPercent, (value) => amount(value) && value <= 100),
    lowPowerMode: take("lowPowerMode", conditions.lowPowerMode),
    lidClosed: take("lidClosed", conditions.lidClosed),
    ...(conditions.swapOutBytes ? { swapOutBytes: bytes("swapOutBytes", conditions.swapOutBytes) } : {}),
    unknown,
  };
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

export function knowsAnything({ type: _type, unknown: _unknown, ...values }: Body): boolean {
  return Object.values(values).some((value) => value !== null && value !== undefined);
}
