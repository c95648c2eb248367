/** Words and figures for a terminal. Text that came from data or a model is made harmless: it must not move the cursor or turn the line. */

import type { Interval } from "../../core/eta.ts";
import { type Figure, toNumber } from "../../core/events.ts";

/** Control characters, bidirectional marks, and characters that take no room (joiners that emoji and scripts need stay). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be caught
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Shown as `\u{1b}`: seen and not obeyed. Newlines and tabs stay. */
export function harmless(text: string): string {
  return text.toWellFormed().replace(HARMFUL, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`);
}

/** On one line, cut to `width` characters. */
export function oneLine(text: string, width: number): string {
  const flat = harmless(text.replace(/\s+/g, " ").trim());
  const characters = [...flat];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : flat;
}

/** JSON that is as harmless in a terminal: the same value, such characters written as escapes. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(HARMFUL, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function loss(value: Figure | null): string {
  if (value === null) return "–";
  const number = toNumber(value);
  return Number.isFinite(number) ? number.toFixed(number < 0.1 ? 4 : 3) : String(value);
}

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = count < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Local time of day. */
export function clock(ms: number): string {
  const at = new Date(ms);
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

export function day(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")} ${clock(ms)}`;
}

export function finish(interval: Interval | null): string | null {
  if (!interval) return null;
  const [from, to] = [clock(interval.fromMs), clock(interval.toMs)];
  return from === to ? `done ${from}` : `done ${from}–${to}`;
}

/** Rows of cells as aligned columns; numbers are for the caller to format. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  const pad = (cell: string, column: number) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length));
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
