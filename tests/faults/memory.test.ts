/** Row 24: kill -9 looks the same whoever sent it; what the kernel counted tells one for memory from a person's, and each has its own answer. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { Night } from "../engine/night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

const KILLED_ONCE = { steps: 8, save: 1, misbehave: [{ verb: "train", how: "kill-self", at: 3, times: 1 }] } as const;
const ROWS_OF_4 = { settings: { micro_batch_size: 4, max_seq_length: 2048 } };
const causes = (run: string) => night.events(run).flatMap((event) => (event.type === "exited" && event.verb === "train" ? [event.cause] : []));
const revisions = (run: string) => night.events(run).flatMap((event) => (event.type === "plan-revised" ? [event.microBatchTokens] : []));

it.each([
  ["the kernel counted one more", { before: 3, after: 4 }],
  ["nobody can say what the kernel counted", null],
])("row 24: kill -9, and %s: the run goes on with half the micro-batch", async (_name, oomKills) => {
  night.oomKills = oomKills;
  const run = await night.begin(KILLED_ONCE, ROWS_OF_4);
  const state = await night.untilEnded(run);
  expect([state.ended?.outcome, state.memoryKills, causes(run), revisions(run)]).toEqual(["finished", 1, ["memory-kill", "finished"], [4096]]);
});

it("row 24: kill -9 by a person, with a kernel that killed nobody: a crash, resumed from its checkpoint with the same micro-batch", async () => {
  night.oomKills = { before: 3, after: 3 };
  const run = await night.begin(KILLED_ONCE, ROWS_OF_4);
  const state = await night.untilEnded(run);
  expect([state.ended?.outcome, state.memoryKills, causes(run), revisions(run)]).toEqual(["finished", 0, ["crash", "finished"], []]);
  expect(night.events(run).find((event) => event.type === "resumed")).toMatchObject({ fromStep: 2 });
});

it("row 24: a person's stop is neither: nothing is tried again", async () => {
  night.oomKills = { before: 3, after: 3 };
  const run = await night.begin({ steps: 1000, seconds: 0.05 });
  await night.untilTraining(run, 2);
  await night.call("run-stop", { run });
  const state = await night.untilEnded(run);
  expect([state.ended?.outcome, causes(run), night.startsOf(run, "train")]).toEqual(["stopped", ["asked"], 1]);
});
