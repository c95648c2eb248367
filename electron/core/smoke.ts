/** Whether a model's first answer is fit to serve: not empty, no prompt format in it, no loop, and an end. Each refusal has its reason. */
import type { Format } from "./plan.ts";
import { findLoop } from "./repetition.ts";

export interface Judgement {
  readonly passed: boolean;
  readonly reason: string;
  /** The piece of the answer that spoke against it, where there is one. */
  readonly evidence: string | null;
}

/** Answers are short by their token limit; what is judged is bounded all the same. */
const JUDGED_CHARACTERS = 20_000;
const EVIDENCE_CHARACTERS = 200;
/** So many characters that no font can show are a broken tokenizer. */
const BROKEN_CHARACTERS = 3;

export function judgeSmoke(answer: { readonly text: string; readonly ended: boolean }, format: Format): Judgement {
  const text = answer.text.slice(0, JUDGED_CHARACTERS);
  if (text.replace(/[\p{C}\p{Z}\s]/gu, "") === "") return refuse("the answer was empty", null);
  const leak = findMark(text, format) ?? findRoleWord(text, format);
  if (leak) return refuse(`the answer contains ${JSON.stringify(leak.mark)}, which belongs to the prompt format`, around(text, leak.at));
  const broken = [...text.matchAll(/\u{FFFD}/gu)];
  if (broken.length >= BROKEN_CHARACTERS) return refuse("the answer holds characters that are no text", around(text, broken[0]?.index ?? 0));
  const loop = findLoop(text);
  if (loop !== null) return refuse(`the answer repeats ${JSON.stringify(shorten(loop, 60))} over and over`, shorten(loop, EVIDENCE_CHARACTERS));
  if (!answer.ended) return refuse("the answer does not come to an end", shorten([...text].slice(-EVIDENCE_CHARACTERS).join(""), EVIDENCE_CHARACTERS));
  return { passed: true, reason: "answered, without a loop and without prompt format in the text", evidence: null };
}

function refuse(reason: string, evidence: string | null): Judgement {
  return { passed: false, reason, evidence };
}

interface Leak {
  readonly mark: string;
  readonly at: number;
}

/**
 * Control tokens of other formats and of tokenizers, which data may have taught it. Not `<s>` and `<mask>`, which are HTML and SVG,
 * nor `<|>` and its like, which are operators.
 */
const FOREIGN = /<(?:pad|unk|eos|bos|unused\d+|0x[0-9A-F]{2})>|<\|[a-z][a-z0-9_]{1,30}\|>|\[\/?INST\]|<<\/?SYS>>|\u2581/u;
/** The fields of Ollama's template. */
const FIELD = /\{\{-?\s*(?:if\s+)?\.(?:System|Prompt|Response|Messages)\b/;

/** `<start_of_turn>` and its like, whole or broken: where the brackets are cut off, the name in them still tells. */
function findMark(text: string, format: Format): Leak | null {
  const parts = [format.bos, format.userPrefix, format.modelPrefix, format.turnEnd, ...format.stops];
  const marks = parts.flatMap((part) => part.match(/<[^<>\s]+>/g) ?? []);
  const names = marks.map((mark) => mark.slice(1, -1)).filter((name) => name.includes("_"));
  const stops = format.stops.filter((stop) => stop.trim() !== "");
  for (const mark of new Set([...marks, ...stops, ...names])) {
    const at = text.indexOf(mark);
    if (at >= 0) return { mark, at };
  }
  const found = FOREIGN.exec(text) ?? FIELD.exec(text);
  return found && { mark: found[0], at: found.index };
}

/**
 * `user` or `model` alone on a line, as the format writes them after a control token that is not shown: at the very beginning, or
 * twice, which is a conversation the model holds with itself. Once, further down, it may be a word of a list.
 */
function findRoleWord(text: string, format: Format): Leak | null {
  const roles = new Set([format.userPrefix, format.modelPrefix].map((prefix) => prefix.replace(/<[^<>\s]+>/g, "").trim()).filter((role) => role !== ""));
  const lines = [...text.matchAll(/^.*$/gm)].filter(([line]) => roles.has(line.trim()));
  const [first] = lines;
  if (!first) return null;
  const begins = text.slice(0, first.index).trim() === "" && text.trim() !== first[0].trim();
  return begins || lines.length > 1 ? { mark: first[0].trim(), at: first.index } : null;
}

function around(text: string, at: number): string {
  return shorten(text.slice(Math.max(0, at - EVIDENCE_CHARACTERS / 2)), EVIDENCE_CHARACTERS);
}

function shorten(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text;
}
