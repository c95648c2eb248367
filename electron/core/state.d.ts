/** What a journal amounts to. Every field comes from an event; nothing here is computed from a clock. */
import { type Curve } from "./curve.ts";
import { type Desired, type EventOf, type Fault, type Figure, type Phase, type Verb } from "./events.ts";
export type PhaseStatus = "waiting" | "running" | "done" | "skipped" | "failed";
export interface PhaseState {
    readonly status: PhaseStatus;
    readonly startedAt: number | null;
    readonly seconds: number | null;
    readonly why: string | null;
    readonly fault: Fault | null;
}
export interface ProcessState {
    readonly verb: Verb;
    readonly pid: number;
    readonly start: string;
    readonly token: string;
}
export interface Answer {
    readonly prompt: string;
    readonly category: string;
    readonly text: string;
    readonly before: string | null;
    readonly after: string | null;
}
export interface Happening {
    readonly at: number;
    readonly event: HappeningEvent;
}
/** Events worth a line in "what happened"; the frequent ones are not. */
export type HappeningEvent = EventOf<"phase-started" | "phase-finished" | "phase-skipped" | "phase-failed" | "asked" | "checkpoint-sealed" | "checkpoint-refused" | "resumed" | "stopped" | "warned" | "failed" | "exited" | "deployed" | "smoke-tested" | "gguf-written" | "obeyed" | "run-ended">;
export interface Checkpoint {
    readonly step: number;
    readonly path: string;
    readonly bytes: number;
    readonly at: number;
    /** How far the fold was when this was sealed: where a run resumed from here goes on. */
    readonly view: StepView | null;
    readonly tokens: number;
}
export interface StepView {
    readonly step: number;
    readonly epoch: number;
    readonly loss: Figure;
    readonly gradNorm: Figure;
    readonly learningRate: number;
    readonly at: number;
}
export interface RunState {
    readonly id: string;
    readonly name: string;
    readonly campaign: string;
    readonly kind: "practice" | "quick" | "full";
    readonly model: string;
    readonly deployAs: string | null;
    readonly createdAt: number;
    readonly phases: Readonly<Record<Phase, PhaseState>>;
    readonly process: ProcessState | null;
    /** How many processes were started for this run; every line carries the one it belongs to. */
    readonly attempt: number;
    /** Last exits, newest last, at most `EXITS_KEPT`: the restart policy's evidence. */
    readonly exits: readonly {
        readonly at: number;
        readonly verb: Verb;
        readonly code: number | null;
        readonly signal: string | null;
    }[];
    /** Phases whose success event stands in the journal; the engine closes them from here, never from an exit code. */
    readonly succeeded: readonly Phase[];
    /** A failure journalled by a verb and not yet turned into a failed phase. */
    readonly pendingFault: Fault | null;
    readonly asked: {
        readonly pause: boolean;
        readonly stop: boolean;
        readonly checkpoints: number;
    };
    readonly obeyed: {
        readonly desired: Desired;
        readonly why: string;
        readonly pace: number;
    } | null;
    readonly prepared: EventOf<"prepared"> | null;
    readonly loaded: EventOf<"loaded"> | null;
    readonly step: StepView | null;
    readonly totalSteps: number;
    readonly firstLoss: Figure | null;
    readonly curve: Curve;
    readonly heldOut: readonly {
        readonly step: number;
        readonly loss: Figure;
        readonly rows: number;
    }[];
    readonly comparison: EventOf<"held-out-compared"> | null;
    /** Newest steps for speed and ETA, at most `RECENT_STEPS`. */
    readonly recent: readonly {
        readonly seconds: number;
        readonly restSeconds: number;
        readonly tokens: number;
    }[];
    /** Tokens of the steps that stand; steps that were done again count once. */
    readonly tokens: number;
    /** Working time of all steps, those that were done again included: it was spent. */
    readonly trainSeconds: number;
    readonly memory: EventOf<"memory"> | null;
    readonly peakBytes: number;
    readonly checkpoints: readonly Checkpoint[];
    readonly sealed: number;
    readonly trained: EventOf<"train-finished"> | null;
    readonly answers: readonly Answer[];
    readonly progress: {
        readonly phase: Phase;
        readonly task: string;
        readonly done: number;
        readonly total: number;
    } | null;
    readonly merged: EventOf<"merged"> | null;
    readonly candidate: EventOf<"candidate-created"> | null;
    readonly gguf: EventOf<"gguf-written"> | null;
    readonly smoke: EventOf<"smoke-tested"> | null;
    readonly deployed: EventOf<"deployed"> | null;
    readonly ended: EventOf<"run-ended"> | null;
    readonly happenings: readonly Happening[];
    readonly damages: number;
    readonly lastAt: number;
}
export declare const HAPPENINGS_KEPT = 200;
export declare const RECENT_STEPS = 50;
export declare const CHECKPOINTS_KEPT = 50;
export declare const HELD_OUT_KEPT = 500;
export declare const ANSWERS_KEPT = 200;
export declare const EXITS_KEPT = 10;
export declare const EMPTY_RUN: RunState;
