/** Rows 2 and 8: an update while an engine lives. One home, two versions of the whole program, never two engines. */
import { afterEach, beforeAll, expect, it } from "vitest";
import { attach, isNewer } from "../../electron/hosts/attach.ts";
import { ensureBuilt } from "../hosts/homes.ts";
import { endThortime, living, makeRun, makeThortime, startsOf, stateOf, type Thortime, until } from "./thortime.ts";

const made: Thortime[] = [];

beforeAll(async () => {
  await ensureBuilt();
}, 120_000);

afterEach(async () => {
  for (const one of made.splice(0).toReversed()) await endThortime(one);
});

function two(older: string, newer: string): [Thortime, Thortime] {
  const first = makeThortime(older);
  const second = makeThortime(newer, first.home);
  made.push(first, second);
  return [first, second];
}

async function engineFor({ options }: Thortime): Promise<{ pid: number; version: string }> {
  const client = await attach(options);
  const { pid, version } = await client.call("engine-info", {});
  client.close();
  return { pid, version };
}

it("an older engine at work is used as it is; once it is idle the newer one takes its place", { timeout: 120_000 }, async () => {
  const [old, updated] = two("0.1.0", "0.2.0");
  const run = makeRun(old, { steps: 30, seconds: 0.1, save: 5 });
  const first = await engineFor(old);
  await until("training", () => (stateOf(old, run).step?.step ?? 0) >= 2);
  expect(await engineFor(updated)).toEqual(first);
  expect(living(old, "engine").map(({ pid }) => pid)).toEqual([first.pid]);
  await until("the run ended", () => stateOf(old, run).ended);
  const second = await engineFor(updated);
  expect(second.version).toBe("0.2.0");
  expect(living(old, "engine").map(({ pid }) => pid)).toEqual([second.pid]);
  expect(startsOf(old, run).filter((line) => line.startsWith("train "))).toHaveLength(1);
});

it("an older client uses a newer engine, idle or not: two of them would replace each other for ever", { timeout: 60_000 }, async () => {
  const [old, updated] = two("0.1.9", "0.1.10");
  const engine = await engineFor(updated);
  expect(await engineFor(old)).toEqual(engine);
  expect(engine.version).toBe("0.1.10");
});

it.each([
  ["0.2.0", "0.1.9", true],
  ["0.1.10", "0.1.9", true],
  ["1.0.0", "0.9.9", true],
  ["0.1.0", "0.1.0", false],
  ["0.1.0+abc", "0.1.0+def", false],
  ["0.1.0", "0.2.0", false],
  ["nonsense", "0.1.0", false],
])("%s is newer than %s: %s", (version, than, expected) => {
  expect(isNewer(version, than)).toBe(expected);
});
