/** The menu-bar app's way to an engine: the client of the one that owns the home, its own where none does, and no second one ever. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { connectLiving } from "../../electron/hosts/attach.ts";
import { readRecord } from "../../electron/hosts/engine-record.ts";
import { type Joined, joinOrHost } from "../../electron/hosts/join.ts";
import { findPlace } from "../../electron/hosts/place.ts";
import { steadyApi } from "../../electron/hosts/steady.ts";
import { endHome, ensureBuilt, makeHome, root, thortime } from "./homes.ts";

const ended: (() => Promise<void>)[] = [];
beforeAll(ensureBuilt, 120_000);
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

function newHome(): string {
  const home = makeHome();
  ended.push(() => endHome(home));
  return home;
}

/** Ended before the home is, which would end this very process: its record names it. */
function joined(home: string): Joined {
  const one = joinOrHost({ place: findPlace(root), home, log: () => {} });
  ended.push(() => one.close());
  return one;
}

test("hosts where nobody does, serves others, and leaves nothing behind", async () => {
  const home = newHome();
  const ours = joined(home);
  const client = await ours.connect();
  expect(await client.call("engine-info", {})).toMatchObject({ pid: process.pid, home, historyOff: null });
  expect(await client.call("run-stop", { run: "nothing" }).catch((error: unknown) => error)).toMatchObject({ fault: { kind: "run.unknown" } });
  expect(await client.call("run-stop", { run: 7 } as never).catch((error: unknown) => error)).toMatchObject({ fault: { kind: "usage.arguments" } });
  expect(() => client.subscribe("run:nothing", () => {})()).not.toThrow();
  const other = await connectLiving(home);
  expect(await other?.call("engine-info", {})).toMatchObject({ pid: process.pid });
  other?.close();
  await ours.close();
  expect(readRecord(home)).toBeNull();
});

test("is the client of an engine that lives, and leaves it living", { timeout: 120_000 }, async () => {
  const home = newHome();
  expect((await thortime(home, ["history", "--json"])).code).toBe(0);
  const pid = readRecord(home)?.pid;
  const ours = joined(home);
  const client = await ours.connect();
  expect(await client.call("engine-info", {})).toMatchObject({ pid });
  expect(pid).not.toBe(process.pid);
  client.close();
  await ours.close();
  expect(readRecord(home)?.pid).toBe(pid);
  expect(existsSync(join(home, "engine.json"))).toBe(true);
});

test("two at once share one engine", async () => {
  const home = newHome();
  const [one, other] = await Promise.all([joined(home).connect(), joined(home).connect()]);
  expect((await one.call("engine-info", {})).startedAt).toBe((await other.call("engine-info", {})).startedAt);
});

test("asked to end, its engine ends, and whoever needs one again gets one", { timeout: 60_000 }, async () => {
  const home = newHome();
  const ours = joined(home);
  const api = steadyApi({ connect: ours.connect });
  let snapshots = 0;
  api.subscribe("home", (update) => {
    if ("snapshot" in update) snapshots += 1;
  });
  await expect.poll(() => snapshots).toBe(1);
  const first = readRecord(home)?.startedAt;
  await api.call("engine-quit", {});
  await expect.poll(() => snapshots, { timeout: 10_000 }).toBe(2);
  expect(readRecord(home)?.startedAt).not.toBe(first);
  api.close();
});
