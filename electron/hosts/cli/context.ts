/** What every command is given: where things are, where to write, and how to reach the engine. */

import { join } from "node:path";
import { homePath } from "../../adapters/home.ts";
import { readCatalogue } from "../../adapters/person.ts";
import { findPython } from "../../adapters/python-environment.ts";
import type { Fault } from "../../core/events.ts";
import { type Words, wordsIn } from "../../core/words/words.ts";
import { attach } from "../attach.ts";
import { engineCommand, type Place } from "../place.ts";
import { type SteadyApi, steadyApi } from "../steady.ts";
import { harmlessJson } from "./format.ts";

export interface Context {
  readonly place: Place;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** One line on stdout. */
  print(text: string): void;
  /** The one JSON document of a reading command. */
  printJson(value: unknown): void;
  /** One line on stderr: what is going on, never a result. */
  note(text: string): void;
  /** The engine's api, by an engine that is started when there is none. */
  engine(): Promise<SteadyApi>;
  python(): string;
  /** The sentences of the command line: English, from the one catalogue. */
  words(): Words;
}

export function makeContext(place: Place, env: NodeJS.ProcessEnv): Context {
  const home = homePath(env);
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  return {
    place,
    home,
    env,
    note,
    print: (text) => void process.stdout.write(`${text}\n`),
    printJson: (value) => void process.stdout.write(`${harmlessJson(value)}\n`),
    python: () => findPython(home),
    words: () => wordsIn("en", readCatalogue(join(place.root, "resources", "messages"), "en")),
    async engine() {
      let wasConnected = false;
      const onChange = (fault: Fault | null) => {
        if (fault) note(`${fault.message} ${fault.next}`);
        else if (wasConnected) note("Connected to the engine again.");
        wasConnected = true;
      };
      const api = steadyApi({ connect: () => attach({ home, version: place.version, engineCommand: engineCommand(place, home), env }), onChange });
      await api.ready();
      return api;
    },
  };
}
