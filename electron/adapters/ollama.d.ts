import type { Ollama } from "../core/ports.ts";
import { type OllamaLimits } from "./ollama/client.ts";
export interface LocalOllama extends Ollama {
    /** Takes a candidate's name away, once `deployed` is journalled or its run is given up. Gone already is fine. */
    discard(candidate: string): Promise<void>;
}
/** `env` is looked at on every call, so that a later OLLAMA_HOST counts. */
export declare function createOllama(env: NodeJS.ProcessEnv, limits?: OllamaLimits): LocalOllama;
