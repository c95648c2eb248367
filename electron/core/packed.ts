/**
 * Snapshots on their way to a client: a list of like objects says its field names once and its values row by row. A curve, the newest
 * steps and their times are such lists; names would be most of their bytes.
 */
import type { Update } from "./api.ts";

/** Marks what was packed; an object that has a field of this name itself is packed as its entries. */
const MARK = "~";
const LEAST_ROWS = 3;
type Fields = Readonly<Record<string, unknown>>;

/** As it goes into a message; entries stay as the journal has them. */
export function packUpdate(update: Update): unknown {
  return "snapshot" in update ? { ...update, snapshot: pack(update.snapshot) } : update;
}

/** Also right for an update that was never packed. */
export function unpackUpdate(update: Update): Update {
  return "snapshot" in update ? ({ ...update, snapshot: unpack(update.snapshot) } as Update) : update;
}

/** JSON in, JSON out; a field that is undefined counts as none, as JSON has it. */
export function pack(value: unknown): unknown {
  if (Array.isArray(value)) {
    const names = namesOf(value);
    return names === null ? value.map(pack) : { [MARK]: names, rows: value.map((one: Fields) => names.map((name) => pack(one[name]))) };
  }
  if (!isFields(value)) return value;
  const entries = Object.entries(value).map(([name, field]) => [name, pack(field)] as const);
  return Object.hasOwn(value, MARK) ? { [MARK]: null, entries } : Object.fromEntries(entries);
}

export function unpack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpack);
  if (!isFields(value)) return value;
  const names = value[MARK];
  if (names === undefined) return fromEntries(Object.entries(value));
  if (!Array.isArray(names)) return fromEntries(value["entries"] as [string, unknown][]);
  return (value["rows"] as unknown[][]).map((row) => fromEntries(names.map((name: string, place) => [name, row[place]])));
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries.map(([name, field]) => [name, unpack(field)]));
}

/** The field names of all of them, where all have the same. */
function namesOf(list: readonly unknown[]): readonly string[] | null {
  if (list.length < LEAST_ROWS || !list.every(isFields)) return null;
  const [first, ...others] = list.map((one) => Object.keys(one).filter((name) => one[name] !== undefined));
  const alike = others.every((names) => names.length === first?.length && names.every((name, place) => name === first[place]));
  return first && alike ? first : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
