/** What one source of readings is: a program or a file, how often it is asked, and what it can say. */
import type { Conditions, Unknown } from "../../core/reading.ts";
import { unknown } from "../../core/reading.ts";
import { because, type Reason, type WhyKey } from "../../core/reason.ts";
import type { Place } from "./place.ts";

export type Key = keyof Conditions;
export type Value<K extends Key> = Extract<NonNullable<Conditions[K]>, { source: string }>["value"];

/** What one look gave: a value, or why there is none. A key that is absent was not looked for. */
export type Found = { readonly [K in Key]?: Value<K> | Unknown };

export interface Source {
  readonly name: string;
  readonly gives: readonly Key[];
  /** Seconds between two looks. */
  readonly everyS: number;
  /** It keeps a process of its own and restarts it: its "not yet" is no reason to ask less often. */
  readonly live?: true;
  /** Rejects with a `LookError` when it could not look at all. */
  look(place: Place): Promise<Found>;
  close?(): void;
}

export function isUnknown(found: unknown): found is Unknown {
  return typeof found === "object" && found !== null && "why" in found;
}

/** What a source found out about not knowing; whose words they are is added where they are read. */
export function notKnown(key: WhyKey, values?: Reason["values"]): Unknown {
  return unknown([because(key, values)]);
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
}

export const CELSIUS: Range = { least: 1, most: 130, unit: "°C" };
export const WATTS: Range = { least: 0.001, most: 1_000, unit: "W" };
export const PERCENT: Range = { least: 0, most: 100, unit: "%" };
export const BYTES: Range = { least: 0, most: 2 ** 50, unit: "bytes" };

/** A number nobody can believe is none: sensors answer 0, −1 or thousands when they have nothing to say. */
export function within(value: unknown, range: Range): number | Unknown {
  if (typeof value !== "number" || Number.isNaN(value)) return notKnown("no-number");
  if (value < range.least || value > range.most) return notKnown("impossible", { value: `${value} ${range.unit}` });
  return value;
}

/** Digits of a counter as text, exact up to what a number can hold. */
export function count(text: string | undefined): number {
  return text !== undefined && /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
}
