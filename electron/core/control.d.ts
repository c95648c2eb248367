/** `control.json`: the engine is its only writer, it is replaced whole, and the trainer reads it at each micro-batch. */
import { z } from "zod";
export declare const controlSchema: z.ZodObject<{
    v: z.ZodLiteral<1>;
    desired: z.ZodEnum<{
        rest: "rest";
        run: "run";
        stop: "stop";
    }>;
    why: z.ZodString;
    pace: z.ZodNumber;
    microBatchTokens: z.ZodNullable<z.ZodNumber>;
    cacheLimitBytes: z.ZodNullable<z.ZodNumber>;
    checkpointRequest: z.ZodNumber;
    lease: z.ZodNumber;
}, z.core.$strict>;
export type Control = z.infer<typeof controlSchema>;
export declare const LEASE_RAISE_MS = 10000;
/** A lease this old means no engine; the keeper then starts one. */
export declare const LEASE_STALE_MS = 120000;
/** The pace at most kept while no engine watches the heat. */
export declare const UNWATCHED_PACE = 0.8;
export declare const INITIAL_CONTROL: Control;
