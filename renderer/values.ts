/** Values that come as text from rules of core, as the language writes them: figures (`8.7`, `1204`) and the engine's sentences. Names, times and commands stay. */
import { figureIn } from "../electron/core/words/format.ts";
import { type Speaks, said } from "../electron/core/words/words.ts";

const FIGURE = /^-?\d{1,15}(\.\d{1,6})?$/;
/** These hold what somebody called something, or a command: never a figure, even where it looks like one. */
const NAMES: readonly string[] = ["run", "name", "names", "model", "command", "kind"];
const SENTENCES: readonly string[] = ["message", "next", "why"];

export function inWords(values: Readonly<Record<string, string>>, words: Speaks): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, valueIn(key, text, words)]));
}

function valueIn(key: string, text: string, words: Speaks): string {
  if (SENTENCES.includes(key)) return said(words, text).text;
  return NAMES.includes(key) || !FIGURE.test(text) ? text : figureIn(words.language, text);
}
