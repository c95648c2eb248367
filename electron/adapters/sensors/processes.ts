/** Which apps hold the memory: `ps`, on macOS and Linux alike, summed by app. */
import { APPS_LISTED, type AppMemory, type Unknown } from "../../core/reading.ts";
import { notKnown, type Source } from "./source.ts";

const NAME_CHARACTERS = 60;

/** Lines of `rss comm`, rss in KiB; comm is a path on macOS and may hold spaces. */
export function parseProcesses(text: string): readonly AppMemory[] | Unknown {
  const bytes = new Map<string, number>();
  for (const [, rss, command] of text.matchAll(/^\s*(\d{1,12})\s+(\S.*?)\s*$/gm)) {
    const name = appName(command ?? "");
    bytes.set(name, (bytes.get(name) ?? 0) + Number(rss) * 1024);
  }
  if (bytes.size === 0) return notKnown("no-process");
  const apps = [...bytes].map(([name, sum]) => ({ name, bytes: sum })).filter((app) => app.bytes > 0);
  return apps.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)).slice(0, APPS_LISTED);
}

/** Helpers count for the app they lie in: `/Applications/X.app/…/X Helper.app/…` is X. */
function appName(command: string): string {
  const app = /\/([^/]+)\.app(?:\/|$)/.exec(command)?.[1];
  const plain = command.startsWith("/") ? command.slice(command.lastIndexOf("/") + 1) : command;
  return (app ?? (plain || command)).slice(0, NAME_CHARACTERS);
}

export const processes: Source = {
  name: "ps",
  gives: ["apps"],
  everyS: 60,
  look: async (place) => ({ apps: parseProcesses(await place.run("ps", ["-axo", "rss=,comm="])) }),
};
