/**
 * Rows 2 and 3: the engine, or the engine and its trainer, are killed with -9 at random moments of a run, in every phase.
 * THORTIME_KILL_ROUNDS says how many rounds (20), THORTIME_SEED which; a failing round names its seed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { historyRow } from "../../electron/adapters/history-row.ts";
import { attach, connectLiving } from "../../electron/hosts/attach.ts";
import { type Dice, dice } from "../core/seeded.ts";
import { stepsOf } from "../fixtures/curve-steps.ts";
import { send } from "../fixtures/processes.ts";
import { ensureBuilt } from "../hosts/homes.ts";
import { readSteps } from "../soak/steps.ts";
import { endThortime, entriesOf, living, makeRun, makeThortime, startsOf, stateOf, type Thortime, until } from "./thortime.ts";

const ROUNDS = Number(process.env["THORTIME_KILL_ROUNDS"] ?? 20);
const FIRST_SEED = Number(process.env["THORTIME_SEED"] ?? 20261123);
const SCRIPT = { steps: 20, seconds: 0.1, save: 5 };
/** With a keeper that has to notice first, the run has to be long enough to be there still. */
const LONG = { steps: 300, seconds: 0.1, save: 20 };
const SIDE_BY_SIDE = 3;

beforeAll(async () => {
  await ensureBuilt();
}, 120_000);

async function open(thortime: Thortime): Promise<number> {
  const client = await attach(thortime.options);
  const { pid } = await client.call("engine-info", {});
  client.close();
  return pid;
}

/** Never more than one trainer, whatever happens: looked at all the time. */
function watchTrainers(thortime: Thortime): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, new Set(living(thortime, "verb").map(({ token }) => token)).size);
  }, 100);
  return () => {
    clearInterval(timer);
    return most;
  };
}

async function finish(thortime: Thortime, run: string, script: typeof SCRIPT, most: number): Promise<void> {
  const state = stateOf(thortime, run);
  const steps = readSteps(entriesOf(thortime, run));
  expect(state.ended?.outcome).toBe("finished");
  expect(most).toBe(1);
  expect(steps).toMatchObject({ wentBack: [], standing: Array.from({ length: script.steps }, (_, index) => index + 1) });
  expect(Math.max(0, ...steps.lost)).toBeLessThanOrEqual(script.save);
  expect(stepsOf(state.curve)).toEqual(steps.standing);
  expect(state.damages).toBe(0);
  const client = await attach(thortime.options);
  await expect.poll(async () => (await client.call("history", {})).rows, { timeout: 15_000 }).toEqual([historyRow(stateOf(thortime, run))]);
  client.close();
  await until("nobody is left", () => living(thortime, "verb").length + living(thortime, "keeper").length === 0, 15_000);
}

/** Up to three times, at any moment from before the first process to after the last; a person opens the app again, at once or later. */
async function round(random: Dice): Promise<void> {
  const thortime = makeThortime();
  const stop = watchTrainers(thortime);
  try {
    const run = makeRun(thortime, SCRIPT);
    let pid = await open(thortime);
    for (let kill = 0; kill < 1 + random.below(3); kill += 1) {
      await sleep(random.below(2_500));
      const alsoTrainer = random.chance(0.4);
      send(pid, "SIGKILL");
      await sleep(random.below(50));
      if (alsoTrainer) for (const one of [...living(thortime, "verb"), ...(random.chance(0.5) ? living(thortime, "keeper") : [])]) send(one.pid, "SIGKILL");
      await sleep(random.chance(0.5) ? 0 : random.below(1_500));
      pid = await open(thortime);
    }
    await until(`${run} ended`, () => stateOf(thortime, run).ended);
    await finish(thortime, run, SCRIPT, stop());
  } finally {
    stop();
    await endThortime(thortime);
  }
}

describe(`${ROUNDS} rounds from seed ${FIRST_SEED}`, () => {
  it("the run is finished by whoever comes: no second trainer, no gap, no step twice, nothing left behind", { timeout: 60_000 * ROUNDS }, async () => {
    const seeds = Array.from({ length: ROUNDS }, (_, index) => FIRST_SEED + index);
    const work = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        try {
          await round(dice(seed));
        } catch (error) {
          throw new Error(`failed with THORTIME_SEED=${seed} THORTIME_KILL_ROUNDS=1: ${(error as Error).message}`, { cause: error });
        }
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  });
});

describe("nobody opens the app again", () => {
  it("the keeper brings an engine back, which attaches to the trainer that went on; the run is finished", { timeout: 240_000 }, async () => {
    const thortime = makeThortime();
    const stop = watchTrainers(thortime);
    try {
      const run = makeRun(thortime, LONG);
      const pid = await open(thortime);
      await until("training", () => (stateOf(thortime, run).step?.step ?? 0) >= 3);
      const [trainer] = living(thortime, "verb");
      send(pid, "SIGKILL");
      const engine = await until("an engine came back", () => living(thortime, "engine").find((one) => one.pid !== pid));
      expect(living(thortime, "verb")).toEqual([trainer]);
      await until("it answers", () => connectLiving(thortime.home)).then((client) => client.close());
      expect(entriesOf(thortime, run).some((entry) => "event" in entry && entry.event.type === "engine-restarted" && entry.event.pid === engine.pid)).toBe(
        true,
      );
      await until("the run ended", () => stateOf(thortime, run).ended);
      expect(startsOf(thortime, run).filter((line) => line.startsWith("train "))).toHaveLength(1);
      await finish(thortime, run, LONG, stop());
    } finally {
      stop();
      await endThortime(thortime);
    }
  });

  it("a trainer that ended meanwhile stands", { timeout: 120_000 }, async () => {
    const thortime = makeThortime();
    const stop = watchTrainers(thortime);
    try {
      const run = makeRun(thortime, SCRIPT);
      const pid = await open(thortime);
      await until("training", () => (stateOf(thortime, run).step?.step ?? 0) >= 15);
      send(pid, "SIGKILL");
      await until("it ended alone", () => stateOf(thortime, run).succeeded.includes("train") && living(thortime, "verb").length === 0);
      await open(thortime);
      await until("the run ended", () => stateOf(thortime, run).ended);
      expect(startsOf(thortime, run).filter((line) => line.startsWith("train "))).toHaveLength(1);
      await finish(thortime, run, SCRIPT, stop());
    } finally {
      stop();
      await endThortime(thortime);
    }
  });
});

describe("a keeper that is killed before it has named its child", () => {
  it("the child names itself, and the next engine follows it", { timeout: 120_000 }, async () => {
    const thortime = makeThortime();
    const stop = watchTrainers(thortime);
    try {
      const run = makeRun(thortime, SCRIPT);
      let pid = await open(thortime);
      const keeper = await until("the trainer's keeper", () => living(thortime, "keeper").find(({ verb }) => verb === "train"));
      send(keeper.pid, "SIGKILL");
      send(pid, "SIGKILL");
      pid = await open(thortime);
      await until("the run ended", () => stateOf(thortime, run).ended);
      await finish(thortime, run, SCRIPT, stop());
    } finally {
      stop();
      await endThortime(thortime);
    }
  });
});
