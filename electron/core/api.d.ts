/**
 * What a client may ask of the engine: one typed table, validated at one door (`parseCall`).
 * Hosts carry the same messages over Electron IPC, the home's Unix socket, or a WebSocket on loopback.
 */
import { z } from "zod";
import { type Fault } from "./faults.ts";
import type { HomeState } from "./home.ts";
import type { Entry } from "./journal.ts";
import type { RunState } from "./state.ts";
declare const args: {
    readonly "engine-info": z.ZodObject<{}, z.core.$strict>;
    /** Ends the engine; refused while a run is alive unless `force`, which leaves the trainer running. */
    readonly "engine-quit": z.ZodObject<{
        force: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>;
    readonly "run-start": z.ZodObject<{
        name: z.ZodString;
        data: z.ZodString;
        heldOut: z.ZodDefault<z.ZodNullable<z.ZodString>>;
        model: z.ZodString;
        kind: z.ZodDefault<z.ZodEnum<{
            full: "full";
            practice: "practice";
            quick: "quick";
        }>>;
        rows: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
        steps: z.ZodDefault<z.ZodNullable<z.ZodNumber>>;
        settings: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnion<readonly [z.ZodString, z.ZodNumber, z.ZodBoolean]>>>;
        system: z.ZodDefault<z.ZodString>;
        skipBadRows: z.ZodDefault<z.ZodBoolean>;
        deploy: z.ZodDefault<z.ZodBoolean>;
        deployAs: z.ZodDefault<z.ZodNullable<z.ZodString>>;
        quantize: z.ZodDefault<z.ZodEnum<{
            auto: "auto";
            f16: "f16";
            q4_K_M: "q4_K_M";
            q8_0: "q8_0";
        }>>;
        promptsFile: z.ZodDefault<z.ZodNullable<z.ZodString>>;
    }, z.core.$strict>;
    readonly "run-pause": z.ZodObject<{
        run: z.ZodString;
    }, z.core.$strict>;
    readonly "run-resume": z.ZodObject<{
        run: z.ZodString;
    }, z.core.$strict>;
    readonly "run-stop": z.ZodObject<{
        run: z.ZodString;
    }, z.core.$strict>;
    readonly "run-checkpoint": z.ZodObject<{
        run: z.ZodString;
    }, z.core.$strict>;
    readonly "run-export": z.ZodObject<{
        run: z.ZodString;
    }, z.core.$strict>;
    readonly "run-deploy": z.ZodObject<{
        run: z.ZodString;
        as: z.ZodDefault<z.ZodNullable<z.ZodString>>;
    }, z.core.$strict>;
    readonly history: z.ZodObject<{
        limit: z.ZodDefault<z.ZodNumber>;
    }, z.core.$strict>;
};
export type Command = keyof typeof args;
export type Args<C extends Command> = z.output<(typeof args)[C]>;
export type Input<C extends Command> = z.input<(typeof args)[C]>;
export interface EngineInfo {
    readonly pid: number;
    readonly version: string;
    readonly home: string;
    readonly startedAt: number;
    /** Null when history works; otherwise why it does not. */
    readonly historyOff: string | null;
}
export interface HistoryRow {
    readonly run: string;
    readonly name: string;
    readonly kind: string;
    readonly createdAt: number;
    readonly outcome: string | null;
    readonly steps: number;
    readonly totalSteps: number;
    readonly firstLoss: number | null;
    readonly lastLoss: number | null;
    readonly heldOutBefore: number | null;
    readonly heldOutAfter: number | null;
    readonly checkpoints: number;
    readonly trainSeconds: number;
    readonly gguf: string | null;
    readonly deployedAs: string | null;
}
export interface Replies {
    readonly "engine-info": EngineInfo;
    readonly "engine-quit": null;
    readonly "run-start": {
        readonly run: string;
    };
    readonly "run-pause": null;
    readonly "run-resume": null;
    readonly "run-stop": null;
    readonly "run-checkpoint": null;
    readonly "run-export": null;
    readonly "run-deploy": null;
    readonly history: {
        readonly rows: readonly HistoryRow[];
    };
}
/** `home`, or `run:<run id>`. Each topic has its own sequence. */
export type Topic = "home" | `run:${string}`;
export type SnapshotOf<T extends Topic> = T extends "home" ? HomeState : RunState;
/** `seq` is the number of the newest entry the snapshot or the list contains; entries of one message are consecutive. */
export type Update<T extends Topic = Topic> = {
    readonly topic: T;
    readonly seq: number;
    readonly snapshot: SnapshotOf<T>;
} | {
    readonly topic: T;
    readonly seq: number;
    readonly entries: readonly Entry[];
};
/** The one object every host serves and every client holds. */
export interface Api {
    call<C extends Command>(command: C, input: Input<C>): Promise<Replies[C]>;
    /** First a snapshot, then entries without a gap, until the returned function is called. */
    subscribe<T extends Topic>(topic: T, listener: (update: Update<T>) => void): () => void;
}
/** Client to server. */
export declare const requestSchema: z.ZodDiscriminatedUnion<[z.ZodObject<{
    ask: z.ZodLiteral<"call">;
    id: z.ZodNumber;
    command: z.ZodString;
    input: z.ZodUnknown;
}, z.core.$strict>, z.ZodObject<{
    ask: z.ZodLiteral<"subscribe">;
    topic: z.ZodString;
}, z.core.$strict>, z.ZodObject<{
    ask: z.ZodLiteral<"unsubscribe">;
    topic: z.ZodString;
}, z.core.$strict>], "ask">;
export type Request = z.infer<typeof requestSchema>;
/** Server to client. */
export type Reply = {
    readonly id: number;
    readonly value: unknown;
} | {
    readonly id: number;
    readonly fault: Fault;
} | Update;
export declare function isCommand(text: string): text is Command;
/** The one door: an unknown command, a wrong type or a foreign key is refused here. */
export declare function parseCall<C extends Command>(command: C, input: unknown): Args<C>;
export declare function isTopic(text: string): text is Topic;
export {};
