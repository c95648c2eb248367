/** macOS's thermal pressure level: `notifyutil -g KEY` prints the key and a number. About 11 ms, no root. */
import type { ThermalLevel, Unknown } from "../../core/reading.ts";
import { notKnown, type Source } from "./source.ts";

const KEY = "com.apple.system.thermalpressurelevel";
/** The numbers of OSThermalNotification.h. */
const LEVELS: readonly ThermalLevel[] = ["nominal", "moderate", "heavy", "trapping", "sleeping"];

export function parseThermalLevel(text: string): ThermalLevel | Unknown {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${KEY} `));
  const number = line?.slice(KEY.length).trim() ?? "";
  if (!/^\d{1,3}$/.test(number)) return notKnown("no-level");
  return LEVELS[Number(number)] ?? notKnown("no-such-level", { level: number });
}

export const notifyutil: Source = {
  name: "notifyutil",
  gives: ["thermalLevel"],
  everyS: 5,
  look: async (place) => ({ thermalLevel: parseThermalLevel(await place.run("notifyutil", ["-g", KEY])) }),
};
