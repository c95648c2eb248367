/** Faults 17, 18 and 19: history is a projection. Locked it waits, damaged it is made anew, newer it is left alone; it never stops the app. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openHistory } from "../../electron/adapters/history.ts";
import { historyRow } from "../../electron/adapters/history-row.ts";
import { migrate } from "../../electron/adapters/history-schema.ts";
import type { History } from "../../electron/core/ports.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { rounds } from "../core/seeded.ts";
import { type Holder, holdDatabase } from "../fixtures/holder.ts";
import { STEPS } from "../fixtures/migrations.ts";

const WORKER = fileURLToPath(new URL("../../electron/adapters/history-worker.ts", import.meta.url));
const MIGRATE_AND_DIE = fileURLToPath(new URL("../fixtures/migrate-and-die.ts", import.meta.url));

let folder: string;
let path: string;
let opened: History[];
let holder: Holder | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-history-"));
  path = join(folder, "history.sqlite");
  opened = [];
  holder = null;
});
afterEach(async () => {
  await holder?.kill();
  for (const history of opened) await history.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): History {
  const history = openHistory(path, WORKER);
  opened.push(history);
  return history;
}

function state(number: number, changes: Partial<RunState> = {}): RunState {
  return {
    ...EMPTY_RUN,
    id: `jessy-20261123-2200${String(number).padStart(2, "0")}-0001`,
    name: "jessy",
    campaign: "jessy",
    createdAt: 1_000_000 + number,
    totalSteps: 60,
    firstLoss: 2.5,
    step: { step: number, epoch: 1, loss: number % 2 ? "NaN" : 0.5 + number, gradNorm: 1, learningRate: 1e-4, at: 1 },
    heldOut: [
      { step: 0, loss: 3, rows: 10 },
      { step: 30, loss: 1.5, rows: 10 },
    ],
    sealed: 2,
    trainSeconds: 12.25,
    ...changes,
  };
}

const STATES = Array.from({ length: 12 }, (_, index) => state(index));
const rowsOf = (states: readonly RunState[]) => states.map(historyRow).sort((a, b) => b.createdAt - a.createdAt);
const ENDED = { type: "run-ended", outcome: "finished", seconds: 9, v: 1, at: 1, mono: 1, boot: "b", by: "engine", n: 1, attempt: 0 } as const;

function projectAll(history: History): void {
  for (const each of STATES) history.project(each);
}

describe("a history that works", () => {
  test("shows the newest first, once each, and keeps it over a restart", async () => {
    const history = open();
    expect(history.offReason).toBeNull();
    expect(history.needsRebuild).toBe(true);
    projectAll(history);
    projectAll(history);
    expect(await history.list(100)).toEqual(rowsOf(STATES));
    expect(await history.list(3)).toEqual(rowsOf(STATES).slice(0, 3));
    const changed = state(4, { ended: ENDED, totalSteps: 61 });
    history.project(changed);
    await history.close();
    const again = open();
    expect(again.needsRebuild).toBe(false);
    expect(await again.list(100)).toEqual(rowsOf(STATES.map((each, index) => (index === 4 ? changed : each))));
  });

  test("a run that has no name yet is not projected, NaN is unknown, and figures come from the run alone", async () => {
    const history = open();
    history.project(EMPTY_RUN);
    history.project(state(1));
    const [row, ...rest] = await history.list(10);
    expect(rest).toEqual([]);
    expect(row).toEqual({
      run: "jessy-20261123-220001-0001",
      name: "jessy",
      kind: "full",
      model: "",
      from: null,
      verdict: null,
      createdAt: 1_000_001,
      outcome: null,
      steps: 1,
      totalSteps: 60,
      firstLoss: 2.5,
      lastLoss: null,
      heldOutBefore: 3,
      heldOutAfter: 1.5,
      checkpoints: 2,
      trainSeconds: 12.25,
      gguf: null,
      deployedAs: null,
    });
  });

  test("rows are found by name, id or base model, as they are written; a deleted run is listed no more, also after a restart", async () => {
    const history = open();
    projectAll(history);
    history.project(state(40, { name: "100%_rows", model: "unsloth/gemma-2-2b" }));
    const found = async (search: string) => (await history.list(100, search)).map((row) => row.createdAt);
    expect(await found("gemma-2")).toEqual([1_000_040]);
    expect(await found("%_")).toEqual([1_000_040]);
    expect(await found("220003")).toEqual([1_000_003]);
    expect(await found("JESSY")).toHaveLength(13);
    expect(await found("' OR 1=1 --")).toEqual([]);
    history.forget(state(3).id);
    expect(await found("220003")).toEqual([]);
    await history.close();
    expect((await open().list(100)).map((row) => row.createdAt)).not.toContain(1_000_003);
  });

  test("a thousand changes of one run do not queue up", async () => {
    const history = open();
    for (let step = 1; step <= 1000; step += 1) history.project(state(2, { trainSeconds: step }));
    expect((await history.list(10)).map((row) => row.trainSeconds)).toEqual([1000]);
  });

  test("closing writes what is still waiting", async () => {
    const history = open();
    projectAll(history);
    await history.close();
    expect(await open().list(100)).toHaveLength(12);
  });
});

describe("row 17: locked by another process", () => {
  test("the engine is never held up, and nothing is lost", async () => {
    const history = open();
    history.project(state(1));
    await history.list(1);
    holder = await holdDatabase(path);
    expect(holder.said).toBe("held");
    const startMs = performance.now();
    projectAll(history);
    expect(performance.now() - startMs).toBeLessThan(500);
    let longestMs = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      const turnMs = performance.now();
      await sleep(10);
      longestMs = Math.max(longestMs, performance.now() - turnMs);
    }
    expect(longestMs).toBeLessThan(1000);
    await holder.kill();
    for (let tries = 0; tries < 50 && (await history.list(100)).length < 12; tries += 1) await sleep(50);
    expect(await history.list(100)).toEqual(rowsOf(STATES));
    expect(history.offReason).toBeNull();
  });

  test("when it is opened: a bounded wait, then it comes by itself", async () => {
    const first = open();
    projectAll(first);
    await first.close();
    holder = await holdDatabase(path);
    const startMs = performance.now();
    const history = open();
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect(history.offReason).toBeNull();
    history.project(state(30));
    const listed = history.list(100);
    await sleep(300);
    await holder.kill();
    expect((await listed).map((row) => row.createdAt)).toContain(1_000_011);
    for (let tries = 0; tries < 50 && (await history.list(100)).length < 13; tries += 1) await sleep(50);
    expect(await history.list(100)).toHaveLength(13);
  });
});

describe("row 18: lost", () => {
  async function filled(): Promise<void> {
    const history = open();
    projectAll(history);
    await history.list(1);
    await history.close();
  }

  test.each<[string, () => void]>([
    ["overwritten with text", () => writeFileSync(path, "not a database at all\n".repeat(500))],
    ["with a damaged header", () => patch(path, 0, Buffer.alloc(100, 0xa5))],
    ["with damaged pages", () => patch(path, 4096, Buffer.alloc(statSync(path).size - 4096, 0xa5))],
    ["cut in half", () => writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2))],
    ["with its table taken away", () => void withDatabase((db) => db.exec("DROP TABLE runs"))],
  ])("%s while closed: moved aside, started anew, rebuilt to what it was", async (_what, damage) => {
    await filled();
    damage();
    const history = open();
    expect(history.needsRebuild).toBe(true);
    expect(existsSync(`${path}.broken-1`)).toBe(true);
    projectAll(history);
    expect(await history.list(100)).toEqual(rowsOf(STATES));
    expect(history.offReason).toBeNull();
  });

  test("empty it is simply new", async () => {
    writeFileSync(path, "");
    const history = open();
    expect(history.needsRebuild).toBe(true);
    projectAll(history);
    expect(await history.list(100)).toEqual(rowsOf(STATES));
    expect(existsSync(`${path}.broken-1`)).toBe(false);
  });

  test("deleted while open: whole again by itself, with the runs of earlier sessions too", async () => {
    await filled();
    const history = open();
    history.project(state(40));
    await history.list(1);
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    history.project(state(41));
    const expected = rowsOf([...STATES, state(40), state(41)]);
    expect(await history.list(100)).toEqual(expected);
    await history.close();
    expect(await open().list(100)).toEqual(expected);
  });

  test("overwritten while open: whole again by itself", async () => {
    await filled();
    const history = open();
    await history.list(1);
    writeFileSync(path, "not a database at all\n".repeat(2000));
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    history.project(state(41));
    expect(await history.list(100)).toEqual(rowsOf([...STATES, state(41)]));
    expect(history.offReason).toBeNull();
  });

  test("damage at random places never hangs it, throws, or shows a wrong row", async () => {
    await filled();
    const whole = readFileSync(path);
    const expected = rowsOf(STATES);
    const cases: (() => Promise<void>)[] = [];
    rounds(12, (random) => {
      const bytes = Uint8Array.from(whole);
      const at = random.below(bytes.length);
      bytes.fill(random.below(256), at, at + 1 + random.below(3000));
      cases.push(async () => {
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
        writeFileSync(path, bytes);
        const history = openHistory(path, WORKER);
        projectAll(history);
        if (history.offReason === null) expect(await history.list(100)).toEqual(expected);
        await history.close();
      });
    });
    for (const run of cases) await run();
  }, 60_000);
});

describe("row 19: the schema", () => {
  test("of a newer Thortime is left alone, and said politely", async () => {
    const first = open();
    projectAll(first);
    await first.close();
    withDatabase((db) => migrate(db, STEPS));
    const before = readFileSync(path);
    const history = open();
    expect(history.offReason).toMatch(/newer Thortime/);
    projectAll(history);
    expect(await history.list(10)).toEqual([]);
    await history.close();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).some((name) => name.includes("broken"))).toBe(false);
  });

  test("of an older Thortime: its rows are kept, and every run is projected again for what they lack", async () => {
    withDatabase((db) => {
      migrate(db, STEPS.slice(0, 1));
      db.prepare("INSERT INTO runs (run, name, kind, createdAt, steps, totalSteps, checkpoints, trainSeconds) VALUES ('a', 'a', 'full', 1, 2, 3, 4, 5)").run();
    });
    const history = open();
    expect(history.needsRebuild).toBe(true);
    expect(await history.list(10)).toMatchObject([{ run: "a", model: "", from: null, verdict: null }]);
  });

  test.each(STEPS.map((step) => step.name))("killed with -9 inside %s is as before that step, and goes on from there", (name) => {
    withDatabase((db) => {
      migrate(db, STEPS.slice(0, 1));
      db.prepare("INSERT INTO runs (run, name, kind, createdAt, steps, totalSteps, checkpoints, trainSeconds) VALUES ('a', 'a', 'full', 1, 2, 3, 4, 5)").run();
      if (name === STEPS[0]?.name) db.exec("DROP TABLE runs; DELETE FROM migrations");
    });
    const child = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", MIGRATE_AND_DIE, path, name], { encoding: "utf8" });
    expect(child.signal).toBe("SIGKILL");
    withDatabase((db) => {
      const done = (db.prepare("SELECT name FROM migrations ORDER BY name").all() as { name: string }[]).map((row) => row.name);
      expect(done).toEqual(
        STEPS.map((step) => step.name).slice(
          0,
          STEPS.findIndex((step) => step.name === name),
        ),
      );
      const remaining = STEPS.slice(done.length).map((step) => step.name);
      expect(migrate(db, STEPS)).toEqual({ applied: remaining });
      expect(migrate(db, STEPS)).toEqual({ applied: [] });
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    });
  });
});

describe("off", () => {
  test("where there is no database to be had, the app runs on and says why", async () => {
    mkdirSync(path);
    const history = open();
    expect(history.offReason).toMatch(/cannot be opened/);
    projectAll(history);
    expect(await history.list(10)).toEqual([]);
  });

  test("when its thread cannot start or dies", async () => {
    const history = openHistory(path, join(folder, "no-such-worker.js"));
    opened.push(history);
    projectAll(history);
    await expect(history.list(10)).rejects.toThrow(/History cannot be read/);
    expect(history.offReason).toMatch(/thread ended/);
  });
});

function withDatabase<T>(work: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function patch(file: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(file, "r+");
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}
