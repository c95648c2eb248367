/**
 * Every line a journal may hold. The union below is the one definition: TypeScript types come from it,
 * and `schema.json` beside the Python tests is generated from it (`npm run schema`).
 *
 * Envelope: `at` unix ms (for people), `mono` seconds on the writer's monotonic clock (for durations, only
 * within one `boot` and writer), `n` the counter of that writer's process (a gap is Damage).
 */
import { z } from "zod";
/** A number that JSON may not be able to hold: NaN and the infinities travel as words. */
declare const figure: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
    [-Infinity]: "-Infinity";
    Infinity: "Infinity";
    NaN: "NaN";
}>]>;
declare const envelope: z.ZodObject<{
    v: z.ZodLiteral<1>;
    at: z.ZodNumber;
    mono: z.ZodNumber;
    boot: z.ZodString;
    by: z.ZodEnum<{
        engine: "engine";
        keeper: "keeper";
        trainer: "trainer";
    }>;
    n: z.ZodNumber;
    attempt: z.ZodNumber;
}, z.core.$strip>;
export declare const faultSchema: z.ZodObject<{
    kind: z.ZodString;
    message: z.ZodString;
    next: z.ZodString;
}, z.core.$strip>;
export declare const phaseSchema: z.ZodEnum<{
    after: "after";
    before: "before";
    deploy: "deploy";
    export: "export";
    fetch: "fetch";
    merge: "merge";
    prepare: "prepare";
    train: "train";
}>;
export declare const desiredSchema: z.ZodEnum<{
    rest: "rest";
    run: "run";
    stop: "stop";
}>;
export declare const verbSchema: z.ZodEnum<{
    answer: "answer";
    fetch: "fetch";
    merge: "merge";
    prepare: "prepare";
    train: "train";
}>;
/** The body without its envelope: what a writer hands to its journal. */
export declare const eventBodySchema: z.ZodDiscriminatedUnion<readonly [z.ZodObject<{
    type: z.ZodLiteral<"run-created">;
    run: z.ZodString;
    name: z.ZodString;
    campaign: z.ZodString;
    kind: z.ZodEnum<{
        full: "full";
        practice: "practice";
        quick: "quick";
    }>;
    model: z.ZodString;
    data: z.ZodString;
    deployAs: z.ZodNullable<z.ZodString>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"phase-started">;
    phase: z.ZodEnum<{
        after: "after";
        before: "before";
        deploy: "deploy";
        export: "export";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"phase-finished">;
    phase: z.ZodEnum<{
        after: "after";
        before: "before";
        deploy: "deploy";
        export: "export";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"phase-skipped">;
    phase: z.ZodEnum<{
        after: "after";
        before: "before";
        deploy: "deploy";
        export: "export";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    why: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"phase-failed">;
    phase: z.ZodEnum<{
        after: "after";
        before: "before";
        deploy: "deploy";
        export: "export";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    fault: z.ZodObject<{
        kind: z.ZodString;
        message: z.ZodString;
        next: z.ZodString;
    }, z.core.$strip>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"spawned">;
    verb: z.ZodEnum<{
        answer: "answer";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    pid: z.ZodNumber;
    start: z.ZodString;
    token: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"exited">;
    verb: z.ZodEnum<{
        answer: "answer";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    token: z.ZodString;
    code: z.ZodNullable<z.ZodNumber>;
    signal: z.ZodNullable<z.ZodString>;
    forced: z.ZodBoolean;
    tail: z.ZodArray<z.ZodString>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"asked">;
    command: z.ZodEnum<{
        checkpoint: "checkpoint";
        deploy: "deploy";
        export: "export";
        pause: "pause";
        resume: "resume";
        stop: "stop";
    }>;
    as: z.ZodOptional<z.ZodString>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"export-progress">;
    task: z.ZodEnum<{
        copy: "copy";
        create: "create";
        hash: "hash";
        upload: "upload";
    }>;
    doneBytes: z.ZodNumber;
    totalBytes: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"candidate-created">;
    name: z.ZodString;
    quantization: z.ZodString;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"gguf-written">;
    path: z.ZodString;
    bytes: z.ZodNumber;
    sha256: z.ZodString;
    tensors: z.ZodNumber;
    architecture: z.ZodString;
    quantization: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"smoke-tested">;
    name: z.ZodString;
    prompt: z.ZodString;
    answer: z.ZodString;
    passed: z.ZodBoolean;
    reason: z.ZodString;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"deployed">;
    name: z.ZodString;
    candidate: z.ZodString;
    previous: z.ZodNullable<z.ZodString>;
    digest: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"run-ended">;
    outcome: z.ZodEnum<{
        finished: "finished";
        stopped: "stopped";
    }>;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"fetch-progress">;
    file: z.ZodString;
    doneBytes: z.ZodNumber;
    totalBytes: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"fetched">;
    model: z.ZodString;
    path: z.ZodString;
    revision: z.ZodString;
    bytes: z.ZodNumber;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"prepared">;
    rows: z.ZodNumber;
    heldOutRows: z.ZodNumber;
    leakedRows: z.ZodNumber;
    droppedRows: z.ZodNumber;
    truncatedRows: z.ZodNumber;
    tokens: z.ZodNumber;
    supervisedTokens: z.ZodNumber;
    paddedTokens: z.ZodNumber;
    steps: z.ZodNumber;
    stepsPerEpoch: z.ZodNumber;
    epochs: z.ZodNumber;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"loaded">;
    parameters: z.ZodNumber;
    trainableParameters: z.ZodNumber;
    quantized: z.ZodBoolean;
    dtype: z.ZodString;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"train-started">;
    fromStep: z.ZodNumber;
    totalSteps: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"resumed">;
    fromStep: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"step">;
    step: z.ZodNumber;
    epoch: z.ZodNumber;
    loss: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    gradNorm: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    learningRate: z.ZodNumber;
    tokens: z.ZodNumber;
    supervisedTokens: z.ZodNumber;
    paddedTokens: z.ZodNumber;
    seconds: z.ZodNumber;
    restSeconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"evaluated">;
    step: z.ZodNumber;
    loss: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    rows: z.ZodNumber;
    tokens: z.ZodNumber;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"held-out-compared">;
    before: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    after: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    difference: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    low: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    high: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    rows: z.ZodNumber;
    resamples: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"memory">;
    activeBytes: z.ZodNumber;
    peakBytes: z.ZodNumber;
    cacheBytes: z.ZodNumber;
    residentBytes: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"checkpoint-sealed">;
    step: z.ZodNumber;
    path: z.ZodString;
    bytes: z.ZodNumber;
    seconds: z.ZodNumber;
    why: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"checkpoint-refused">;
    step: z.ZodNumber;
    path: z.ZodString;
    reason: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"checkpoint-pruned">;
    step: z.ZodNumber;
    path: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"obeyed">;
    desired: z.ZodEnum<{
        rest: "rest";
        run: "run";
        stop: "stop";
    }>;
    why: z.ZodString;
    pace: z.ZodNumber;
    checkpointRequest: z.ZodNumber;
    leaseStale: z.ZodBoolean;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"stopped">;
    step: z.ZodNumber;
    why: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"train-finished">;
    steps: z.ZodNumber;
    firstLoss: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    lastLoss: z.ZodUnion<readonly [z.ZodNumber, z.ZodEnum<{
        [-Infinity]: "-Infinity";
        Infinity: "Infinity";
        NaN: "NaN";
    }>]>;
    tokens: z.ZodNumber;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"answered">;
    stage: z.ZodEnum<{
        after: "after";
        before: "before";
    }>;
    prompt: z.ZodString;
    category: z.ZodString;
    text: z.ZodString;
    answer: z.ZodString;
    tokens: z.ZodNumber;
    stop: z.ZodEnum<{
        end: "end";
        length: "length";
    }>;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"answers-finished">;
    stage: z.ZodEnum<{
        after: "after";
        before: "before";
    }>;
    answers: z.ZodNumber;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"merge-progress">;
    doneTensors: z.ZodNumber;
    totalTensors: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"merged">;
    path: z.ZodString;
    step: z.ZodNumber;
    bytes: z.ZodNumber;
    tensors: z.ZodNumber;
    files: z.ZodArray<z.ZodString>;
    dequantized: z.ZodBoolean;
    kQuantizable: z.ZodBoolean;
    seconds: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"warned">;
    kind: z.ZodString;
    message: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"failed">;
    fault: z.ZodObject<{
        kind: z.ZodString;
        message: z.ZodString;
        next: z.ZodString;
    }, z.core.$strip>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"kept">;
    verb: z.ZodEnum<{
        answer: "answer";
        fetch: "fetch";
        merge: "merge";
        prepare: "prepare";
        train: "train";
    }>;
    pid: z.ZodNumber;
    keeperPid: z.ZodNumber;
    token: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"engine-restarted">;
    pid: z.ZodNumber;
    count: z.ZodNumber;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"campaign-created">;
    campaign: z.ZodString;
    name: z.ZodString;
    data: z.ZodString;
    model: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"run-added">;
    run: z.ZodString;
    name: z.ZodString;
    campaign: z.ZodString;
    kind: z.ZodEnum<{
        full: "full";
        practice: "practice";
        quick: "quick";
    }>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"run-closed">;
    run: z.ZodString;
    outcome: z.ZodEnum<{
        finished: "finished";
        stopped: "stopped";
    }>;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"run-reopened">;
    run: z.ZodString;
}, z.core.$strip>, z.ZodObject<{
    type: z.ZodLiteral<"version-deployed">;
    name: z.ZodString;
    run: z.ZodString;
    candidate: z.ZodString;
    previous: z.ZodNullable<z.ZodString>;
    digest: z.ZodString;
}, z.core.$strip>], "type">;
export type Envelope = z.infer<typeof envelope>;
export type EventBody = z.infer<typeof eventBodySchema>;
export type Event = Envelope & EventBody;
/** One line of a journal. Unknown fields are dropped, so that an older Thortime can read a newer journal's known parts. */
export declare const eventSchema: z.ZodType<Event>;
export type EventOf<T extends EventBody["type"]> = Extract<Event, {
    type: T;
}>;
export type Phase = z.infer<typeof phaseSchema>;
export type Verb = z.infer<typeof verbSchema>;
export type Desired = z.infer<typeof desiredSchema>;
export type Figure = z.infer<typeof figure>;
export type Fault = z.infer<typeof faultSchema>;
/** The order in which a run goes through its phases. */
export declare const PHASES: readonly Phase[];
/** The number behind a figure, so that arithmetic and comparison see NaN as NaN. */
export declare function toNumber(value: Figure): number;
export {};
