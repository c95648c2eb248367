/** The data doctor's answer as cards: one for each kind of finding and file, what hurts most first. Pure; words are `doctor.title.KIND` and `doctor.why.KIND`. */
import type { Inspection } from "../electron/core/doctor.ts";

/** `stop`: training on it fails or is worth little; `look`: think about it; `note`: good to know. */
export type Weight = "stop" | "look" | "note";
/** What a corrected copy does about it: always, or when asked. */
export type Mend = "always" | "conflicts" | "near" | "personal";

export interface Example {
  readonly line: number;
  /** The line it repeats, or the training line it leaks from. */
  readonly like: number | null;
  /** A stable word for what is wrong with the line (`doctor.bad.WORD`). */
  readonly bad: string | null;
  /** A question's text; how many rows and answers it has. */
  readonly question: { readonly text: string; readonly rows: number; readonly answers: number } | null;
}

export interface Card {
  readonly key: string;
  readonly kind: CardKind;
  readonly weight: Weight;
  /** File name; null where it is about both. */
  readonly file: string | null;
  readonly count: number;
  /** A second figure for the sentence: all rows, answers, per cent. */
  readonly of: number;
  readonly examples: readonly Example[];
  readonly mend: Mend | null;
}

export const CARD_KINDS = [
  "bad-rows",
  "turn-marks",
  "conflicts",
  "leaks",
  "shared-questions",
  "near-leaks",
  "duplicates",
  "near-duplicates",
  "personal-e-mail",
  "personal-phone",
  "personal-key",
  "personal-iban",
  "personal-tr-id",
  "mixed-formats",
  "mixed-languages",
  "balance",
] as const;
export type CardKind = (typeof CARD_KINDS)[number];

const EXAMPLES = 5;
const LOPSIDED = 0.6;
const PERSONAL: Readonly<Record<string, CardKind>> = {
  "e-mail": "personal-e-mail",
  phone: "personal-phone",
  key: "personal-key",
  iban: "personal-iban",
  "tr-id": "personal-tr-id",
};
const WEIGHTS: readonly Weight[] = ["stop", "look", "note"];

type FileReport = Inspection["files"][number];

export function cardsOf(report: Inspection): readonly Card[] {
  const cards = [...report.files.flatMap((file) => ofFile(file)), ...ofBoth(report)];
  return cards.sort((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight) || CARD_KINDS.indexOf(a.kind) - CARD_KINDS.indexOf(b.kind));
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

const at = (line: number, more: Partial<Example> = {}): Example => ({ line, like: null, bad: null, question: null, ...more });

function ofFile(file: FileReport): readonly Card[] {
  const name = fileName(file.path);
  const card = (kind: CardKind, weight: Weight, count: number, more: Partial<Card> = {}): Card[] =>
    count > 0 ? [{ key: `${kind} ${name}`, kind, weight, file: name, count, of: file.rows, examples: [], mend: null, ...more }] : [];
  const bad = file.bad.flatMap(({ kind, examples }) => examples.map((one) => at(one.line, { bad: kind })));
  const largest = Math.max(0, ...Object.values(file.categories));
  const lopsided = Object.keys(file.categories).length > 1 && largest >= LOPSIDED * Math.max(1, file.rows);
  const personal = Object.entries(file.personal).flatMap(([kind, { rows, lines }]) => {
    const known = PERSONAL[kind];
    return known ? card(known, "look", rows, { examples: few(lines.map((line) => at(line))), mend: "personal" }) : [];
  });
  const formats = Object.keys(file.formats).length;
  return [
    ...card("bad-rows", "stop", file.badRows, { examples: few(bad.sort((a, b) => a.line - b.line)), of: file.rows + file.badRows, mend: "always" }),
    ...card("turn-marks", "stop", file.markedRows),
    ...card("duplicates", "look", file.duplicates.rows, { examples: few(file.duplicates.examples.map(repeat)), mend: "always" }),
    ...personal,
    ...card("mixed-formats", "note", formats > 1 ? formats : 0),
    ...card("mixed-languages", "note", file.languages?.counts["mixed"] ?? 0, { examples: few((file.languages?.mixed ?? []).map((line) => at(line))) }),
    ...card("balance", "note", lopsided ? largest : 0),
  ];
}

function ofBoth({ files, conflicts, leaks, near }: Inspection): readonly Card[] {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const heldOut = files[1]?.rows ?? 0;
  const card = (kind: CardKind, weight: Weight, count: number, more: Partial<Card>): Card[] =>
    count > 0 ? [{ key: kind, kind, weight, file: null, count, of: rows, examples: [], mend: null, ...more }] : [];
  const questions = conflicts.top.map((one) => at(one.places[0]?.line ?? 0, { question: { text: one.question, rows: one.rows, answers: one.answers } }));
  return [
    ...card("conflicts", "look", conflicts.questions, { of: conflicts.rows, examples: few(questions), mend: "conflicts" }),
    ...card("leaks", "look", leaks?.pairs ?? 0, { of: heldOut, examples: few((leaks?.examples ?? []).map(leak)), mend: "always" }),
    ...card("shared-questions", "note", Math.max(0, (leaks?.questions ?? 0) - (leaks?.pairs ?? 0)), { of: heldOut }),
    ...card("near-leaks", "look", near?.leaks.rows ?? 0, { of: heldOut, examples: few((near?.leaks.examples ?? []).map(leak)), mend: "near" }),
    ...card("near-duplicates", "look", near?.rows ?? 0, { examples: few((near?.examples ?? []).map(repeat)), mend: "near" }),
  ];
}

const repeat = ({ line, firstLine }: { line: number; firstLine: number }) => at(line, { like: firstLine });
const leak = ({ line, trainLine }: { line: number; trainLine: number }) => at(line, { like: trainLine });

function few(examples: readonly Example[]): readonly Example[] {
  return examples.slice(0, EXAMPLES);
}

/** Beside the original: `rows.jsonl` becomes `rows.fixed.jsonl`. */
export function fixedName(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") + 1 ? `${path.slice(0, dot)}.fixed${path.slice(dot)}` : `${path}.fixed.jsonl`;
}
