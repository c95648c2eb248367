/** The person at this machine: settings.json in the home, the catalogues that ship, this process's time zone, and ways to reach them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Catalogue } from "../core/notices/words.ts";
import type { Notifier, Person } from "../core/ports.ts";
import type { Settings } from "../core/settings.ts";
import { writeWhole } from "./files.ts";

const catalogueSchema = z.record(z.string(), z.string());

/** Messages by their keys, and in a language other than English the engine's sentences by their English ones. */
export function readCatalogue(folder: string, language: Settings["language"]): Catalogue {
  const read = (name: string) => catalogueSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  return language === "en" ? read("en.json") : { ...read(`${language}.json`), ...read(`sentences.${language}.json`) };
}

export interface PersonOptions {
  readonly home: string;
  /** The folder with en.json and tr.json. */
  readonly messages: string;
  notifiers(settings: Settings): readonly Notifier[];
}

export function createPerson({ home, messages, notifiers }: PersonOptions): Person {
  const path = join(home, "settings.json");
  let push: { readonly for: string; readonly made: readonly Notifier[] } | null = null;
  return {
    readSettings() {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null;
      }
    },
    writeSettings: (text) => writeWhole(path, text),
    notifiers(settings) {
      // Push services count what they send: made anew only when they were set anew.
      const key = JSON.stringify(settings.push);
      if (push?.for !== key) push = { for: key, made: notifiers(settings) };
      return push.made;
    },
    words: (language) => readCatalogue(messages, language),
    // Read at each instant: a machine that travels keeps its person's clock.
    offsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
  };
}
