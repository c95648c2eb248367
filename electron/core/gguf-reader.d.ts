/** Reads little-endian values off the head of a GGUF file. Nothing is read, and nothing reserved, before its bound is checked. */
/** The file breaks the format; the message says how. */
export declare class Refusal extends Error {
}
/** The head handed in ends before the header does; this many bytes of the file are needed at least. */
export declare class MoreNeeded extends Error {
    readonly bytes: number;
    constructor(bytes: number);
}
export declare class GgufReader {
    readonly fileBytes: number;
    private readonly head;
    private readonly view;
    private at;
    constructor(head: Uint8Array, fileBytes: number);
    get position(): number;
    get bytesLeft(): number;
    /** Moves over `bytes` and returns where they begin. */
    take(bytes: number, what: string): number;
    uint8(what: string): number;
    uint32(what: string): number;
    /** A count or length; beyond 2^53 it could not be a true one. */
    uint64(what: string): number;
    /** A count of things that take at least `leastBytes` each: more than the file could hold is a lie. */
    count(what: string, leastBytes: number): number;
    skipString(what: string): void;
    string(what: string, limitBytes: number): string;
}
