/**
 * What of a home may be shown to who helps: shape, figures, times and the vocabulary of our own schemas. Every other text (data, prompts, answers,
 * names, paths, secrets) is a number and its length instead, the same number for the same text, so that one can still see what belongs together.
 */
import { z } from "zod";
import { TIME_OF_DAY } from "./evening/window.ts";
import { lineSchemas } from "./events.ts";
import { runPlanSchema } from "./plan.ts";
import { settingsSchema } from "./settings.ts";

export interface Mask {
  /** JSON in, JSON out. */
  readonly value: (value: unknown) => unknown;
  /** Lines of JSON; what is none is its length. */
  readonly lines: (text: string) => string;
  /** What programs wrote: places in sources and names of errors stay, every other line is counted. */
  readonly log: (text: string) => string;
}

const DEEPEST = 20;
/** `disk.full`: a fault's kind is a word of ours, although no schema lists them all. */
const KIND = /^[a-z]{2,20}(\.[a-z-]{2,40}){1,2}$/;

export function makeMask(): Mask {
  const numbers = new Map<string, number>();
  const words = vocabulary();
  const hidden = (text: string): string => {
    const number = numbers.get(text) ?? numbers.size + 1;
    numbers.set(text, number);
    return `‹text ${number}, ${text.length} characters›`;
  };
  const shown = (text: string, key: string | null) => words.has(text) || TIME_OF_DAY.test(text) || (key === "kind" && KIND.test(text));
  const value = (from: unknown, key: string | null, depth: number): unknown => {
    if (typeof from === "string") return shown(from, key) ? from : hidden(from);
    if (typeof from !== "object" || from === null) return from;
    if (depth === 0) return "‹deeper›";
    if (Array.isArray(from)) return from.map((one) => value(one, key, depth - 1));
    return Object.fromEntries(Object.entries(from).map(([name, one]) => [words.has(name) ? name : hidden(name), value(one, name, depth - 1)]));
  };
  const line = (text: string): string => {
    try {
      return JSON.stringify(value(JSON.parse(text), null, DEEPEST));
    } catch {
      return JSON.stringify({ unreadable: text.length });
    }
  };
  return {
    value: (from) => value(from, null, DEEPEST),
    lines: (text) => withNewline(text.split("\n").filter(Boolean).map(line)),
    log: (text) => withNewline(logLines(text)),
  };
}

function withNewline(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Every name and every fixed word of the schemas that journals, plans and settings are held to. */
function vocabulary(): ReadonlySet<string> {
  const words = new Set<string>();
  for (const schema of [...lineSchemas, runPlanSchema, settingsSchema]) addWords(z.toJSONSchema(schema, { unrepresentable: "any" }), words);
  return words;
}

function addWords(node: unknown, words: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    for (const word of wordsUnder(key, value)) words.add(word);
    // What a file says unless told otherwise may be a person's own text another time.
    if (key !== "default") addWords(value, words);
  }
}

function wordsUnder(key: string, value: unknown): readonly string[] {
  if (key === "properties") return Object.keys(Object(value));
  return key === "const" || key === "enum" ? [value].flat().filter((one) => typeof one === "string") : [];
}

const FRAME = /^\s*File "(?:[^"]*[/\\])?([\w.-]{1,60}\.py)", line (\d{1,7})(?:, in ([\w<>.]{1,80}))?/;
const ERROR = /^((?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Warning|Interrupt|Exit))(?::|$)/;
const PLAIN: readonly string[] = ["Traceback (most recent call last):", "Killed", "Segmentation fault", "Aborted", "Bus error"];

function logLines(text: string): string[] {
  const lines: string[] = [];
  let left = { lines: 0, characters: 0 };
  const flush = () => {
    if (left.lines > 0) lines.push(`(${left.lines} lines, ${left.characters} characters)`);
    left = { lines: 0, characters: 0 };
  };
  for (const line of text.split("\n").filter(Boolean)) {
    const kept = logLine(line);
    if (kept === null) left = { lines: left.lines + 1, characters: left.characters + line.length };
    else {
      flush();
      lines.push(kept);
    }
  }
  flush();
  return lines;
}

function logLine(line: string): string | null {
  const [, file, number, name] = FRAME.exec(line) ?? [];
  if (file !== undefined) return `  File "${file}", line ${number}${name === undefined ? "" : `, in ${name}`}`;
  const error = ERROR.exec(line);
  if (error?.[1] !== undefined) return `${error[1]}: (${line.length - error[1].length} characters)`;
  return PLAIN.includes(line.trim()) ? line.trim() : null;
}
