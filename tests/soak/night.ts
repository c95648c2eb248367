/** One night under faults: the practice run with a shortened plan, from its start to a model that answers in Ollama. */
import { setTimeout as sleep } from "node:timers/promises";
import { currentPhase } from "../../electron/core/selectors.ts";
import { practiceInput } from "../../electron/hosts/practice-input.ts";
import type { Dice } from "../core/seeded.ts";
import { ANY_RESULT } from "../fixtures/limits.ts";
import { root } from "../hosts/homes.ts";
import { DAMAGES } from "./damages.ts";
import type { FaultKind } from "./fault.ts";
import { call, type Ground, stateOf } from "./ground.ts";
import { ALWAYS, AT_THE_END, type Night, SETTLED } from "./invariants.ts";
import { KILLS } from "./kills.ts";
import { OTHERS } from "./others.ts";
import { recovered } from "./recovery.ts";

const SAVE_STEPS = 8;
/** Enough for a hard night that still ends. */
const FAULTS_PER_NIGHT = 12;
const SETTLE_MS = 45_000;
const LOOK_MS = 400;
const SAMPLE_MS = 500;
/** A fault now and then comes before the one before it is over. */
const BURST = 0.2;

export const FAULTS: readonly FaultKind[] = [...KILLS, ...DAMAGES, ...OTHERS];

export interface Report {
  readonly random: Dice;
  say(line: string): void;
  injected(name: string): void;
  violated(name: string, what: string): void;
  /** Whether this kind is to be injected at all. */
  wants(name: string): boolean;
  /** No more faults are begun. */
  isOver(): boolean;
}

export async function runNight(ground: Ground, report: Report, steps: number): Promise<{ readonly run: string; readonly faults: number }> {
  const input = practiceInput(root);
  const settings = { ...input.settings, save_steps: SAVE_STEPS, eval_steps: 20, warmup_steps: 2 };
  const { run } = await call(ground, "run-start", { ...input, steps, settings, limits: { ...ANY_RESULT } });
  report.say(`night ${run}`);
  const night: Night = { ground, run, interval: Math.min(SAVE_STEPS, Math.ceil(steps / 4)) };
  const asks: RegExp[] = [];
  const man = { ground, run, mayAsk: () => asks, say: report.say, violated: report.violated };
  const watch = setInterval(() => void check(night, ALWAYS, report), SAMPLE_MS);
  let faults = 0;
  try {
    while (stateOf(ground, run).ended?.outcome !== "finished") {
      await pauseBetween(ground, run, report);
      if (faults < FAULTS_PER_NIGHT && !report.isOver()) faults += await injectOne(ground, run, asks, report);
      if (report.random.chance(BURST) && !report.isOver()) continue;
      await recovered(man);
      await settle(night, SETTLED, report);
    }
    await deployed(ground, run, report);
    await settle(night, { ...SETTLED, ...AT_THE_END }, report);
  } finally {
    clearInterval(watch);
  }
  return { run, faults };
}

/** Short when the run is past training: those phases take a second or two. */
async function pauseBetween(ground: Ground, run: string, { random }: Report): Promise<void> {
  const state = stateOf(ground, run);
  const phase = currentPhase(state);
  const end = performance.now() + random.below(phase === "train" ? 7_000 : 1_500);
  while (performance.now() < end && stateOf(ground, run).ended === null) await sleep(100);
}

async function injectOne(ground: Ground, run: string, asks: RegExp[], report: Report): Promise<number> {
  const state = stateOf(ground, run);
  if (state.ended) return 0;
  const scene = { ground, run, state, random: report.random, violated: report.violated };
  const fitting = FAULTS.filter((one) => report.wants(one.name) && one.fits(scene));
  if (fitting.length === 0) return 0;
  const kind = report.random.pick(fitting);
  const where = `${currentPhase(state)} ${state.step?.step ?? 0}/${state.totalSteps}`;
  if (kind.asks) asks.push(kind.asks);
  const done = await kind.inject(scene);
  report.say(`  [${where}] ${kind.name}: ${done ?? "nothing to do it to"}`);
  if (done === null) return 0;
  report.injected(kind.name);
  return 1;
}

/** Without Ollama a run ends with what was trained and says how to go on; a person does that, once Ollama is back. */
async function deployed(ground: Ground, run: string, report: Report): Promise<void> {
  for (let tries = 0; tries < 5 && stateOf(ground, run).deployed === null; tries += 1) {
    report.say("  a person deploys what was trained without Ollama");
    await call(ground, "run-deploy", { run }).catch(() => {});
    for (let look = 0; look < 300 && stateOf(ground, run).ended === null; look += 1) await sleep(LOOK_MS);
    if (stateOf(ground, run).ended === null) await call(ground, "run-resume", { run }).catch(() => {});
  }
  if (stateOf(ground, run).deployed === null) report.violated("deploys", "the run finished, and its model never came into Ollama");
}

type Invariants = typeof ALWAYS;

/** Asked until they hold; what does not hold after a while is a violation. */
async function settle(night: Night, invariants: Invariants, report: Report): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  for (const [name, holds] of Object.entries(invariants)) {
    let wrong = await ask(holds, night);
    while (wrong !== null && performance.now() < end) {
      await sleep(LOOK_MS);
      wrong = await ask(holds, night);
    }
    if (wrong !== null) report.violated(name, wrong);
  }
}

async function check(night: Night, invariants: Invariants, report: Report): Promise<void> {
  for (const [name, holds] of Object.entries(invariants)) {
    const wrong = await ask(holds, night);
    if (wrong !== null) report.violated(name, wrong);
  }
}

async function ask(holds: Invariants[string], night: Night): Promise<string | null> {
  try {
    return await holds(night);
  } catch (error) {
    return `could not be looked at (${(error as Error).message})`;
  }
}
