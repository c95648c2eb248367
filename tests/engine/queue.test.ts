/** One run works at a time: two trainers would not fit into the memory. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { Night } from "./night.ts";

let night: Night;
beforeEach(() => {
  night = new Night();
  night.startLean();
});
afterEach(() => night.end());

/** When processes of a run lived, as [spawned, exited] times. */
function lives(run: string): (readonly [number, number])[] {
  const events = night.events(run);
  return events.flatMap((event) => {
    if (event.type !== "spawned") return [];
    const end = events.find((one) => one.type === "exited" && one.token === event.token);
    return [[event.at, end?.at ?? Number.POSITIVE_INFINITY] as const];
  });
}

function overlap(a: string, b: string): boolean {
  return lives(a).some(([from, to]) => lives(b).some(([other, end]) => from < end && other < to));
}

it("a second run waits until the first has ended", async () => {
  const first = await night.begin({}, { name: "first" });
  const second = await night.begin({}, { name: "second" });
  const state = await night.untilEnded(second);
  expect(state.ended?.outcome).toBe("finished");
  expect(night.events(first).find((event) => event.type === "run-ended")?.at).toBeLessThanOrEqual(lives(second)[0]?.[0] ?? 0);
  expect(overlap(first, second)).toBe(false);
  expect(night.homeState().runs.map(({ id, outcome }) => [id, outcome])).toEqual([
    [first, "finished"],
    [second, "finished"],
  ]);
});

it("a paused run lets the next one go, and resumed it waits until that one has ended", async () => {
  const first = await night.begin({ steps: 40, seconds: 0.1 }, { name: "first" });
  await night.untilTraining(first, 2);
  const second = await night.begin({ steps: 20, seconds: 0.1 }, { name: "second" });
  await night.call("run-pause", { run: first });
  await night.untilTraining(second, 2);
  await night.call("run-resume", { run: first });
  await night.untilEnded(second);
  expect(night.state(first).phases.train.status).toBe("running");
  await night.call("run-stop", { run: first });
  await night.untilEnded(first);
  expect(overlap(first, second)).toBe(false);
});

it("a run that needs its person lets the next one go", async () => {
  const first = await night.begin({ misbehave: [{ verb: "fetch", how: "named-failure" }] }, { name: "first" });
  const second = await night.begin({}, { name: "second" });
  expect((await night.untilEnded(second)).ended?.outcome).toBe("finished");
  expect(night.state(first)).toMatchObject({ ended: null, phases: { fetch: { status: "failed" } } });
});
