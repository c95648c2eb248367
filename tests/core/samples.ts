/** One body of every event type (the compiler asks for all of them), and entries made from bodies. */
import type { Event, EventBody } from "../../electron/core/events.ts";
import type { Entry } from "../../electron/core/journal.ts";

type Type = EventBody["type"];
type BodyOf<T extends Type> = Extract<EventBody, { type: T }>;

const fault = { kind: "disk.full", message: "Disk dolu: ölçü 🔥 yazılamadı.", next: "Free some space." };

export const SAMPLES: { readonly [T in Type]: BodyOf<T> } = {
  "run-created": { type: "run-created", run: "a-20261123-220000-0001", name: "a", campaign: "a", kind: "full", model: "m", data: "d.jsonl", deployAs: "a" },
  "phase-started": { type: "phase-started", phase: "train" },
  "phase-finished": { type: "phase-finished", phase: "train", seconds: 4.5 },
  "phase-skipped": { type: "phase-skipped", phase: "deploy", why: "not asked for" },
  "phase-failed": { type: "phase-failed", phase: "train", fault },
  spawned: { type: "spawned", verb: "train", pid: 41, start: "77", token: "t1" },
  exited: { type: "exited", verb: "train", token: "t1", code: 1, signal: null, forced: false, tail: ["son satır: ğüş"] },
  stalled: { type: "stalled", stage: 1, phase: "train", step: 3, seconds: 120 },
  unstalled: { type: "unstalled", phase: "train", step: 4 },
  "space-needed": { type: "space-needed", phase: "train", neededBytes: 1e9, freeBytes: 1e6 },
  "space-returned": { type: "space-returned", phase: "train", freeBytes: 2e9 },
  governed: { type: "governed", action: "rest", pace: 0.6, microBatchTokens: null, reason: "red", celsius: 90.5, level: "moderate", slower: null },
  conditions: {
    type: "conditions",
    temperature: 82.5,
    thermalLevel: "nominal",
    watts: 21.5,
    memoryLevel: "normal",
    memoryUsedBytes: 9e9,
    swapUsedBytes: 0,
    onBattery: false,
    batteryPercent: 100,
    lowPowerMode: false,
    lidClosed: null,
    unknown: [{ reading: "lidClosed", why: "not asked" }],
  },
  awake: { type: "awake", token: "t1", holder: "caffeinate", why: null },
  "display-slept": { type: "display-slept", why: null },
  power: { type: "power", event: "resume" },
  "memory-eased": { type: "memory-eased", microBatchTokens: 2048, why: "swap", swapGrowthBytes: 3e9 },
  asked: { type: "asked", command: "pause" },
  "export-progress": { type: "export-progress", task: "upload", doneBytes: 5, totalBytes: 10 },
  "candidate-created": { type: "candidate-created", name: "a:cand-0001", quantization: "q8_0", seconds: 2 },
  "gguf-written": { type: "gguf-written", path: "x.gguf", bytes: 9, sha256: "00", tensors: 3, architecture: "gemma2", quantization: "Q8_0" },
  "candidate-left": { type: "candidate-left", run: "jessy-20261123-220000-3fa9", name: "a:cand-3fa9" },
  "candidate-discarded": { type: "candidate-discarded", name: "a:cand-3fa9" },
  "smoke-tested": { type: "smoke-tested", name: "a:cand-0001", prompt: "merhaba", answer: "selam", passed: true, reason: "", seconds: 1 },
  "parity-tested": {
    type: "parity-tested",
    name: "a:cand-0001",
    quantization: "Q8_0",
    template: { same: true, by: "rendered", checked: 4 },
    otherTokens: 0,
    agreement: 0.995,
    greedy: 0.98,
    answers: 4,
    tokens: 200,
    adapterLoss: 0.012,
    ggufLoss: 0.013,
    lossTokens: 196,
    evidence: [{ prompt: "who", at: 11, expected: " Thor", found: " the" }],
    limit: 0.99,
    seconds: 3,
  },
  "latency-tested": {
    type: "latency-tested",
    name: "a:cand-0001",
    promptTokens: 210,
    answerTokens: 40,
    seconds: 1.2,
    runs: [1.1, 1.2, 1.4],
    loadSeconds: 4,
    limitSeconds: 3,
  },
  "persona-tested": {
    type: "persona-tested",
    name: "a:cand-0001",
    prompts: 1,
    asked: 3,
    passed: 2,
    evidence: [{ prompt: "who", check: "expected", text: "Thor" }],
    limit: 1,
    seconds: 3,
  },
  "blind-picked": { type: "blind-picked", prompt: "who", against: "before", pick: "new" },
  deployed: { type: "deployed", name: "a", candidate: "a:cand-0001", previous: null, digest: "sha256:1" },
  energy: { type: "energy", measuredJoules: 30_000, measuredSeconds: 600, estimatedJoules: 0, estimatedSeconds: 0 },
  forecast: { type: "forecast", step: 20, lowSeconds: 3000, highSeconds: 3600 },
  reported: { type: "reported", path: "/home/t/runs/a/report.html", language: "en", status: "finished" },
  "run-ended": { type: "run-ended", outcome: "finished", seconds: 60 },
  "fetch-progress": { type: "fetch-progress", file: "model.safetensors", doneBytes: 1, totalBytes: 2 },
  fetched: { type: "fetched", model: "m", path: "models/m", revision: "r", bytes: 2, seconds: 1 },
  prepared: {
    type: "prepared",
    rows: 90,
    heldOutRows: 10,
    leakedRows: 1,
    droppedRows: 2,
    truncatedRows: 3,
    tokens: 900,
    supervisedTokens: 400,
    paddedTokens: 1100,
    steps: 6,
    stepsPerEpoch: 6,
    epochs: 1,
    seconds: 0.5,
  },
  loaded: { type: "loaded", parameters: 1000, trainableParameters: 100, quantized: false, dtype: "float32", seconds: 1 },
  "train-started": { type: "train-started", fromStep: 0, totalSteps: 6 },
  "plan-revised": { type: "plan-revised", fromStep: 2, microBatchTokens: 4096, maxSeqLength: null, why: "memory" },
  resumed: { type: "resumed", fromStep: 2 },
  step: {
    type: "step",
    step: 1,
    epoch: 0.1,
    loss: 2.5,
    gradNorm: 1.25,
    learningRate: 0.001,
    tokens: 100,
    supervisedTokens: 40,
    paddedTokens: 120,
    seconds: 0.5,
    restSeconds: 0.25,
  },
  evaluated: { type: "evaluated", step: 2, loss: 2.25, rows: 10, tokens: 50, seconds: 0.1 },
  "held-out-compared": { type: "held-out-compared", before: 3, after: 2, difference: -1, low: -1.5, high: -0.5, rows: 10, resamples: 1000 },
  "held-out-stability": {
    type: "held-out-stability",
    step: 4,
    before: 1.5,
    after: 1.6,
    difference: 0.1,
    low: -0.05,
    high: 0.2,
    rows: 10,
    resamples: 2000,
  },
  judged: {
    type: "judged",
    decision: "no-go",
    lines: [{ criterion: "last-loss", value: 1.25, limit: 0.8, passed: false, count: 10, evidence: [] }],
    levers: ["more-epochs"],
  },
  memory: { type: "memory", activeBytes: 10, peakBytes: 30, cacheBytes: 5, residentBytes: 20 },
  "checkpoint-sealed": { type: "checkpoint-sealed", step: 2, path: "checkpoints/step-000002", bytes: 100, seconds: 0.2, why: "every 2 steps" },
  "checkpoint-refused": { type: "checkpoint-refused", step: 4, path: "checkpoints/step-000004", reason: "size" },
  "checkpoint-pruned": { type: "checkpoint-pruned", step: 2, path: "checkpoints/step-000002" },
  obeyed: { type: "obeyed", desired: "rest", why: "heat", pace: 0.5, checkpointRequest: 1, leaseStale: false },
  stopped: { type: "stopped", step: 3, why: "pause" },
  "train-finished": { type: "train-finished", steps: 6, firstLoss: 2.5, lastLoss: 1.5, tokens: 600, seconds: 3 },
  answered: {
    type: "answered",
    stage: "before",
    prompt: "p1",
    category: "basic",
    text: "sen kimsin?",
    answer: "bilmiyorum 🙂",
    tokens: 4,
    stop: "end",
    seconds: 0.2,
  },
  "answers-finished": { type: "answers-finished", stage: "before", answers: 1, seconds: 0.3 },
  "merge-progress": { type: "merge-progress", doneTensors: 1, totalTensors: 3 },
  merged: {
    type: "merged",
    path: "export/merged",
    step: 6,
    bytes: 300,
    tensors: 3,
    files: ["model.safetensors"],
    dequantized: false,
    kQuantizable: false,
    seconds: 0.4,
  },
  warned: { type: "warned", kind: "memory", message: "swap grows" },
  failed: { type: "failed", fault },
  kept: { type: "kept", verb: "train", pid: 41, keeperPid: 40, token: "t1" },
  "engine-restarted": { type: "engine-restarted", pid: 50, count: 1 },
  "campaign-created": { type: "campaign-created", campaign: "a", name: "a", data: "d.jsonl", model: "m" },
  "run-added": { type: "run-added", run: "a-20261123-220000-0001", name: "a", campaign: "a", kind: "full" },
  "run-closed": { type: "run-closed", run: "a-20261123-220000-0001", outcome: "finished" },
  "run-reopened": { type: "run-reopened", run: "a-20261123-220000-0001" },
  "version-deployed": { type: "version-deployed", name: "a", run: "a-20261123-220000-0001", candidate: "a:cand-0001", previous: null, digest: "sha256:1" },
  "version-undo-begun": { type: "version-undo-begun", name: "a", serve: "sha256:1", keep: "sha256:2" },
  "version-undone": { type: "version-undone", name: "a", serve: "sha256:1", keep: "sha256:2" },
  "version-removed": { type: "version-removed", tag: "a:prev", digest: "sha256:2", freedBytes: 100 },
  "schedule-set": { type: "schedule-set", run: "a-20261123-220000-0001", from: "22:00", to: "06:00" },
  "schedule-cleared": { type: "schedule-cleared", run: "a-20261123-220000-0001" },
  "night-checked": { type: "night-checked", run: "a-20261123-220000-0001", night: "2026-11-23", fixes: 1, warnings: 2 },
  "night-skipped": { type: "night-skipped", run: "a-20261123-220000-0001", night: "2026-11-23" },
  "night-started": { type: "night-started", run: "a-20261123-220000-0001", night: "2026-11-23", closesAt: 9_000, lateSeconds: 0 },
  "night-ended": { type: "night-ended", run: "a-20261123-220000-0001", night: "2026-11-23" },
  "night-missed": { type: "night-missed", run: "a-20261123-220000-0001", night: "2026-11-23" },
  "battery-paused": { type: "battery-paused", run: "a-20261123-220000-0001", percent: 20 },
  "battery-over": { type: "battery-over", run: "a-20261123-220000-0001" },
  notice: {
    type: "notice",
    id: "n1",
    run: "a-20261123-220000-0001",
    level: "urgent",
    key: "needs-you",
    values: { run: "a", message: "Disk dolu.", next: "Yer aç." },
  },
  "notice-sending": { type: "notice-sending", ids: ["n1"], time: 1 },
  notified: { type: "notified", id: "n1", time: 1, backend: "ntfy", ok: false, why: "no answer", attempts: 3 },
  "notice-seen": { type: "notice-seen", id: null },
};

export const ALL_SAMPLES: readonly EventBody[] = Object.values(SAMPLES);

export function sample<T extends Type>(type: T, change: Partial<BodyOf<T>> = {}): BodyOf<T> {
  return { ...SAMPLES[type], ...change };
}

export interface Stamp {
  readonly at: number;
  readonly n: number;
  readonly by: "trainer" | "engine" | "keeper";
  readonly attempt: number;
}

export function eventOf(body: EventBody, stamp: Partial<Stamp> = {}): Event {
  const { at = 1_000, n = 1, by = "engine", attempt = 0 } = stamp;
  return { v: 1, at, mono: at / 1000, boot: "boot", by, n, attempt, ...body } as Event;
}

export function entry(body: EventBody, stamp: Partial<Stamp> = {}): Entry {
  return { event: eventOf(body, stamp) };
}

export function lineOf(event: Event): string {
  return `${JSON.stringify(event)}\n`;
}
