/** Bodies for Ollama's HTTP API. JSON only: no Modelfile text is ever built, so no quote in a system text can inject anything. */
import { type Format, type RunPlan } from "./plan.ts";
export type Quantization = "q4_K_M" | "q8_0" | "f16";
/** Rows that are no multiple of 256 cannot be K-quantised; 8 bit takes every multiple of 32 and costs little in quality. */
export declare function chooseQuantization(kQuantizable: boolean): Quantization;
export interface CreateInput {
    readonly candidate: string;
    readonly quantize: Quantization;
    readonly format: Format;
    readonly parameters: RunPlan["deploy"]["parameters"];
}
/** `digests`: file name → `sha256:…` of blobs that Ollama already holds. */
export declare function createBody(input: CreateInput, digests: Readonly<Record<string, string>>): object;
export declare const SMOKE_TOKENS = 200;
/** Greedy, so that the same model gives the same answer; short-lived, so that memory is free again soon. */
export declare function askBody(name: string, prompt: string): object;
/**
 * Files of a Hugging Face folder that Ollama's converter needs; others (a README, pickles, which can run code) stay here.
 * Not `special_tokens_map.json`: where it lists tokens as plain text, as Hugging Face writes it, Ollama 0.24 ends with a panic.
 */
export declare function isUploaded(file: string): boolean;
export declare function isPlainFileName(file: string): boolean;
/** Whether a model's first answer is fit to serve: not empty, no loop, no template in it. Each refusal has its reason. */
export interface Judgement {
    readonly passed: boolean;
    readonly reason: string;
}
export declare function judgeSmoke(answer: string, format: Format): Judgement;
