/** Row 16: a run folder that cannot be written, or is gone with its disk. The run waits, the engine says why and is not busy, and it goes on by itself. */
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Night, NightTrainers } from "../engine/night.ts";
import { stepsOf } from "../fixtures/curve-steps.ts";

let night: Night;
let trainers: NightTrainers;
let restore: () => void;
beforeEach(() => {
  night = new Night();
  trainers = new NightTrainers(night);
  restore = () => {};
  night.startLean({ trainers });
});
afterEach(async () => {
  restore();
  await night.end();
});

/** For root, whom no mode keeps from writing, by the file system's own flag. */
function setReadOnly(folder: string, isReadOnly: boolean): void {
  if (process.platform === "darwin") execFileSync("chflags", ["-R", isReadOnly ? "uchg" : "nouchg", folder]);
  else if (process.getuid?.() === 0) execFileSync("chattr", ["-R", isReadOnly ? "+i" : "-i", folder]);
  else execFileSync("chmod", ["-R", isReadOnly ? "a-w" : "u+w", folder]);
}

/** About 40 s of the engine's clock, in which it may say the same thing twice and look twice a second. */
async function watchTrouble(): Promise<{ reports: string[]; looks: number; seconds: number; trouble: string | undefined }> {
  await night.until("it says what is wrong", () => night.reports.length > 0, 60_000);
  const [reportsBefore, looksBefore, before] = [night.reports.length, trainers.looks, night.clock.mono()];
  await sleep(4_000);
  const { trouble } = await night.call("engine-info", {});
  return {
    reports: night.reports.slice(reportsBefore).map(String),
    looks: trainers.looks - looksBefore,
    seconds: night.clock.mono() - before,
    trouble: trouble?.message,
  };
}

const most = (list: readonly string[]) => Math.max(0, ...list.map((one) => list.filter((other) => other === one).length));
const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function expectWholeRun(run: string): Promise<void> {
  const state = await night.untilState(run, "the run has ended", ({ ended }) => ended !== null, 90_000);
  expect(state.ended?.outcome).toBe("finished");
  expect(stepsOf(state.curve)).toEqual(range(60));
  expect(night.startsOf(run, "train")).toBeLessThanOrEqual(3);
}

it("row 16: the run folder is read-only: said once in 30 s, no busy loop; writable again, the run goes on by itself", async () => {
  const run = await night.begin({ steps: 60, seconds: 0.05, save: 5 });
  await night.untilTraining(run, 12);
  restore = () => setReadOnly(night.runPath(run), false);
  setReadOnly(night.runPath(run), true);
  const seen = await watchTrouble();
  expect(seen.trouble).toMatch(/EPERM|EACCES|EROFS/);
  expect(most(seen.reports)).toBeLessThanOrEqual(Math.ceil(seen.seconds / 30));
  // Two looks a second, each of which may read twice whether an end was written.
  expect(seen.looks).toBeLessThanOrEqual(4 * seen.seconds + 10);
  restore();
  await expectWholeRun(run);
  expect((await night.call("engine-info", {})).pid).toBe(process.pid);
});

it("row 16: the run folder is gone with its disk: said, no busy loop; plugged in again, nothing of the run is missing", async () => {
  const run = await night.begin({ steps: 60, seconds: 0.05, save: 5 });
  await night.untilTraining(run, 12);
  const away = `${night.path}/away`;
  renameSync(night.runPath(run), away);
  restore = () => {
    renameSync(away, night.runPath(run));
    restore = () => {};
  };
  const seen = await watchTrouble();
  expect(seen.trouble).toMatch(/ENOENT/);
  expect(most(seen.reports)).toBeLessThanOrEqual(Math.ceil(seen.seconds / 30));
  // Two looks a second, each of which may read twice whether an end was written.
  expect(seen.looks).toBeLessThanOrEqual(4 * seen.seconds + 10);
  expect(night.startsOf(run, "train")).toBe(0);
  restore();
  await expectWholeRun(run);
});
