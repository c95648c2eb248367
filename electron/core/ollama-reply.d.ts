/** The fix of CVE-2026-7482. */
export declare const LEAST_VERSION = "0.17.1";
/** Null: this is not Ollama's `/api/version`. */
export declare function parseVersion(text: string): string | null;
export declare function isNewEnough(version: string, least?: string): boolean;
/** One line of `/api/create`'s stream. */
export type CreateStatus = {
    readonly error: string;
} | {
    readonly status: string;
    readonly done: number;
    readonly total: number;
} | {
    readonly unreadable: true;
};
export declare function parseCreateStatus(line: string): CreateStatus;
/** `/api/show` writes the model's blob after FROM; it is named after its own content. */
export declare function parseBlob(text: string): {
    readonly path: string;
    readonly sha256: string;
} | null;
/** Name → manifest digest, from `/api/tags`; null: not a list of models. Names are compared without case, as Ollama does. */
export declare function parseTags(text: string): ReadonlyMap<string, string> | null;
export declare function parseAnswer(text: string): string | null;
/** The sentence in `{"error": …}`, cut to what fits a message. */
export declare function parseError(text: string): string | null;
