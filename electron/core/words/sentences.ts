/**
 * What the engine and the trainer say in English (faults, reasons, warnings), in a person's language.
 *
 * Journals and wires carry the English sentence; a catalogue has it as its key, with a name in braces where a value stands:
 * `"{run} is not paused.": "{run} duraklatılmış değil."`. So old journals speak too, and nothing but the catalogue knows the language.
 * A sentence that is not in it stays English.
 */
import type { Catalogue } from "../notices/words.ts";

interface Pattern {
  /** What stands between the values, in order; one more than there are values. */
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  readonly said: string;
  readonly fixedCharacters: number;
}

interface Sentences {
  readonly exact: ReadonlyMap<string, string>;
  /** The one with most of its own text first. */
  readonly patterns: readonly Pattern[];
}

export type FigureIn = (english: string) => string;

/** A sentence has a space in it; keys of messages have none. */
const SPACE = " ";
const MOST_CHARACTERS = 2_000;
/** Reasons within reasons, sentences behind sentences. */
const MOST_DEPTH = 6;
const MOST_PIECES = 12;
/** A number as the sources write it in English: `3,242`, `0.4`. */
const FIGURE = /^-?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,6})?$/;

/** Null where the catalogue does not know it. `figure` writes a number as the language does. */
export function sentenceIn(catalogue: Catalogue, english: string, figure: FigureIn = (text) => text): string | null {
  if (english.length > MOST_CHARACTERS) return null;
  const sentences = compiled(catalogue);
  return sentences.exact.size + sentences.patterns.length === 0 ? null : whole(sentences, english, figure, MOST_DEPTH);
}

const compiledOf = new WeakMap<Catalogue, Sentences>();

function compiled(catalogue: Catalogue): Sentences {
  const known = compiledOf.get(catalogue);
  if (known) return known;
  const entries = Object.entries(catalogue).filter(([english]) => english.includes(SPACE));
  const patterns = entries.flatMap(([english, said]): Pattern[] => {
    const fixed = english.split(/\{[a-z]\w*\}/i);
    const names = [...english.matchAll(/\{([a-z]\w*)\}/gi)].map((match) => match[1] ?? "");
    return names.length === 0 ? [] : [{ fixed, names, said, fixedCharacters: fixed.join("").length }];
  });
  const made = {
    exact: new Map(entries.filter(([english]) => !/\{[a-z]\w*\}/i.test(english))),
    patterns: patterns.sort((a, b) => b.fixedCharacters - a.fixedCharacters),
  };
  compiledOf.set(catalogue, made);
  return made;
}

function whole(sentences: Sentences, english: string, figure: FigureIn, depth: number): string | null {
  if (depth === 0) return null;
  const exact = sentences.exact.get(english);
  if (exact !== undefined) return exact;
  return parted(sentences, english, figure, depth) ?? filled(sentences, english, figure, depth);
}

function filled(sentences: Sentences, english: string, figure: FigureIn, depth: number): string | null {
  for (const pattern of sentences.patterns) {
    const values = valuesIn(pattern, english);
    if (!values) continue;
    const said = values.map((value) => (FIGURE.test(value) ? figure(value) : (whole(sentences, value, figure, depth - 1) ?? value)));
    return pattern.said.replace(/\{(\w+)\}/g, (braces, name: string) => said[pattern.names.indexOf(name)] ?? braces);
  }
  return null;
}

/** Each piece of fixed text at its first place after the one before; null where one is missing or a value would be empty. */
function valuesIn({ fixed, names }: Pattern, english: string): readonly string[] | null {
  const [first = ""] = fixed;
  const last = fixed.at(-1) ?? "";
  if (!english.startsWith(first) || !english.endsWith(last)) return null;
  const values: string[] = [];
  let at = first.length;
  for (const [place, text] of fixed.slice(1).entries()) {
    const end = place === names.length - 1 ? english.length - last.length : english.indexOf(text, at + 1);
    if (end <= at) return null;
    values.push(english.slice(at, end));
    at = end + text.length;
  }
  return values;
}

/** Reasons joined by semicolons, sentences one after another, a reason behind the name of its source. Every part has to be known. */
function parted(sentences: Sentences, english: string, figure: FigureIn, depth: number): string | null {
  return (
    joined(english.split("; "), "; ", sentences, figure, depth) ??
    joined(english.split(/(?<=\.) /), " ", sentences, figure, depth) ??
    behindSource(sentences, english, figure, depth)
  );
}

function joined(pieces: readonly string[], mark: string, sentences: Sentences, figure: FigureIn, depth: number): string | null {
  if (pieces.length < 2 || pieces.length > MOST_PIECES) return null;
  const said: string[] = [];
  for (const piece of pieces) {
    const one = whole(sentences, piece, figure, depth - 1);
    if (one === null) return null;
    said.push(one);
  }
  return said.join(mark);
}

function behindSource(sentences: Sentences, english: string, figure: FigureIn, depth: number): string | null {
  const source = /^[\w./-]{1,40}: /.exec(english)?.[0];
  const reason = source ? whole(sentences, english.slice(source.length), figure, depth - 1) : null;
  return reason === null ? null : source + reason;
}
