/** What a journal amounts to. Every field comes from an event; nothing here is computed from a clock. */
import { type Curve, EMPTY_CURVE } from "./curve.ts";
import type { PlanCut } from "./evening/cut.ts";
import { type Drawn, NOTHING_DRAWN } from "./evening/energy.ts";
import { NO_TIMING, type Timing } from "./evening/timing.ts";
import type { Window } from "./evening/window.ts";
import { type Cause, type Desired, type EventOf, type Fault, type Figure, PHASES, type Phase, type Verb } from "./events.ts";
import type { Origin } from "./origin.ts";
import { NO_SWAP_WRITES, type SwapWrites } from "./swap-writes.ts";
import { NO_TALLY, type Tally } from "./tally.ts";
import type { Decision } from "./verdict/judgement.ts";

export type PhaseStatus = "waiting" | "running" | "done" | "skipped" | "failed";

export interface PhaseState {
  readonly status: PhaseStatus;
  readonly startedAt: number | null;
  readonly seconds: number | null;
  readonly why: string | null;
  /** What the gate said when it was that which left the phase out. */
  readonly held: Decision | null;
  readonly fault: Fault | null;
}

export interface ProcessState {
  readonly verb: Verb;
  readonly pid: number;
  readonly start: string;
  readonly token: string;
  /** The boot of the machine it was started in: no process lives through another one. */
  readonly boot: string;
}

export interface Exit {
  readonly at: number;
  readonly verb: Verb;
  readonly code: number | null;
  readonly signal: string | null;
  /** Null in journals from before causes were known. */
  readonly cause: Cause | null;
  /** How many checkpoints the run had sealed by then: whether the one after it got further. */
  readonly sealed: number;
}

export interface Answer {
  readonly prompt: string;
  readonly category: string;
  readonly text: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of the Ollama model in daily use. */
  readonly baseline: string | null;
  /** How each answer ended; "length" was cut off. */
  readonly beforeStop: "end" | "length" | null;
  readonly afterStop: "end" | "length" | null;
  readonly baselineStop: "end" | "length" | null;
}

export type BlindPick = Pick<EventOf<"blind-picked">, "prompt" | "against" | "pick">;

export interface Happening {
  readonly at: number;
  readonly event: HappeningEvent;
}
/** Events worth a line in "what happened"; the frequent ones are not. */
export type HappeningEvent = EventOf<
  | "phase-started"
  | "phase-finished"
  | "phase-skipped"
  | "phase-failed"
  | "asked"
  | "checkpoint-sealed"
  | "checkpoint-refused"
  | "resumed"
  | "stopped"
  | "warned"
  | "failed"
  | "exited"
  | "deployed"
  | "smoke-tested"
  | "parity-tested"
  | "latency-tested"
  | "persona-tested"
  | "gguf-written"
  | "obeyed"
  | "run-ended"
  | "stalled"
  | "unstalled"
  | "space-needed"
  | "space-returned"
  | "plan-cut"
  | "plan-revised"
  | "calibrated"
  | "judged"
  | "campaign-advanced"
  | "governed"
  | "awake"
  | "power"
  | "memory-eased"
  | "held-out-worsened"
  | "checkpoint-chosen"
  | "baseline-asked"
>;

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

export interface RecentStep {
  readonly seconds: number;
  readonly restSeconds: number;
  readonly tokens: number;
  readonly paddedTokens?: number;
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
  readonly exits: readonly Exit[];
  /** How often micro-batches were made smaller because memory ran short, before anything was killed. */
  readonly memoryEased: number;
  /** Who keeps the machine awake for which process. */
  readonly awake: EventOf<"awake"> | null;
  /** Written to the disk by swapping while this run's processes lived; `counter` null before the first look. */
  readonly swapWrites: SwapWrites & { readonly known: boolean };
  /** How often training was ended for want of memory: the rung of the ladder it stands on (ladder.ts). */
  readonly memoryKills: number;
  /** Phases whose success event stands in the journal; the engine closes them from here, never from an exit code. */
  readonly succeeded: readonly Phase[];
  /** A failure journalled by a verb and not yet turned into a failed phase. */
  readonly pendingFault: Fault | null;
  /** What the disk lacked when it was last full in this phase; `waiting` until it came back. */
  readonly space: { readonly waiting: boolean; readonly neededBytes: number; readonly freeBytes: number } | null;
  /** The living process makes no progress; `mark` is where it stood (stall.ts). */
  readonly stalled: { readonly stage: 1 | 2 | 3; readonly seconds: number; readonly mark: string } | null;
  /** How the trainer last changed its batch plan. */
  readonly revision: EventOf<"plan-revised"> | null;
  /** What its person took from the plan before training began. */
  readonly cut: PlanCut | null;
  /** What the micro-batches were measured to cost here, and how steps are cut since. */
  readonly calibration: EventOf<"calibrated"> | null;
  readonly parent: string | null;
  readonly from: Origin | null;
  /** What follows when the gate says GO, and the run that it became. */
  readonly next: { readonly name: string; readonly window: Window | null } | null;
  readonly nextRun: string | null;
  /** A person has seen the verdict and wants what follows all the same. */
  readonly wentAhead: boolean;
  readonly child: string | null;
  readonly asked: { readonly pause: boolean; readonly stop: boolean; readonly checkpoints: number };
  readonly obeyed: { readonly desired: Desired; readonly why: string; readonly pace: number } | null;
  readonly prepared: EventOf<"prepared"> | null;
  readonly loaded: EventOf<"loaded"> | null;
  readonly step: StepView | null;
  readonly totalSteps: number;
  readonly firstLoss: Figure | null;
  readonly curve: Curve;
  readonly heldOut: readonly { readonly step: number; readonly loss: Figure; readonly rows: number }[];
  readonly comparison: EventOf<"held-out-compared"> | null;
  readonly stability: EventOf<"held-out-stability"> | null;
  readonly heldOutByCategory: EventOf<"held-out-by-category"> | null;
  readonly worsened: EventOf<"held-out-worsened"> | null;
  /** Newest early tests, oldest first, at most `EARLY_TESTS_KEPT`. */
  readonly earlyTests: readonly EventOf<"early-tested">[];
  readonly chosen: EventOf<"checkpoint-chosen"> | null;
  /** The gate's newest judgement; none while it has to be judged. */
  readonly judged: EventOf<"judged"> | null;
  /** A person asked for the deployment after that judgement, which did not say GO. */
  readonly overruled: boolean;
  /** Newest steps for speed and ETA, at most `RECENT_STEPS`. */
  readonly recent: readonly RecentStep[];
  /** Steps ever journalled, those that were done again included: what tells newer steps from older ones. */
  readonly stepsSeen: number;
  /** How long steps, evaluations and seals took: what the forecast is made of. */
  readonly timing: Timing;
  /** Drawn while this run worked and an engine looked. */
  readonly energy: Drawn;
  readonly forecast: EventOf<"forecast"> | null;
  /** Tokens of the steps that stand; steps that were done again count once. */
  readonly tokens: number;
  /** Working time of all steps, those that were done again included: it was spent. */
  readonly trainSeconds: number;
  /** Resting time of all steps. */
  readonly restSeconds: number;
  /** The longest checkpoint or evaluation so far: between two steps, so it is no stall. */
  readonly longestPauseSeconds: number;
  readonly memory: EventOf<"memory"> | null;
  readonly peakBytes: number;
  /** Newest look at the machine, and the newest order that followed from one. */
  readonly conditions: EventOf<"conditions"> | null;
  readonly governed: EventOf<"governed"> | null;
  /** Temperature in °C and pace in % (0 while resting) over time; a point's place is its half minute since the run began, from 1 on. */
  readonly temperature: Curve;
  readonly pace: Curve;
  readonly checkpoints: readonly Checkpoint[];
  readonly sealed: number;
  /** `sealed` when the newest process was started: whether that one got further. */
  readonly sealedBefore: number;
  readonly trained: EventOf<"train-finished"> | null;
  readonly answers: readonly Answer[];
  /** Persona prompts asked again with sampling, at most `REPEATS_KEPT`. */
  readonly repeats: readonly EventOf<"answer-repeated">[];
  readonly knowledge: EventOf<"knowledge-compared"> | null;
  /** The Ollama model in daily use; `asked` once it was, or could not be. */
  readonly baseline: { readonly name: string; readonly asked: EventOf<"baseline-asked"> | null } | null;
  readonly progress: { readonly phase: Phase; readonly task: string; readonly done: number; readonly total: number } | null;
  readonly merged: EventOf<"merged"> | null;
  readonly candidate: EventOf<"candidate-created"> | null;
  /** Ollama was asked for a candidate, so there may be one; the run's end discards it. */
  readonly candidateAsked: boolean;
  readonly gguf: EventOf<"gguf-written"> | null;
  readonly smoke: EventOf<"smoke-tested"> | null;
  /** What the newest candidate was found to be in Ollama, and whether a person wanted it all the same (verdict/deploy-lines.ts). */
  readonly parity: EventOf<"parity-tested"> | null;
  readonly latency: EventOf<"latency-tested"> | null;
  readonly persona: EventOf<"persona-tested"> | null;
  readonly testsOverruled: boolean;
  /** One at most for each prompt and what it stood beside (blind.ts). */
  readonly picks: readonly BlindPick[];
  readonly deployed: EventOf<"deployed"> | null;
  readonly ended: EventOf<"run-ended"> | null;
  /** The newest morning report, and whether something has happened since that it does not tell of. */
  readonly reported: { readonly event: EventOf<"reported">; readonly stale: boolean } | null;
  /** What the whole run went through, counted. */
  readonly tally: Tally;
  readonly happenings: readonly Happening[];
  readonly damages: number;
  readonly lastAt: number;
}

/** With these a snapshot as it is sent (packed.ts) stays under 64 kB however long the journal is; more than 20 answers add their own bytes. */
export const HAPPENINGS_KEPT = 50;
export const TAIL_LINES = 2;
export const TAIL_CHARACTERS = 200;
export const RECENT_STEPS = 50;
export const CHECKPOINTS_KEPT = 20;
export const HELD_OUT_KEPT = 100;
export const ANSWERS_KEPT = 200;
/** Each prompt once against each of the two others. */
export const PICKS_KEPT = 400;
export const REPEATS_KEPT = 60;
export const EARLY_TESTS_KEPT = 8;
export const EXITS_KEPT = 10;

const WAITING: PhaseState = { status: "waiting", startedAt: null, seconds: null, why: null, held: null, fault: null };

export const EMPTY_RUN: RunState = {
  id: "",
  name: "",
  campaign: "",
  kind: "full",
  model: "",
  deployAs: null,
  createdAt: 0,
  phases: Object.fromEntries(PHASES.map((phase) => [phase, WAITING])) as Record<Phase, PhaseState>,
  process: null,
  attempt: 0,
  exits: [],
  memoryKills: 0,
  memoryEased: 0,
  awake: null,
  swapWrites: { ...NO_SWAP_WRITES, known: false },
  succeeded: [],
  pendingFault: null,
  space: null,
  stalled: null,
  revision: null,
  cut: null,
  calibration: null,
  parent: null,
  child: null,
  from: null,
  next: null,
  nextRun: null,
  wentAhead: false,
  asked: { pause: false, stop: false, checkpoints: 0 },
  obeyed: null,
  prepared: null,
  loaded: null,
  step: null,
  totalSteps: 0,
  firstLoss: null,
  curve: EMPTY_CURVE,
  heldOut: [],
  comparison: null,
  stability: null,
  heldOutByCategory: null,
  worsened: null,
  earlyTests: [],
  chosen: null,
  judged: null,
  overruled: false,
  recent: [],
  stepsSeen: 0,
  timing: NO_TIMING,
  energy: NOTHING_DRAWN,
  forecast: null,
  tokens: 0,
  trainSeconds: 0,
  restSeconds: 0,
  longestPauseSeconds: 0,
  memory: null,
  peakBytes: 0,
  conditions: null,
  governed: null,
  temperature: EMPTY_CURVE,
  pace: EMPTY_CURVE,
  checkpoints: [],
  sealed: 0,
  sealedBefore: 0,
  trained: null,
  answers: [],
  repeats: [],
  knowledge: null,
  baseline: null,
  progress: null,
  merged: null,
  candidate: null,
  candidateAsked: false,
  gguf: null,
  smoke: null,
  parity: null,
  latency: null,
  persona: null,
  testsOverruled: false,
  picks: [],
  deployed: null,
  ended: null,
  reported: null,
  tally: NO_TALLY,
  happenings: [],
  damages: 0,
  lastAt: 0,
};
