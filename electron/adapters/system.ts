/** Updates that wait to be installed, from what macOS last found by itself: asking Apple's servers (`softwareupdate -l`) takes minutes and the net. */

import type { SystemCare } from "../core/ports.ts";
import { type Reading, unknown } from "../core/reading.ts";
import { because } from "../core/reason.ts";
import { systemClock } from "./clock.ts";
import { createPlace, LookError, type Place } from "./sensors/place.ts";

const LIMIT_MS = 3_000;
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
const PREFERENCES = "/Library/Preferences/com.apple.SoftwareUpdate";
const LISTED = 5;
const TITLE_CHARACTERS = 80;

export interface SystemOptions {
  readonly platform?: NodeJS.Platform;
  readonly place?: Place;
}

export function createSystem({
  platform = process.platform,
  place = createPlace({ path: SYSTEM_PATH, root: "/", limitMs: LIMIT_MS }),
}: SystemOptions = {}): SystemCare {
  return {
    async pendingUpdates() {
      if (platform !== "darwin") return unknown([because("updates-elsewhere")]);
      try {
        return parseUpdates(await place.run("defaults", ["read", PREFERENCES]));
      } catch (error) {
        return unknown([{ ...(error instanceof LookError ? error.reason : because("unreadable")), of: "defaults" }]);
      }
    },
  };
}

/** `defaults read` prints an old-style property list: names with a space in quotes, each entry ended by a semicolon. */
export function parseUpdates(text: string): Reading<readonly string[]> {
  const known = (value: readonly string[]) => ({ value, source: "defaults", at: systemClock.mono() });
  const said = /^\s*LastUpdatesAvailable = "?(\d{1,4})"?;/m.exec(text)?.[1];
  const titles = [...text.matchAll(/^\s*"Display Name" = (?:"([^"\n]*)"|([^";\n]*));/gm)].map((match) => (match[1] ?? match[2] ?? "").trim());
  const shown = titles.filter((title) => title !== "").map((title) => title.slice(0, TITLE_CHARACTERS));
  if (shown.length > 0) return known([...new Set(shown)].slice(0, LISTED));
  if (said === undefined) return unknown([because("updates-never-looked")]);
  return Number(said) === 0 ? known([]) : known(["macOS"]);
}
