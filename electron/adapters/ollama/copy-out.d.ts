import type { EventBody } from "../../core/events.ts";
import { type Gguf } from "../../core/gguf.ts";
import { type Client } from "./client.ts";
import type { Pacer } from "./progress.ts";
export interface CopyInput {
    readonly candidate: string;
    readonly ggufPath: string;
    readonly expected: {
        readonly architecture: string;
        readonly tensors: number;
    };
}
export declare function copyOut(client: Client, input: CopyInput, pacer: Pacer, signal: AbortSignal): AsyncGenerator<EventBody>;
/** Why the file at `path` is no GGUF to hand on, or its header. */
export declare function readGguf(path: string): Promise<Gguf | string>;
