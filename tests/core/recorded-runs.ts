/** Training as it can go: journals with steps that depend on their batch, noise, a machine that wanders, pauses. The truth is known. */
import { fileURLToPath } from "node:url";
import type { Event, EventBody } from "../../electron/core/events.ts";
import { readRecordings } from "../fixtures/recordings.ts";
import { type Dice, dice } from "./seeded.ts";

export type Weather = "calm" | "noisy" | "busy" | "warming" | "governed" | "wandering" | "paused";
export const WEATHERS: readonly Weather[] = ["calm", "noisy", "busy", "warming", "governed", "wandering", "paused"];

/** Journal lines in order; each one's `at` and `mono` are true. */
export function simulateRun(seed: number, weather: Weather): Event[] {
  const random = dice(seed);
  const uniform = () => random.below(1_000_000) / 1_000_000;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const perEpoch = 30 + random.below(170);
  const totalSteps = perEpoch + random.below(2 * perEpoch);
  const tokens = Array.from({ length: perEpoch }, () => 800 + Math.round(1500 * uniform() ** 3));
  const base = 0.5 + 20 * uniform();
  const evalSteps = 20 + random.below(100);
  const noise = weather === "noisy" ? 0.25 : 0.05;
  const events: Event[] = [];
  let seconds = 1_000_000;
  let mono = 500;
  let n = 0;
  let boot = "boot-1";
  const write = (body: EventBody) => {
    n += 1;
    events.push({ v: 1, at: Math.round(seconds * 1000), mono, boot, by: "trainer", n, attempt: 1, ...body } as Event);
  };
  const pass = (time: number) => {
    seconds += time;
    mono += time;
  };
  const padded = tokens.reduce((sum, one) => sum + one, 0);
  write({ ...PREPARED, paddedTokens: padded, steps: totalSteps, stepsPerEpoch: perEpoch, epochs: totalSteps / perEpoch });
  const begin = (fromStep: number) => {
    write({ type: "spawned", verb: "train", pid: 7, start: "1", token: `t${n}` });
    pass(5 + 10 * uniform());
    write({ type: "loaded", parameters: 1e8, trainableParameters: 1e6, quantized: true, dtype: "float16", seconds: 8 });
    write({ type: "train-started", fromStep, totalSteps });
    if (fromStep > 0) write({ type: "resumed", fromStep });
  };
  const evaluate = (step: number) => {
    const time = base * 3 * (0.9 + 0.2 * uniform());
    pass(time);
    write({ type: "evaluated", step, loss: 1, rows: 10, tokens: 100, seconds: time });
  };
  begin(0);
  evaluate(0);
  const sky = weatherOf(weather, totalSteps, random, normal);
  const pauseAt = weather === "paused" ? Math.floor(totalSteps * (0.2 + 0.5 * uniform())) : -1;
  for (let step = 1; step <= totalSteps; step += 1) {
    const { speed, pace } = sky(step);
    const batch = tokens[(step * 7919) % perEpoch] ?? 1000;
    const work = base * (0.2 + batch / 1500) * speed * Math.exp(noise * normal());
    const rest = work / pace - work;
    pass(work + rest + 0.01 * base);
    const epoch = step / perEpoch;
    write({ ...STEP, step, epoch, tokens: batch, paddedTokens: batch, seconds: work, restSeconds: rest });
    if (step % evalSteps === 0 || step === totalSteps) evaluate(step);
    if (step % 50 === 0) {
      pass(0.3 * base);
      write({ type: "checkpoint-sealed", step, path: "c", bytes: 1, seconds: 0.3 * base, why: "schedule" });
    }
    if (step === pauseAt) {
      write({ type: "exited", verb: "train", token: "t", code: 0, signal: null, forced: false, tail: [] });
      seconds += 3600 * uniform();
      boot = "boot-2";
      mono = 20;
      begin(step);
    }
  }
  write({ type: "train-finished", steps: totalSteps, firstLoss: 2, lastLoss: 1, tokens: 1, seconds: 1 });
  return events;
}

/** How slow the machine is at each step (1 is its usual), and the pace it is told to keep. */
function weatherOf(
  weather: Weather,
  totalSteps: number,
  random: Dice,
  normal: () => number,
): (step: number) => { readonly speed: number; readonly pace: number } {
  let level = 1;
  let slow = 0;
  let pace = 1;
  return (step) => {
    slow = 0.95 * slow + (weather === "busy" ? 0.06 : 0.01) * normal();
    if (weather === "wandering") level *= Math.exp((0.2 / Math.sqrt(totalSteps)) * normal());
    if (weather === "warming") level = 1 + 0.2 * (1 - Math.exp((-6 * step) / totalSteps));
    if (weather === "governed" && random.chance(0.1)) pace = Math.min(1, Math.max(0.5, pace + 0.05 * normal()));
    return { speed: level * Math.exp(slow), pace };
  };
}

const PREPARED = {
  type: "prepared",
  rows: 1,
  heldOutRows: 1,
  leakedRows: 0,
  droppedRows: 0,
  truncatedRows: 0,
  tokens: 1,
  supervisedTokens: 1,
  seconds: 1,
} as const;

const STEP = { type: "step", loss: 1, gradNorm: 1, learningRate: 1e-4, supervisedTokens: 1 } as const;

/** Real practice runs, as their journals stood; recorded on a shared two-core machine, so their speed wanders. */
export function recordedRuns(): Event[][] {
  return readRecordings(fileURLToPath(new URL("../fixtures/recorded/", import.meta.url)), "practice-");
}
