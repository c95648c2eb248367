/** After a fault: who brings things back. The keeper and the engine first; a person only where the promise says that one is asked. */
import { setTimeout as sleep } from "node:timers/promises";
import { FaultError } from "../../electron/core/faults.ts";
import { currentPhase, needsYou, statusOf } from "../../electron/core/selectors.ts";
import { call, callLiving, enginesOf, type Ground, keepersOf, stateOf, verbsOf } from "./ground.ts";
import { DISK_BYTES } from "./inside.ts";

const LOOK_MS = 400;
/** The longest wait that is ours: free space is looked at every 30 s. */
const LIMIT_MS = 240_000;
/** A keeper waits 15 s for a lease, looks each second, and an engine takes a moment to start on a busy machine. */
const KEEPER_MS = 60_000;
const PERSON_MS = 3_000;
const RESTARTS_PER_HOUR = 3;

export interface Watchman {
  readonly ground: Ground;
  readonly run: string;
  /** Kinds of faults that this night's faults may make it ask with. */
  readonly mayAsk: () => readonly RegExp[];
  say(line: string): void;
  violated(name: string, what: string): void;
}

/** An engine lives, and the run works, has finished, or is in Ollama's hands. */
export async function recovered(man: Watchman): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    await bringEngine(man);
    if (await goesOn(man)) return;
    await sleep(LOOK_MS);
  }
  const state = stateOf(man.ground, man.run);
  man.violated("recovers", `${statusOf(state)} in ${currentPhase(state)} ${LIMIT_MS / 1000} s after the fault, ${JSON.stringify(needsYou(state))}`);
}

/** A living keeper has to bring it; where there is none, a person opens the app. */
async function bringEngine(man: Watchman): Promise<void> {
  if (await answers(man.ground)) return;
  const keeper = keepersOf(man.ground).at(0);
  if (keeper && (await awaitKeeper(man, keeper.pid))) return;
  if (!keeper) await sleep(PERSON_MS);
  man.say("  a person opens the app");
  await call(man.ground, "engine-info", {});
}

/** False: it ended with its verb before it was its turn, or it has done so three times within an hour. */
async function awaitKeeper({ ground, say, violated }: Watchman, keeper: number): Promise<boolean> {
  const end = performance.now() + KEEPER_MS;
  const isThere = () => keepersOf(ground).some(({ pid }) => pid === keeper);
  while (performance.now() < end && isThere() && enginesOf(ground).length === 0) await sleep(LOOK_MS);
  if (enginesOf(ground).length === 0) {
    if (isThere() && (brought.get(keeper) ?? 0) < RESTARTS_PER_HOUR) violated("keeperBringsAnEngine", `keeper ${keeper} brought none in ${KEEPER_MS / 1000} s`);
    return false;
  }
  say("  the keeper brought an engine back");
  brought.set(keeper, (brought.get(keeper) ?? 0) + 1);
  for (let look = 0; look < 50 && !(await answers(ground)); look += 1) await sleep(LOOK_MS);
  return true;
}

async function answers(ground: Ground): Promise<boolean> {
  return (await callLiving(ground, "engine-info", {}).catch(() => null)) !== null;
}

/** How often each keeper brought an engine back. */
const brought = new Map<number, number>();

async function goesOn({ ground, run, mayAsk, say, violated }: Watchman): Promise<boolean> {
  const state = stateOf(ground, run);
  const status = statusOf(state);
  if (status === "finished") return true;
  if (status === "needs-you" && state.process === null) {
    const asked = needsYou(state);
    // Twice full without a checkpoint in between, more is asked for than this small disk can ever have; a person knows better.
    if (state.space?.waiting && state.space.neededBytes < DISK_BYTES) return false;
    if (!mayAsk().some((kind) => kind.test(asked?.kind ?? ""))) violated("asksOnlyWhereItMay", JSON.stringify(asked));
    say(`  a person resumes (${asked?.kind})`);
    await resume(ground, run);
    return false;
  }
  if (status === "paused" || status === "stopped") {
    await resume(ground, run);
    return false;
  }
  if (["export", "deploy"].includes(currentPhase(state) ?? "")) return true;
  return state.process !== null && verbsOf(ground).some(({ token }) => token === state.process?.token);
}

async function resume(ground: Ground, run: string): Promise<void> {
  try {
    await call(ground, "run-resume", { run });
  } catch (error) {
    // It went on by itself meanwhile, or the engine was killed under the call: looked at again.
    if (!(error instanceof FaultError)) throw error;
  }
}
