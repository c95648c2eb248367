/** macOS's memory in use, counted as Activity Monitor does (apps + wired + compressed), and pages swapped out since the start. */
import type { Unknown } from "../../core/reading.ts";
import { BYTES, count, type Found, notKnown, type Source, within } from "./source.ts";

export function parseVmStat(text: string): Found {
  const pageBytes = count(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = new Map<string, number>();
  for (const [, name, number] of text.matchAll(/^"?([A-Z][\w -]*?)"?:\s+(\d+)\.\s*$/gm)) pages.set(name ?? "", count(number));
  const bytes = (name: string) => (pages.get(name) ?? Number.NaN) * pageBytes;
  const used = bytes("Anonymous pages") - bytes("Pages purgeable") + bytes("Pages wired down") + bytes("Pages occupied by compressor");
  return { memoryUsedBytes: known(used, { ...BYTES, least: 1 }), swapOutBytes: known(bytes("Swapouts"), BYTES) };
}

function known(bytes: number, range: typeof BYTES): number | Unknown {
  return Number.isNaN(bytes) ? notKnown("lines-missing") : within(bytes, range);
}

export const vmStat: Source = {
  name: "vm_stat",
  gives: ["memoryUsedBytes", "swapOutBytes"],
  everyS: 5,
  look: async (place) => parseVmStat(await place.run("vm_stat", [])),
};
