/** Figures that come as text from rules of core (`8.7`, `1204`), written as the language writes them. Names, times and sentences stay. */
import type { Language } from "./text.ts";

const FIGURE = /^-?\d{1,15}(\.\d{1,6})?$/;
/** These hold what somebody called something, or a command: never a figure, even where it looks like one. */
const NAMES: readonly string[] = ["run", "name", "names", "model", "command", "kind", "message", "next", "why"];

export function inFigures(values: Readonly<Record<string, string>>, language: Language): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, NAMES.includes(key) || !FIGURE.test(text) ? text : inFigure(text, language)]));
}

function inFigure(text: string, language: Language): string {
  const digits = text.split(".")[1]?.length ?? 0;
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(text)).replace("-", "−");
}
