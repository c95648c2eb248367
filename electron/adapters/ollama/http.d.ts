export interface Limits {
    /** Until the reply begins. */
    readonly answerMs: number;
    /** From the beginning to the end of a call. */
    readonly totalMs: number;
    /** Longest wait for the next whole line, or for the next bytes to be taken off us. */
    readonly idleMs: number;
    readonly replyBytes: number;
}
export interface Endpoint {
    readonly host: string;
    readonly port: number;
}
export interface Call {
    readonly method: "GET" | "HEAD" | "POST" | "DELETE";
    readonly path: string;
    readonly body?: object;
    /** The body follows through `write`; its length is stated, so that a cut is seen as one. */
    readonly streamBytes?: number;
}
/** One call and its reply. `close` has to be called in the end, whatever happened. */
export declare class Exchange {
    private readonly request;
    private readonly limits;
    private readonly signal;
    private readonly reply;
    private readonly total;
    private failure;
    private replied;
    constructor(endpoint: Endpoint, call: Call, limits: Limits, signal: AbortSignal);
    /** Sends a piece of the body and waits until it has been taken. False: the reply is there already, more would be for nobody. */
    write(piece: Uint8Array): Promise<boolean>;
    get hasReply(): boolean;
    endBody(): void;
    status(): Promise<number>;
    /** The whole reply as text. */
    text(): Promise<string>;
    /** The reply line by line, as it comes. */
    lines(): AsyncGenerator<string>;
    close(): void;
    private readonly onAbort;
    private fail;
    private pieces;
    /** Waits for `promise`, which rejects by itself once the request is destroyed. */
    private within;
}
export declare function absent(): Error;
