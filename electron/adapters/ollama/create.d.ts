import type { EventBody } from "../../core/events.ts";
import { type CreateInput } from "../../core/ollama-request.ts";
import { type Client } from "./client.ts";
import type { Pacer } from "./progress.ts";
export declare function createCandidate(client: Client, input: CreateInput, digests: Readonly<Record<string, string>>, pacer: Pacer, signal: AbortSignal): AsyncGenerator<EventBody>;
