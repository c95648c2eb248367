/** Figures as people of the language write them. What is unknown is a dash, never a zero. */
import type { ZoneOffset } from "../evening/window.ts";
import { type Figure, toNumber } from "../events.ts";
import type { Language } from "./words.ts";

const SAME_NIGHT_MS = 18 * 3_600_000;
export const UNKNOWN = "–";

export interface Format {
  readonly integer: (value: number) => string;
  readonly percent: (share: number) => string;
  /** With a tenth, for shares near 1. */
  readonly share: (share: number) => string;
  readonly loss: (value: Figure | null) => string;
  /** With its sign, for differences. */
  readonly difference: (value: Figure) => string;
  readonly rate: (value: number | null) => string;
  /** Three digits that say something: energy, hours. */
  readonly figure: (value: number) => string;
  readonly bytes: (value: number | null) => string;
  readonly seconds: (value: number) => string;
  /** Energy: Wh under a tenth of a kWh. */
  readonly energy: (kwh: number) => string;
  /** `currency` may be anything a person wrote; what is no code of ISO 4217 stands behind the figure. */
  readonly money: (value: number, currency: string) => string;
  readonly clock: (atMs: number) => string;
  /** The time of day, with the day where that is not last night. */
  readonly when: (atMs: number, nowMs: number) => string;
  readonly day: (atMs: number) => string;
  /** Two moments with what they share said once: `24 Nov, 04:50–14:08`. */
  readonly span: (fromMs: number, toMs: number) => string;
  readonly ago: (ms: number) => string;
}

/** `offset`: whose clock it is; without one it is this machine's. */
export function formatIn(language: Language, offset?: ZoneOffset): Format {
  const integer = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const two = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const small = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });
  const rate = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const zone = offset ? { timeZone: "UTC" } : {};
  const local = (atMs: number) => (offset ? atMs + offset(atMs) * 60_000 : atMs);
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
  const relative = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" });
  const plain = (value: number) => (value !== 0 && Math.abs(value) < 0.1 ? small.format(value) : two.format(value));
  const lossOf = (value: number) => (Number.isNaN(value) ? "NaN" : Number.isFinite(value) ? plain(value).replace("-", "−") : value > 0 ? "∞" : "−∞");
  return {
    integer: (value) => integer.format(value),
    // Rounded down, so that 100 % means done.
    percent: (share) => percent.format(Math.floor(share * 100) / 100),
    share: (share) => tenth.format(Math.floor(share * 1000) / 1000),
    loss: (value) => (value === null ? UNKNOWN : lossOf(toNumber(value))),
    difference: (value) => (toNumber(value) > 0 ? `+${lossOf(toNumber(value))}` : lossOf(toNumber(value))),
    rate: (value) => (value === null ? UNKNOWN : value >= 100 ? integer.format(value) : rate.format(value)),
    figure: (value) => rate.format(value),
    bytes: (value) => (value === null ? UNKNOWN : bytesIn(language, value)),
    seconds: (value) => secondsIn(language, value),
    energy: (kwh) => (kwh < 0.1 ? `${small.format(kwh * 1000)} Wh` : `${two.format(kwh)} kWh`),
    money: (value, currency) => moneyIn(language, value, currency),
    clock: (atMs) => clock.format(local(atMs)),
    when: (atMs, nowMs) => (Math.abs(nowMs - atMs) < SAME_NIGHT_MS ? clock : day).format(local(atMs)),
    day: (atMs) => day.format(local(atMs)),
    span: (fromMs, toMs) => day.formatRange(local(fromMs), local(toMs)).replace(/\s*–\s*/, "–"),
    ago: (ms) => {
      const seconds = Math.max(0, Math.round(ms / 1000));
      if (seconds < 60) return relative.format(-seconds, "second");
      if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
      return seconds < 86_400 ? relative.format(-Math.floor(seconds / 3600), "hour") : relative.format(-Math.floor(seconds / 86_400), "day");
    },
  };
}

/** A currency may be any word a person uses; only those with a code of three letters have a sign of their own. */
function moneyIn(language: Language, value: number, currency: string): string {
  const digits = value !== 0 && Math.abs(value) < 0.1 ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  if (/^[A-Z]{3}$/.test(currency)) return new Intl.NumberFormat(language, { style: "currency", currency, ...digits }).format(value);
  return `${new Intl.NumberFormat(language, digits).format(value)} ${currency}`;
}

/** Decimal units, as macOS counts. */
function bytesIn(language: Language, value: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const step = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const unit = units[step] ?? "byte";
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: step < 2 ? 0 : 1 }).format(value / 1000 ** step);
}

/** The two largest units: `2 hr 21 min`, `48 sec`. */
function secondsIn(language: Language, value: number): string {
  const unit = (name: "hour" | "minute" | "second", amount: number) =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: amount < 10 && name === "second" && value < 10 ? 1 : 0,
    }).format(amount);
  if (value < 60) return unit("second", value);
  if (value < 3600)
    return value < 600 && Math.floor(value % 60) > 0
      ? `${unit("minute", Math.floor(value / 60))} ${unit("second", Math.floor(value % 60))}`
      : unit("minute", Math.floor(value / 60));
  const minutes = Math.floor((value % 3600) / 60);
  return minutes > 0 ? `${unit("hour", Math.floor(value / 3600))} ${unit("minute", minutes)}` : unit("hour", Math.floor(value / 3600));
}

/** A number that sources wrote in English (`3,242`, `0.40`), as the language writes it, with the same digits. */
export function figureIn(language: Language, english: string): string {
  const plain = english.replaceAll(",", "");
  const digits = plain.split(".")[1]?.length ?? 0;
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(plain)).replace("-", "−");
}
