import { type Client } from "./client.ts";
import type { MergedFile } from "./merged-files.ts";
import type { Pacer, Progress } from "./progress.ts";
/** Returns file name → `sha256:…`. */
export declare function hashFiles(files: readonly MergedFile[], pacer: Pacer, signal: AbortSignal): AsyncGenerator<Progress, Record<string, string>>;
export declare function uploadFiles(client: Client, files: readonly MergedFile[], digests: Readonly<Record<string, string>>, pacer: Pacer, signal: AbortSignal): AsyncGenerator<Progress>;
