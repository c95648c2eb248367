/** Offsets of real zones, from the tests' own ICU. */
import type { ZoneOffset } from "../../electron/core/evening/window.ts";

export function zone(name: string): ZoneOffset {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  return (atMs) => {
    const said = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
    const [, sign, hours = "0", minutes = "0"] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(said) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
}

export const UTC: ZoneOffset = () => 0;
