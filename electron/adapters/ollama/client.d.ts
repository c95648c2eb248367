/** Calls to Ollama: which limits each kind of call has, and what a refusal means in one sentence. */
import { type FaultError } from "../../core/faults.ts";
import { type Call, type Endpoint, type Limits } from "./http.ts";
export interface OllamaLimits {
    /** Questions answered from memory or a small file. */
    readonly quick: Limits;
    readonly upload: Limits;
    /** Converting and quantising a model of some gigabytes takes minutes, between lines too. */
    readonly create: Limits;
    /** Loading a model from a cold disk, then some hundred tokens. */
    readonly ask: Limits;
}
export declare const LIMITS: OllamaLimits;
export interface Client {
    readonly endpoint: Endpoint;
    readonly limits: OllamaLimits;
}
export interface Reply {
    readonly status: number;
    readonly text: string;
}
export declare function call(client: Client, what: Call, kind: keyof OllamaLimits, signal: AbortSignal): Promise<Reply>;
/** For calls that nobody cancels because they take a moment. */
export declare function callQuick(client: Client, what: Call): Promise<Reply>;
/** `doing` completes "Ollama could not …". */
export declare function refused(doing: string, reply: Reply): FaultError;
export declare function failed(doing: string, error: string): FaultError;
export declare function unreadable(): FaultError;
export declare function otherProgram(): FaultError;
