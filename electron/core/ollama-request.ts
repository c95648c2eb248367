/** Bodies for Ollama's HTTP API. JSON only: no Modelfile text is ever built, so no quote in a system text can inject anything. */
import { type Format, ollamaTemplate, type RunPlan } from "./plan.ts";

export type Quantization = "q4_K_M" | "q8_0" | "f16";

/** Rows that are no multiple of 256 cannot be K-quantised; 8 bit takes every multiple of 32 and costs little in quality. */
export function chooseQuantization(kQuantizable: boolean): Quantization {
  return kQuantizable ? "q4_K_M" : "q8_0";
}

export interface CreateInput {
  readonly candidate: string;
  readonly quantize: Quantization;
  readonly format: Format;
  readonly parameters: RunPlan["deploy"]["parameters"];
}

/** `digests`: file name → `sha256:…` of blobs that Ollama already holds. */
export function createBody(input: CreateInput, digests: Readonly<Record<string, string>>): object {
  const { temperature, top_p, top_k, repeat_penalty, num_ctx } = input.parameters;
  return {
    model: input.candidate,
    files: digests,
    template: ollamaTemplate(input.format),
    ...(input.format.system === "" ? {} : { system: input.format.system }),
    parameters: { temperature, top_p, top_k, repeat_penalty, num_ctx, stop: input.format.stops },
    quantize: input.quantize,
    stream: true,
  };
}

export const SMOKE_TOKENS = 200;

/** Greedy, so that the same model gives the same answer; short-lived, so that memory is free again soon. */
export function askBody(name: string, prompt: string): object {
  return { model: name, prompt, stream: false, options: { temperature: 0, seed: 0, num_predict: SMOKE_TOKENS }, keep_alive: "30s" };
}

/** No prompt and no stay: Ollama answers what it is answering, then frees the model's memory. */
export function unloadBody(name: string): object {
  return { model: name, keep_alive: 0, stream: false };
}

const UPLOADED = new Set(["config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "added_tokens.json"]);

/**
 * Files of a Hugging Face folder that Ollama's converter needs; others (a README, pickles, which can run code) stay here.
 * Not `special_tokens_map.json`: where it lists tokens as plain text, as Hugging Face writes it, Ollama 0.24 ends with a panic.
 */
export function isUploaded(file: string): boolean {
  return UPLOADED.has(file) || file.endsWith(".safetensors");
}

export function isPlainFileName(file: string): boolean {
  return /^[\w][\w.-]{0,200}$/.test(file) && !file.includes("..");
}

/** Whether a model's first answer is fit to serve: not empty, no loop, no template in it. Each refusal has its reason. */
export interface Judgement {
  readonly passed: boolean;
  readonly reason: string;
}

/** Answers are short by their token limit; what is judged is bounded all the same. */
const JUDGED_CHARACTERS = 20_000;
const WORD_REPEATS = 8;
const PHRASE_WORDS = 8;
const PHRASE_REPEATS = 6;
/** A unit of up to eight characters twenty times over; a line of dashes is none. */
const CHARACTER_LOOP = /([\s\S]{1,8}?)\1{19,}/gu;

export function judgeSmoke(answer: string, format: Format): Judgement {
  const text = answer.slice(0, JUDGED_CHARACTERS);
  if (text.trim() === "") return failed("the answer was empty");
  const leaked = templateMarks(format).find((mark) => text.includes(mark));
  if (leaked !== undefined) return failed(`the answer contains ${leaked}, which belongs to the prompt format`);
  const loop = findLoop(text);
  if (loop !== null) return failed(`the answer repeats ${JSON.stringify(loop)} over and over`);
  return { passed: true, reason: "answered, without a loop and without prompt format in the text" };
}

function failed(reason: string): Judgement {
  return { passed: false, reason };
}

/** `<start_of_turn>` and its like as they stand in the format, and the fields of Ollama's template. */
function templateMarks(format: Format): readonly string[] {
  const text = [format.bos, format.userPrefix, format.modelPrefix, format.turnEnd, ...format.stops].join(" ");
  const marks = text.match(/<[^<>\s]+>/g) ?? [];
  return [...new Set([...marks, ...format.stops.filter((stop) => stop.trim() !== ""), "{{ .System }}", "{{ .Prompt }}", "{{ .Response }}"])];
}

function findLoop(text: string): string | null {
  const words = text.split(/\s+/).filter((word) => word !== "");
  for (let length = 1; length <= PHRASE_WORDS; length += 1) {
    const phrase = findRepeatedPhrase(words, length, length === 1 ? WORD_REPEATS : PHRASE_REPEATS);
    if (phrase !== null) return phrase;
  }
  for (const [, unit] of text.matchAll(CHARACTER_LOOP)) if (unit && isWord(unit)) return unit;
  return null;
}

/** Words that equal the word one phrase earlier, `length × (repeats − 1)` of them in a row, are `repeats` equal phrases. */
function findRepeatedPhrase(words: readonly string[], length: number, repeats: number): string | null {
  let equal = 0;
  for (let at = length; at < words.length; at += 1) {
    equal = words[at] === words[at - length] ? equal + 1 : 0;
    if (equal < (repeats - 1) * length) continue;
    const phrase = words.slice(at - length + 1, at + 1).join(" ");
    if (isWord(phrase)) return phrase;
  }
  return null;
}

function isWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
