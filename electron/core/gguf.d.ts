export interface Gguf {
    readonly version: number;
    readonly architecture: string;
    /** What `general.file_type` says if the tensors bear it out, else the type that takes the most bytes. */
    readonly quantization: string;
    readonly tensors: number;
    /** Number of tensors by type. */
    readonly types: Readonly<Record<string, number>>;
    readonly alignment: number;
    /** Where the tensors' data begins, and the first byte after it. */
    readonly dataOffset: number;
    readonly dataEnd: number;
}
/** `moreBytes`: the header goes on beyond `head`; ask again with at least so many bytes of the file. */
export type GgufResult = {
    readonly gguf: Gguf;
} | {
    readonly refused: string;
} | {
    readonly moreBytes: number;
};
export declare function parseGguf(head: Uint8Array, fileBytes: number): GgufResult;
/** Null when it is what was exported, else the reason why it is not. */
export declare function mismatch(gguf: Gguf, expected: {
    readonly architecture: string;
    readonly tensors: number;
}): string | null;
