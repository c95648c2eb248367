/** Rows 17 and 18 with a living engine: history locked, damaged or deleted holds nobody up, loses nothing, and is as before once it is rebuilt. */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHistory } from "../../electron/adapters/history.ts";
import { historyRow } from "../../electron/adapters/history-row.ts";
import { Night } from "../engine/night.ts";
import { type Holder, holdDatabase } from "../fixtures/holder.ts";

const WORKER = fileURLToPath(new URL("../../electron/adapters/history-worker.ts", import.meta.url));
let night: Night;
let holder: Holder | null = null;
beforeEach(() => {
  night = new Night();
  start();
});
afterEach(async () => {
  await holder?.kill();
  holder = null;
  await night.end();
});

const database = () => join(night.home, "history.sqlite");
const start = () => void night.startLean({ history: openHistory(database(), WORKER) });
const rows = async () => (await night.call("history", { limit: 100 })).rows;
/** What the journals say the rows have to be. */
const expected = (...runs: string[]) => runs.map((run) => historyRow(night.state(run))).sort((a, b) => b.createdAt - a.createdAt || (a.run < b.run ? 1 : -1));

async function finished(name: string): Promise<string> {
  const run = await night.begin({}, { name });
  await night.untilEnded(run);
  return run;
}

describe("row 17: locked by another process for 10 s", () => {
  it("the api answers all the while, steps go on, and no row is lost", async () => {
    const first = await finished("first");
    await expect.poll(rows).toEqual(expected(first));
    const run = await night.begin({ steps: 80, seconds: 0.1, save: 20 }, { name: "second" });
    await night.untilTraining(run, 2);
    let seen = 0;
    night.engine?.api.subscribe(`run:${run}`, () => {
      seen += 1;
    });
    holder = await holdDatabase(database());
    expect(holder.said).toBe("held");
    const asked = night.call("history", { limit: 100 }).then(
      () => "answered",
      (error: unknown) => (error as { fault?: { kind: string } }).fault?.kind,
    );
    const updates: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      const before = seen;
      for (let call = 0; call < 10; call += 1) {
        await night.call("engine-info", {});
        await sleep(100);
      }
      updates.push(seen - before);
    }
    // It trains for eight seconds, and every one of them brought steps to who watches.
    expect(
      updates.slice(0, 5).every((count) => count > 0),
      updates.join(" "),
    ).toBe(true);
    // Who asks for history meanwhile gets an answer or the reason, not silence.
    expect(["answered", "engine.history"]).toContain(await asked);
    await holder.kill();
    await night.untilEnded(run);
    await expect.poll(rows, { timeout: 20_000 }).toEqual(expected(first, run));
  });
});

describe("row 18: damaged while no engine was there", () => {
  const page = (number: number) => (path: string) => {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, (number - 1) * 4096 + 16, number * 4096);
    writeFileSync(path, bytes);
  };
  it.each<[string, (path: string) => void]>([
    ["overwritten with text", (path) => writeFileSync(path, "this is no database\n".repeat(900))],
    ["its header damaged", (path) => writeFileSync(path, Buffer.concat([Buffer.from("SQLite format X\0"), readFileSync(path).subarray(16)]))],
    ["its first page damaged behind the header", page(1)],
    ["a page of its rows damaged", page(3)],
    ["cut in the middle of a page", (path) => truncateSync(path, statSync(path).size - 2_000)],
    ["deleted", (path) => rmSync(path)],
  ])("%s: moved aside, rebuilt from the journals, equal to before", async (what, harm) => {
    const runs = [await finished("first"), await finished("second")];
    await expect.poll(rows).toEqual(expected(...runs));
    const before = await rows();
    await night.stop();
    harm(database());
    start();
    await expect.poll(rows).toEqual(before);
    expect(existsSync(`${database()}.broken-1`)).toBe(what !== "deleted");
  });

  it.each<[string, (wal: string) => void]>([
    ["its log lost", (wal) => rmSync(wal)],
    [
      "its log damaged",
      (wal) =>
        writeFileSync(
          wal,
          readFileSync(wal).map((byte, index) => (index % 50 === 40 ? byte ^ 0xff : byte)),
        ),
    ],
    ["its log torn", (wal) => truncateSync(wal, Math.floor(statSync(wal).size / 3))],
  ])("%s (rows that only stood there): the journals give them back", async (_what, harm) => {
    const runs = [await finished("first"), await finished("second")];
    await expect.poll(rows).toEqual(expected(...runs));
    const before = await rows();
    // As a power cut leaves it: the file, and beside it the log that was not taken in yet.
    const kept = readdirSync(night.home).filter((name) => name.startsWith("history.sqlite"));
    expect(kept).toContain("history.sqlite-wal");
    for (const name of kept) copyFileSync(join(night.home, name), join(night.path, name));
    await night.stop();
    for (const name of ["history.sqlite", "history.sqlite-wal"]) copyFileSync(join(night.path, name), join(night.home, name));
    rmSync(`${database()}-shm`, { force: true });
    harm(`${database()}-wal`);
    start();
    await expect.poll(rows).toEqual(before);
  });
});

describe("row 18: under a living engine", () => {
  it.each<[string, () => void]>([
    [
      "deleted",
      () => {
        for (const suffix of ["", "-wal", "-shm"]) rmSync(database() + suffix, { force: true });
      },
    ],
    [
      "overwritten with text",
      () => {
        writeFileSync(database(), "this is no database\n".repeat(900));
        for (const suffix of ["-wal", "-shm"]) rmSync(database() + suffix, { force: true });
      },
    ],
  ])("%s: the next run is done as any other, and all rows are there", async (_what, harm) => {
    const first = await finished("first");
    await expect.poll(rows).toEqual(expected(first));
    harm();
    const second = await finished("second");
    await expect.poll(rows, { timeout: 20_000 }).toEqual(expected(first, second));
  });
});
