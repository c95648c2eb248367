/** Bodies for Ollama's HTTP API. JSON only: no Modelfile text is ever built, so no quote in a system text can inject anything. */
import { type Format, ollamaTemplate, type RunPlan } from "./plan.ts";
import type { Asking, Continue, GgufModel } from "./ports.ts";

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

/** A model from a GGUF that Ollama made before: quantised already. */
export function ggufBody({ name, format, parameters }: GgufModel, digest: string): object {
  const { quantize: _made, ...body } = createBody({ candidate: name, quantize: "f16", format, parameters }, { "model.gguf": digest }) as { quantize: string };
  return body;
}

/** An answer to a first question that goes on for so long is taken for one without end. */
export const SMOKE_TOKENS = 1024;

/** Short-lived, so that memory is free again soon. */
const STAY = "30s";

/** Greedy, so that the same model gives the same answer; or with the sampling it was made with, from a seed. */
export function askBody(name: string, prompt: string, how: Asking = { seed: null, tokens: SMOKE_TOKENS }): object {
  const options = how.seed === null ? { temperature: 0, seed: 0 } : { seed: how.seed };
  return { model: name, prompt, stream: false, options: { ...options, num_predict: how.tokens }, keep_alive: STAY };
}

/** The text as it stands, greedily and without anything that would push a token up or down; the chances of all tokens are sorted for `top`, which takes long. */
export function continueBody(name: string, { prompt, tokens, top }: Continue): object {
  const options = { temperature: 0, seed: 0, repeat_penalty: 1, presence_penalty: 0, frequency_penalty: 0, stop: [], num_predict: tokens };
  return { model: name, prompt, raw: true, stream: false, logprobs: true, ...(top > 0 ? { top_logprobs: top } : {}), options, keep_alive: STAY };
}

/** Both ways in which people and programs ask; nothing is answered, only shown (Ollama 0.11.8 and newer). */
export function renderBodies(name: string, question: string): readonly (readonly [path: string, body: object])[] {
  const shown = { model: name, stream: false, _debug_render_only: true, keep_alive: STAY };
  return [
    ["/api/generate", { ...shown, prompt: question }],
    ["/api/chat", { ...shown, messages: [{ role: "user", content: question }] }],
  ];
}

/** An answer a person waits for: as the model will serve, and it stays a while for the next question. */
export function chatBody(name: string, question: string): object {
  return { model: name, messages: [{ role: "user", content: question }], stream: true, options: { num_predict: SMOKE_TOKENS }, keep_alive: "5m" };
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
