/** The fold. Live view, crash recovery, history and tests are all `reduceAll(EMPTY_RUN, entries)`. */
import { addPoint, addPointTo, copyCurve, dropAfter, type OwnCurve } from "./curve.ts";
import { addCut } from "./evening/cut.ts";
import { addEnergy } from "./evening/energy.ts";
import { addStepTo, foldTiming, type StepTime } from "./evening/timing.ts";
import { type Event, type EventOf, type Phase, toNumber } from "./events.ts";
import type { Entry } from "./journal.ts";
import { isNews } from "./report/due.ts";
import { progressMark } from "./stall.ts";
import {
  ANSWERS_KEPT,
  type Answer,
  CHECKPOINTS_KEPT,
  EARLY_TESTS_KEPT,
  EXITS_KEPT,
  HAPPENINGS_KEPT,
  type Happening,
  type HappeningEvent,
  HELD_OUT_KEPT,
  type PhaseState,
  PICKS_KEPT,
  RECENT_STEPS,
  REPEATS_KEPT,
  type RecentStep,
  type RunState,
  TAIL_CHARACTERS,
  TAIL_LINES,
} from "./state.ts";
import { addSwapWrites } from "./swap-writes.ts";
import { foldTally } from "./tally.ts";
import { holdsBack } from "./verdict/deploy-lines.ts";

/** What one event changes; everything else stays. */
type Change = Partial<RunState>;
const NOTHING: Change = {};
/** A state that nobody else has seen yet, and which of its lists are not shared with anybody either. */
interface Draft {
  readonly state: { -readonly [Field in keyof RunState]: RunState[Field] };
  curve: OwnCurve | null;
  recent: RecentStep[] | null;
  timed: StepTime[] | null;
}

export function reduce(state: RunState, entry: Entry): RunState {
  return reduceAll(state, [entry]);
}

/** The same for many entries at once: the state is copied once, and not for each of them. */
export function reduceAll(state: RunState, entries: readonly Entry[]): RunState {
  if (entries.length === 0) return state;
  const draft: Draft = { state: { ...state }, curve: null, recent: null, timed: null };
  for (const entry of entries) {
    if ("damage" in entry) draft.state.damages += 1;
    else take(draft, entry.event);
  }
  return draft.state;
}

function take(draft: Draft, event: Event): void {
  const { state } = draft;
  if (event.type === "step") addStep(draft, event);
  else {
    Object.assign(state, changeOf(state, event));
    state.timing = foldTiming(state.timing, event);
  }
  state.tally = foldTally(state.tally, event);
  if (state.reported && !state.reported.stale && isNews(event)) state.reported = { ...state.reported, stale: true };
  state.lastAt = event.at;
  if (isHappening(event)) state.happenings = happened(state.happenings, short(event));
}

/** Of a million events nearly all are steps: this one changes the draft itself. */
function addStep(draft: Draft, event: EventOf<"step">): void {
  const { state } = draft;
  const { step, epoch, loss, gradNorm, learningRate, at, seconds, restSeconds, tokens, paddedTokens } = event;
  if (draft.curve === null || draft.curve !== state.curve) draft.curve = copyCurve(state.curve);
  addPointTo(draft.curve, step, toNumber(loss));
  if (draft.recent === null || draft.recent !== state.recent) draft.recent = [...state.recent];
  draft.recent.push({ seconds, restSeconds, tokens, paddedTokens });
  if (draft.recent.length > RECENT_STEPS) draft.recent.shift();
  if (draft.timed === null || draft.timed !== state.timing.steps) draft.timed = [...state.timing.steps];
  state.timing = addStepTo(state.timing, draft.timed, event);
  state.curve = draft.curve;
  state.recent = draft.recent;
  state.step = { step, epoch, loss, gradNorm, learningRate, at };
  state.firstLoss ??= loss;
  state.tokens += tokens;
  state.trainSeconds += seconds;
  state.restSeconds += restSeconds;
  state.stepsSeen += 1;
}

function changeOf(state: RunState, event: Exclude<Event, { type: "step" }>): Change {
  switch (event.type) {
    case "run-created":
      return created(event);
    case "cleared":
      return cleared(state);
    case "imported":
      return imported(state, event);
    case "phase-started":
      return {
        ...withPhase(state, event.phase, { status: "running", startedAt: event.at, fault: null, why: null, held: null }),
        succeeded: without(state.succeeded, event.phase),
        exits: [],
        progress: null,
        pendingFault: null,
        space: null,
      };
    case "phase-finished":
      return { ...withPhase(state, event.phase, { status: "done", seconds: event.seconds }), progress: null, space: null };
    case "phase-skipped":
      return { ...withPhase(state, event.phase, { status: "skipped", why: event.why, held: event.verdict ?? null }), progress: null };
    case "phase-failed":
      return { ...withPhase(state, event.phase, { status: "failed", fault: event.fault }), progress: null, pendingFault: null, space: null };
    case "spawned":
      return {
        process: { verb: event.verb, pid: event.pid, start: event.start, token: event.token, boot: event.boot },
        attempt: Math.max(state.attempt + 1, event.attempt),
        sealedBefore: state.sealed,
        obeyed: null,
        stalled: null,
        // What was swapped while none of ours lived was somebody else's.
        swapWrites: { ...state.swapWrites, counter: null },
      };
    case "exited":
      return exited(state, event);
    case "stalled":
      return { stalled: { stage: event.stage, seconds: event.seconds, mark: progressMark(state) } };
    case "unstalled":
      return { stalled: null };
    case "space-needed":
      return { space: { waiting: true, neededBytes: event.neededBytes, freeBytes: event.freeBytes } };
    case "space-returned":
      return { pendingFault: null, space: { waiting: false, neededBytes: state.space?.neededBytes ?? 0, freeBytes: event.freeBytes } };
    case "plan-cut":
      return cutBy(state, event);
    case "plan-revised":
      return { revision: event };
    case "calibrating":
      return { progress: { phase: "train", task: "calibrate", done: event.done, total: event.total } };
    case "calibrated":
      return calibrated(state, event);
    case "governed":
      return { governed: event };
    case "awake":
      return { awake: event };
    case "memory-eased":
      return event.microBatchTokens === null ? NOTHING : { memoryEased: state.memoryEased + 1 };
    case "conditions":
      return watched(state, event);
    case "asked":
      return asked(state, event);
    case "fetch-progress":
      return { progress: { phase: "fetch", task: event.file, done: event.doneBytes, total: event.totalBytes } };
    case "fetched":
      return succeed(state, "fetch");
    case "prepared":
      return { ...succeed(state, "prepare"), prepared: event, totalSteps: event.steps };
    case "loaded":
      return { loaded: event };
    case "train-started":
      return { totalSteps: event.totalSteps, progress: null, judged: null, overruled: false, wentAhead: false, testsOverruled: false };
    case "resumed":
      return rewind(state, event.fromStep);
    case "evaluated":
      return {
        longestPauseSeconds: Math.max(state.longestPauseSeconds, event.seconds),
        heldOut: keep(
          state.heldOut.filter((point) => point.step < event.step),
          { step: event.step, loss: event.loss, rows: event.rows },
          HELD_OUT_KEPT,
        ),
      };
    case "held-out-compared":
      return { comparison: event };
    case "held-out-stability":
      return { stability: event };
    case "held-out-by-category":
      return { heldOutByCategory: event };
    case "held-out-worsened":
      return { worsened: event };
    case "early-tested":
      return {
        earlyTests: keep(
          state.earlyTests.filter((one) => one.step < event.step),
          event,
          EARLY_TESTS_KEPT,
        ),
      };
    case "checkpoint-chosen":
      return { chosen: event };
    case "judged":
      return { judged: event };
    case "campaign-advanced":
      return { nextRun: event.run };
    case "memory":
      return { memory: event, peakBytes: Math.max(state.peakBytes, event.peakBytes, event.residentBytes) };
    case "checkpoint-sealed":
      return {
        sealed: state.sealed + 1,
        // What came back was enough for a checkpoint: the next full disk is another one.
        space: state.space?.waiting ? state.space : null,
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
      return { checkpoints: state.checkpoints.filter((c) => c.step !== event.step) };
    case "obeyed":
      return { obeyed: { desired: event.desired, why: event.why, pace: event.pace } };
    case "train-finished":
      return { ...succeed(state, "train"), trained: event };
    case "answered":
      return { answers: answered(state.answers, event), picks: stillMeant(state, event) };
    case "answer-repeated":
      return { repeats: repeated(state.repeats, event) };
    case "knowledge-compared":
      return { knowledge: event };
    case "baseline-asked":
      return { baseline: { name: event.name, asked: event } };
    case "answers-finished":
      return { ...succeed(state, event.stage), judged: null, overruled: false, wentAhead: false };
    case "merge-progress":
      return { progress: { phase: "merge", task: "tensors", done: event.doneTensors, total: event.totalTensors } };
    case "merged":
      return { ...succeed(state, "merge"), merged: event };
    case "export-progress":
      return {
        candidateAsked: state.candidateAsked || event.task === "create",
        progress: { phase: "export", task: event.task, done: event.doneBytes, total: event.totalBytes },
      };
    case "candidate-created":
      return { candidate: event, candidateAsked: true, parity: null, latency: null, persona: null };
    case "gguf-written":
      return { gguf: event };
    case "smoke-tested":
      return { smoke: event };
    case "parity-tested":
      return { parity: event };
    case "latency-tested":
      return { latency: event };
    case "persona-tested":
      return { persona: event };
    case "blind-picked":
      return { picks: picked(state.picks, event) };
    case "deployed":
      return { deployed: event };
    case "failed":
      return { pendingFault: event.fault };
    case "energy":
      return { energy: addEnergy(state.energy, event) };
    case "forecast":
      return { forecast: event };
    case "reported":
      return { reported: { event, stale: false } };
    case "run-ended":
      return { ended: event, child: event.child ?? state.child, candidateAsked: false, asked: { ...state.asked, pause: false } };
    case "stopped":
    case "display-slept":
    case "power":
    case "notice-sending":
    case "warned":
    case "kept":
    case "engine-restarted":
    case "campaign-created":
    case "run-added":
    case "run-closed":
    case "run-reopened":
    case "run-deleted":
    case "version-deployed":
    case "version-undo-begun":
    case "version-undone":
    case "version-removed":
    case "candidate-left":
    case "candidate-discarded":
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
      return NOTHING;
  }
}

function created({ run, name, campaign, kind, model, deployAs, at, parent, baseline, from, next }: EventOf<"run-created">): Change {
  return {
    id: run,
    name,
    campaign,
    kind,
    model,
    deployAs,
    createdAt: at,
    parent: parent ?? null,
    baseline: baseline === undefined ? null : { name: baseline, asked: null },
    from: from ?? null,
    next: next ?? null,
  };
}

const NOT_CARRIED: readonly Phase[] = ["fetch", "merge", "export", "deploy"];

/** What lies on another machine is not here: it would have to be made again. */
function imported(state: RunState, event: EventOf<"imported">): RunState {
  const phases = Object.fromEntries(
    Object.entries(state.phases).map(([phase, value]) => [
      phase,
      NOT_CARRIED.includes(phase as Phase) && value.status === "done" ? { ...value, status: "skipped", why: "it came without its models" } : value,
    ]),
  ) as RunState["phases"];
  return { ...state, id: event.run, phases, merged: null, candidate: null, candidateAsked: false, gguf: null, deployed: null, process: null };
}

const MADE_AGAIN: readonly Phase[] = ["merge", "export"];

/** What was deployed stays deployed; what it was made from would have to be made again. */
function cleared(state: RunState): RunState {
  const phases = Object.fromEntries(
    Object.entries(state.phases).map(([phase, value]) => [
      phase,
      MADE_AGAIN.includes(phase as Phase) && value.status === "done" ? { ...value, status: "skipped", why: "its files were cleared away" } : value,
    ]),
  ) as RunState["phases"];
  return { ...state, phases, merged: null, candidate: null, gguf: null };
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

/** Other rows or epochs are prepared anew; what was answered before training stays. */
/** What is left of the plan is counted in tokens as they are cut now. */
function calibrated({ prepared }: RunState, event: EventOf<"calibrated">): Change {
  const cut = prepared && { ...prepared, paddedTokens: Math.round(event.paddedTokensPerStep * prepared.stepsPerEpoch) };
  return { calibration: event, progress: null, prepared: cut };
}

function cutBy(state: RunState, event: EventOf<"plan-cut">): Change {
  const cut = addCut(state.cut, event);
  if (event.epochs === null && event.rows === null) return { cut };
  const waiting = withPhase(state, "prepare", { status: "waiting", seconds: null, startedAt: null });
  return { ...waiting, cut, prepared: null, succeeded: without(state.succeeded, "prepare") };
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
    exits: keep(state.exits, { at, verb, code, signal, cause, sealed: state.sealed }, EXITS_KEPT),
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
    case "resume": {
      const lacking = lackingPhases(state);
      return reopen({ ...state, asked: { ...asked, pause: false, stop: false }, exits: [] }, (status, phase) => status === "failed" || lacking.has(phase));
    }
    case "export":
    case "deploy":
      return reopenForExport(state, event);
    case "go":
      // What it had still to do for itself goes on as it was.
      return { ...state, ended: null, wentAhead: state.judged !== null };
  }
}

/** What a failed phase did not find is made again by the phase that makes it. */
const MADE_BY: Readonly<Record<string, Phase>> = {
  "ollama.files": "merge",
  "ollama.no-candidate": "export",
  "ollama.smoke": "export",
  "ollama.template": "export",
};

function lackingPhases(state: RunState): ReadonlySet<Phase> {
  const kinds = Object.values(state.phases).flatMap(({ status, fault }) => (status === "failed" && fault ? [fault.kind] : []));
  return new Set(kinds.flatMap((kind) => (Object.hasOwn(MADE_BY, kind) && MADE_BY[kind] ? [MADE_BY[kind]] : [])));
}

/** Phases that match go back to waiting; what was done stays done. */
function reopen(state: RunState, which: (status: PhaseState["status"], phase: Phase) => boolean): RunState {
  const phases = Object.fromEntries(
    Object.entries(state.phases).map(([phase, value]) => [
      phase,
      which(value.status, phase as Phase) ? { ...value, status: "waiting", fault: null, why: null, held: null } : value,
    ]),
  ) as RunState["phases"];
  return { ...state, phases, ended: null, pendingFault: null, space: null };
}

/** `export` and `deploy` on an ended run: training stays as it is, what comes after it is done (again). */
function reopenForExport(state: RunState, event: EventOf<"asked">): RunState {
  // The base of a run that came from elsewhere has to be fetched.
  const again: readonly Phase[] = event.command === "deploy" ? ["fetch", "after", "merge", "export", "deploy"] : ["fetch", "after", "merge", "export"];
  // The candidate is gone from Ollama once its turn is over, so both of its phases are done again whenever they are asked for.
  const lacking = lackingPhases(state);
  const remake = (phase: Phase) => phase === "export" || phase === "deploy" || lacking.has(phase);
  const opened = reopen(state, (status, phase) => again.includes(phase) && (status !== "done" || remake(phase)));
  const trained =
    opened.phases.train.status === "done" ? opened : withPhase(opened, "train", { status: "skipped", why: "stopped early; the newest checkpoint is used" });
  const closed =
    event.command === "export" && trained.phases.deploy.status === "waiting"
      ? withPhase(trained, "deploy", { status: "skipped", why: "not asked for" })
      : trained;
  const wanted = event.command === "deploy";
  const overruled = wanted && state.judged !== null && state.judged.decision !== "go";
  const testsOverruled = closed.testsOverruled || (wanted && holdsBack(state));
  return {
    ...closed,
    testsOverruled,
    asked: { ...closed.asked, pause: false, stop: false },
    deployAs: event.as ?? closed.deployAs,
    overruled: closed.overruled || overruled,
  };
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
    earlyTests: state.earlyTests.filter((test) => test.step <= fromStep),
    worsened: state.worsened && state.worsened.step <= fromStep ? state.worsened : null,
    recent: [],
    trained: null,
    succeeded: without(state.succeeded, "train"),
  };
}

const HALF_MINUTE_MS = 30_000;

/** By wall clock, for people; a clock set back never takes the curve back with it. */
function watched(state: RunState, event: EventOf<"conditions">): Change {
  const since = Math.max(1, 1 + Math.floor((event.at - state.createdAt) / HALF_MINUTE_MS));
  const place = Math.max(since, state.pace.buckets.at(-1)?.lastStep ?? 1);
  const { process, obeyed, governed } = state;
  const training = process?.verb === "train";
  const pace = obeyed?.desired === "rest" ? 0 : (obeyed?.pace ?? governed?.pace ?? 1);
  return {
    conditions: event,
    temperature: event.temperature === null ? state.temperature : addPoint(state.temperature, place, event.temperature),
    pace: training ? addPoint(state.pace, place, 100 * pace) : state.pace,
    swapWrites: process === null ? state.swapWrites : swapped(state.swapWrites, event),
  };
}

function swapped(writes: RunState["swapWrites"], { swapOutBytes, at }: EventOf<"conditions">): RunState["swapWrites"] {
  if (swapOutBytes === undefined || swapOutBytes === null) return writes;
  return { ...addSwapWrites(writes, { value: swapOutBytes, source: "journal", at: at / 1000 }), known: true };
}

function answered(answers: readonly Answer[], event: EventOf<"answered">): readonly Answer[] {
  const old = answers.find((answer) => answer.prompt === event.prompt);
  const next: Answer = {
    prompt: event.prompt,
    category: event.category,
    text: event.text,
    before: old?.before ?? null,
    after: old?.after ?? null,
    baseline: old?.baseline ?? null,
    beforeStop: old?.beforeStop ?? null,
    afterStop: old?.afterStop ?? null,
    baselineStop: old?.baselineStop ?? null,
    ...saidBy(event),
  };
  return old ? answers.map((answer) => (answer === old ? next : answer)) : keep(answers, next, ANSWERS_KEPT);
}

function picked(picks: RunState["picks"], { prompt, against, pick }: EventOf<"blind-picked">): RunState["picks"] {
  return keep(
    picks.filter((one) => one.prompt !== prompt || one.against !== against),
    { prompt, against, pick },
    PICKS_KEPT,
  );
}

/** A pick is about two texts: another answer to the prompt, and it is about nothing. */
function stillMeant({ picks, answers }: RunState, event: EventOf<"answered">): RunState["picks"] {
  const old = answers.find((answer) => answer.prompt === event.prompt)?.[event.stage];
  return old === undefined || old === event.answer ? picks : picks.filter(({ prompt }) => prompt !== event.prompt);
}

function saidBy({ stage, answer, stop }: EventOf<"answered">): Partial<Answer> {
  switch (stage) {
    case "before":
      return { before: answer, beforeStop: stop };
    case "after":
      return { after: answer, afterStop: stop };
    case "baseline":
      return { baseline: answer, baselineStop: stop };
  }
}

function repeated(repeats: RunState["repeats"], event: EventOf<"answer-repeated">): RunState["repeats"] {
  return keep(
    repeats.filter(({ prompt, seed }) => prompt !== event.prompt || seed !== event.seed),
    event,
    REPEATS_KEPT,
  );
}

function keep<T>(list: readonly T[], item: T, limit: number): readonly T[] {
  const kept = list.length < limit ? list.slice() : list.slice(list.length - limit + 1);
  kept.push(item);
  return kept;
}

/** The whole end of a log stays in the journal; a snapshot carries many of these. */
function short(event: HappeningEvent): HappeningEvent {
  if (event.type === "judged") {
    const { categories: _categories, early: _early, ...told } = event;
    return told;
  }
  return event.type === "exited" ? { ...event, tail: event.tail.slice(-TAIL_LINES).map((line) => line.slice(0, TAIL_CHARACTERS)) } : event;
}

/** A pace that changes again and again is one line with its newest value: a warm night would push everything else out of the list. */
function happened(happenings: readonly Happening[], event: HappeningEvent): readonly Happening[] {
  const last = happenings.at(-1)?.event;
  const list = last && isMorePace(last, event) ? happenings.slice(0, -1) : happenings;
  return keep(list, { at: event.at, event }, HAPPENINGS_KEPT);
}

function isMorePace(last: HappeningEvent, event: HappeningEvent): boolean {
  if (last.type !== "obeyed" || event.type !== "obeyed") return false;
  const isPace = (one: EventOf<"obeyed">) => one.desired === "run" && !one.leaseStale;
  return isPace(last) && isPace(event) && last.checkpointRequest === event.checkpointRequest;
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
  "parity-tested",
  "latency-tested",
  "persona-tested",
  "gguf-written",
  "obeyed",
  "run-ended",
  "stalled",
  "unstalled",
  "space-needed",
  "space-returned",
  "plan-cut",
  "plan-revised",
  "calibrated",
  "judged",
  "campaign-advanced",
  "governed",
  "awake",
  "power",
  "memory-eased",
  "held-out-worsened",
  "checkpoint-chosen",
  "baseline-asked",
]);

function isHappening(event: Event): event is HappeningEvent {
  // A mere change of pace is told by what the trainer obeyed.
  return HAPPENINGS.has(event.type) && !(event.type === "governed" && event.action === "pace" && event.reason !== "blind");
}
