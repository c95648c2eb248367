/** The fold. Live view, crash recovery, history and tests are all `entries.reduce(reduce, EMPTY_RUN)`. */
import { addPoint, dropAfter } from "./curve.ts";
import { addEnergy } from "./evening/energy.ts";
import { foldTiming } from "./evening/timing.ts";
import { type Event, type EventOf, type Phase, toNumber } from "./events.ts";
import type { Entry } from "./journal.ts";
import { progressMark } from "./stall.ts";
import {
  ANSWERS_KEPT,
  type Answer,
  CHECKPOINTS_KEPT,
  EXITS_KEPT,
  HAPPENINGS_KEPT,
  type HappeningEvent,
  HELD_OUT_KEPT,
  type PhaseState,
  RECENT_STEPS,
  type RunState,
} from "./state.ts";

export function reduce(state: RunState, entry: Entry): RunState {
  if ("damage" in entry) return { ...state, damages: state.damages + 1 };
  const { event } = entry;
  const next = apply(state, event);
  const happenings = isHappening(event) ? keep(next.happenings, { at: event.at, event }, HAPPENINGS_KEPT) : next.happenings;
  return { ...next, lastAt: event.at, timing: foldTiming(state.timing, event), happenings };
}

function apply(state: RunState, event: Event): RunState {
  switch (event.type) {
    case "run-created":
      return {
        ...state,
        id: event.run,
        name: event.name,
        campaign: event.campaign,
        kind: event.kind,
        model: event.model,
        deployAs: event.deployAs,
        createdAt: event.at,
        parent: event.parent ?? null,
      };
    case "phase-started":
      return {
        ...withPhase(state, event.phase, { status: "running", startedAt: event.at, fault: null, why: null }),
        succeeded: without(state.succeeded, event.phase),
        exits: [],
        progress: null,
        pendingFault: null,
        space: null,
      };
    case "phase-finished":
      return { ...withPhase(state, event.phase, { status: "done", seconds: event.seconds }), progress: null, space: null };
    case "phase-skipped":
      return { ...withPhase(state, event.phase, { status: "skipped", why: event.why }), progress: null };
    case "phase-failed":
      return { ...withPhase(state, event.phase, { status: "failed", fault: event.fault }), progress: null, pendingFault: null, space: null };
    case "spawned":
      return {
        ...state,
        process: { verb: event.verb, pid: event.pid, start: event.start, token: event.token, boot: event.boot },
        attempt: Math.max(state.attempt + 1, event.attempt),
        sealedBefore: state.sealed,
        obeyed: null,
        stalled: null,
      };
    case "exited":
      return exited(state, event);
    case "stalled":
      return { ...state, stalled: { stage: event.stage, seconds: event.seconds, mark: progressMark(state) } };
    case "unstalled":
      return { ...state, stalled: null };
    case "space-needed":
      return { ...state, space: { waiting: true, neededBytes: event.neededBytes, freeBytes: event.freeBytes } };
    case "space-returned":
      return { ...state, pendingFault: null, space: { waiting: false, neededBytes: state.space?.neededBytes ?? 0, freeBytes: event.freeBytes } };
    case "plan-revised":
      return { ...state, revision: event };
    case "asked":
      return asked(state, event);
    case "fetch-progress":
      return { ...state, progress: { phase: "fetch", task: event.file, done: event.doneBytes, total: event.totalBytes } };
    case "fetched":
      return succeed(state, "fetch");
    case "prepared":
      return { ...succeed(state, "prepare"), prepared: event, totalSteps: event.steps };
    case "loaded":
      return { ...state, loaded: event };
    case "train-started":
      return { ...state, totalSteps: event.totalSteps };
    case "resumed":
      return rewind(state, event.fromStep);
    case "step":
      return stepped(state, event);
    case "evaluated":
      return {
        ...state,
        longestPauseSeconds: Math.max(state.longestPauseSeconds, event.seconds),
        heldOut: keep(
          state.heldOut.filter((point) => point.step < event.step),
          { step: event.step, loss: event.loss, rows: event.rows },
          HELD_OUT_KEPT,
        ),
      };
    case "held-out-compared":
      return { ...state, comparison: event };
    case "memory":
      return { ...state, memory: event, peakBytes: Math.max(state.peakBytes, event.peakBytes, event.residentBytes) };
    case "checkpoint-sealed":
      return {
        ...state,
        sealed: state.sealed + 1,
        longestPauseSeconds: Math.max(state.longestPauseSeconds, event.seconds),
        checkpoints: keep(
          state.checkpoints.filter((c) => c.step !== event.step),
          {
            step: event.step,
            path: event.path,
            bytes: event.bytes,
            at: event.at,
            view: state.step?.step === event.step ? state.step : null,
            tokens: state.tokens,
          },
          CHECKPOINTS_KEPT,
        ),
      };
    case "checkpoint-refused":
    case "checkpoint-pruned":
      return { ...state, checkpoints: state.checkpoints.filter((c) => c.step !== event.step) };
    case "obeyed":
      return { ...state, obeyed: { desired: event.desired, why: event.why, pace: event.pace } };
    case "train-finished":
      return { ...succeed(state, "train"), trained: event };
    case "answered":
      return { ...state, answers: answered(state.answers, event) };
    case "answers-finished":
      return succeed(state, event.stage);
    case "merge-progress":
      return { ...state, progress: { phase: "merge", task: "tensors", done: event.doneTensors, total: event.totalTensors } };
    case "merged":
      return { ...succeed(state, "merge"), merged: event };
    case "export-progress":
      return { ...state, progress: { phase: "export", task: event.task, done: event.doneBytes, total: event.totalBytes } };
    case "candidate-created":
      return { ...state, candidate: event };
    case "gguf-written":
      return { ...state, gguf: event };
    case "smoke-tested":
      return { ...state, smoke: event };
    case "deployed":
      return { ...state, deployed: event };
    case "failed":
      return { ...state, pendingFault: event.fault };
    case "energy":
      return { ...state, energy: addEnergy(state.energy, event) };
    case "forecast":
      return { ...state, forecast: event };
    case "run-ended":
      return { ...state, ended: event, child: event.child ?? state.child, asked: { ...state.asked, pause: false } };
    case "stopped":
    case "warned":
    case "kept":
    case "engine-restarted":
    case "campaign-created":
    case "run-added":
    case "run-closed":
    case "run-reopened":
    case "version-deployed":
    case "schedule-set":
    case "schedule-cleared":
    case "night-checked":
    case "night-skipped":
    case "night-started":
    case "night-ended":
    case "night-missed":
    case "battery-paused":
    case "battery-over":
    case "notice":
    case "notified":
    case "notice-seen":
      return state;
  }
}

function withPhase(state: RunState, phase: Phase, change: Partial<PhaseState>): RunState {
  return { ...state, phases: { ...state.phases, [phase]: { ...state.phases[phase], ...change } } };
}

function succeed(state: RunState, phase: Phase): RunState {
  return { ...state, succeeded: [...without(state.succeeded, phase), phase] };
}

function without(phases: readonly Phase[], phase: Phase): readonly Phase[] {
  return phases.filter((other) => other !== phase);
}

function exited(state: RunState, event: EventOf<"exited">): RunState {
  if (state.process?.token !== event.token) return state;
  const { at, verb, code, signal } = event;
  const cause = event.cause ?? null;
  const outOfMemory = cause === "memory-kill";
  return {
    ...state,
    process: null,
    obeyed: null,
    stalled: null,
    exits: keep(state.exits, { at, verb, code, signal, cause }, EXITS_KEPT),
    memoryKills: state.memoryKills + (outOfMemory && verb === "train" ? 1 : 0),
    // A verb that says it ran out of memory is answered as one that was killed for it.
    pendingFault: outOfMemory ? null : state.pendingFault,
  };
}

function asked(state: RunState, event: EventOf<"asked">): RunState {
  const { asked } = state;
  switch (event.command) {
    case "pause":
      return { ...state, asked: { ...asked, pause: true } };
    case "stop":
      return { ...state, asked: { ...asked, stop: true } };
    case "checkpoint":
      return { ...state, asked: { ...asked, checkpoints: asked.checkpoints + 1 } };
    case "resume":
      return reopen({ ...state, asked: { ...asked, pause: false, stop: false }, exits: [] }, (status) => status === "failed");
    case "export":
    case "deploy":
      return reopenForExport(state, event);
  }
}

/** Phases that match go back to waiting; what was done stays done. */
function reopen(state: RunState, which: (status: PhaseState["status"], phase: Phase) => boolean): RunState {
  const phases = Object.fromEntries(
    Object.entries(state.phases).map(([phase, value]) => [
      phase,
      which(value.status, phase as Phase) ? { ...value, status: "waiting", fault: null, why: null } : value,
    ]),
  ) as RunState["phases"];
  return { ...state, phases, ended: null, pendingFault: null, space: null };
}

/** `export` and `deploy` on an ended run: training stays as it is, what comes after it is done (again). */
function reopenForExport(state: RunState, event: EventOf<"asked">): RunState {
  const again: readonly Phase[] = event.command === "deploy" ? ["after", "merge", "export", "deploy"] : ["after", "merge", "export"];
  // The candidate is gone from Ollama once its turn is over, so both of its phases are done again whenever they are asked for.
  const remake = (phase: Phase) => phase === "export" || phase === "deploy";
  const opened = reopen(state, (status, phase) => again.includes(phase) && (status !== "done" || remake(phase)));
  const trained =
    opened.phases.train.status === "done" ? opened : withPhase(opened, "train", { status: "skipped", why: "stopped early; the newest checkpoint is used" });
  const closed =
    event.command === "export" && trained.phases.deploy.status === "waiting"
      ? withPhase(trained, "deploy", { status: "skipped", why: "not asked for" })
      : trained;
  return { ...closed, asked: { ...closed.asked, pause: false, stop: false }, deployAs: event.as ?? closed.deployAs };
}

/** What stood after `fromStep` was lost with the process and is done again: after it, each step is here once. */
function rewind(state: RunState, fromStep: number): RunState {
  const from = state.checkpoints.find((checkpoint) => checkpoint.step === fromStep);
  const ahead = state.step !== null && state.step.step > fromStep;
  return {
    ...state,
    step: ahead ? (from?.view ?? null) : state.step,
    firstLoss: fromStep === 0 ? null : state.firstLoss,
    tokens: fromStep === 0 ? 0 : (from?.tokens ?? state.tokens),
    checkpoints: state.checkpoints.filter((checkpoint) => checkpoint.step <= fromStep),
    curve: dropAfter(state.curve, fromStep),
    heldOut: state.heldOut.filter((point) => point.step <= fromStep),
    recent: [],
    trained: null,
    succeeded: without(state.succeeded, "train"),
  };
}

function stepped(state: RunState, event: EventOf<"step">): RunState {
  const { step, epoch, loss, gradNorm, learningRate, at, seconds, restSeconds, tokens } = event;
  return {
    ...state,
    step: { step, epoch, loss, gradNorm, learningRate, at },
    firstLoss: state.firstLoss ?? loss,
    curve: addPoint(state.curve, step, toNumber(loss)),
    recent: keep(state.recent, { seconds, restSeconds, tokens }, RECENT_STEPS),
    tokens: state.tokens + tokens,
    trainSeconds: state.trainSeconds + seconds,
  };
}

function answered(answers: readonly Answer[], event: EventOf<"answered">): readonly Answer[] {
  const old = answers.find((answer) => answer.prompt === event.prompt);
  const next: Answer = {
    prompt: event.prompt,
    category: event.category,
    text: event.text,
    before: old?.before ?? null,
    after: old?.after ?? null,
    [event.stage]: event.answer,
  };
  return old ? answers.map((answer) => (answer === old ? next : answer)) : keep(answers, next, ANSWERS_KEPT);
}

function keep<T>(list: readonly T[], item: T, limit: number): readonly T[] {
  return list.length < limit ? [...list, item] : [...list.slice(list.length - limit + 1), item];
}

const HAPPENINGS: ReadonlySet<string> = new Set<HappeningEvent["type"]>([
  "phase-started",
  "phase-finished",
  "phase-skipped",
  "phase-failed",
  "asked",
  "checkpoint-sealed",
  "checkpoint-refused",
  "resumed",
  "stopped",
  "warned",
  "failed",
  "exited",
  "deployed",
  "smoke-tested",
  "gguf-written",
  "obeyed",
  "run-ended",
  "stalled",
  "unstalled",
  "space-needed",
  "space-returned",
  "plan-revised",
]);

function isHappening(event: Event): event is HappeningEvent {
  return HAPPENINGS.has(event.type);
}
