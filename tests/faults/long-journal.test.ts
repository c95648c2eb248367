/** Rows 25 and 26: a million events, a burst of ten thousand a second, a line of 100 MB: what is held stays bounded and nobody is left behind. */
import { execFileSync } from "node:child_process";
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { FileJournal } from "../../electron/adapters/journal.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { type Client, connectClient } from "../../electron/hosts/client.ts";
import { type SocketServer, serveOnSocket } from "../../electron/hosts/socket.ts";
import { socketPlace } from "../../electron/hosts/socket-path.ts";
import { planOf } from "../core/plans.ts";
import { eventOf, lineOf, sample } from "../core/samples.ts";
import { Night } from "../engine/night.ts";
import { journalPieces } from "../fixtures/long-journal.ts";

/** What is held counts, not how long V8 likes to wait before it looks at what is not. */
const YOUNG = "--max-semi-space-size=8";
const REPLAY = fileURLToPath(new URL("../fixtures/replay-run.ts", import.meta.url));
// As it is sent. Answers are a third of it here; the plan's prompts bound them.
const SNAPSHOT_BYTES = 64_000;
const GROWTH_BYTES = 50e6;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "thortime-long-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Replay {
  readonly entries: number;
  readonly peakBytes: number;
  readonly snapshotBytes: number;
  readonly seconds: number;
  readonly step: number;
  readonly damages: number;
}

/** An engine's own run object on a journal of so many events, in a process of its own so that its peak is its own. */
function replay(events: number): Replay {
  const home = new FolderHome(join(folder, `home-${events}`));
  const plan = planOf();
  home.createRun(plan, INITIAL_CONTROL);
  const file = openSync(join(home.runPath(plan.id), "events.jsonl"), "w");
  for (const piece of journalPieces(events)) writeSync(file, piece);
  closeSync(file);
  return JSON.parse(execFileSync(process.execPath, [YOUNG, REPLAY, home.path, plan.id], { encoding: "utf8" })) as Replay;
}

it("row 25: 10⁶ events in one journal: the engine's memory is that of 10⁵, and a snapshot stays under 64 kB", { timeout: 300_000 }, () => {
  const [short, long] = [replay(100_000), replay(1_000_000)];
  console.log(
    `10⁵ events: peak ${Math.round(short.peakBytes / 1e6)} MB; 10⁶: peak ${Math.round(long.peakBytes / 1e6)} MB, ${long.seconds.toFixed(1)} s, snapshot ${long.snapshotBytes} bytes`,
  );
  expect([short.damages, long.damages, long.entries]).toEqual([0, 0, 1_000_000]);
  expect(long.step).toBeGreaterThan(800_000);
  expect(long.peakBytes - short.peakBytes).toBeLessThan(GROWTH_BYTES);
  expect(long.snapshotBytes).toBeLessThan(SNAPSHOT_BYTES);
});

it("row 25: a burst of 10⁴ events a second keeps every client live, and at its end each has the engine's state", { timeout: 120_000 }, async () => {
  const night = new Night(folder);
  const clients: Client[] = [];
  let server: SocketServer | null = null;
  try {
    const engine = night.startLean();
    const run = await night.begin({ misbehave: [{ verb: "train", how: "hang" }] });
    await night.untilState(run, "it hangs in training", (state) => state.process?.verb === "train");
    server = await serveOnSocket(engine.api, socketPlace(night.home));
    const seen: { state: RunState; updates: number }[] = [];
    for (let number = 0; number < 5; number += 1) {
      const client = await connectClient(server.path);
      clients.push(client);
      const one = { state: EMPTY_RUN, updates: 0 };
      seen.push(one);
      client.subscribe(`run:${run}`, (update) => {
        one.state = "snapshot" in update ? update.snapshot : reduceAll(one.state, update.entries);
        one.updates += 1;
      });
    }
    const path = night.runPath(run, "events.jsonl");
    let step = 0;
    for (let second = 0; second < 3; second += 1) {
      const before = seen.map((one) => one.updates);
      const startedAt = performance.now();
      for (let piece = 1; piece <= 20; piece += 1) {
        const lines = Array.from({ length: 500 }, () => {
          step += 1;
          return lineOf(eventOf(sample("step", { step }), { by: "keeper", n: step, at: Date.now() }));
        });
        appendFileSync(path, lines.join(""));
        await sleep(Math.max(0, startedAt + piece * 50 - performance.now()));
      }
      await expect.poll(() => seen.every((one, index) => one.updates > (before[index] ?? 0)), { timeout: 20_000 }).toBe(true);
    }
    await expect.poll(() => seen.map((one) => one.state.step?.step), { timeout: 20_000 }).toEqual(seen.map(() => 30_000));
    const whole = night.state(run);
    for (const one of seen) expect(one.state).toEqual(whole);
    await night.call("run-stop", { run });
    await night.untilEnded(run);
  } finally {
    for (const client of clients) client.close();
    await server?.close();
    await night.end();
  }
});

it("row 26: a file with a line of 100 MB and a million empty lines: one damage, and what stands around them is read", { timeout: 120_000 }, () => {
  const path = join(folder, "events.jsonl");
  const line = (n: number) => lineOf(eventOf(sample("step", { step: n }), { by: "trainer", n }));
  const file = openSync(path, "w");
  writeSync(file, line(1));
  const megabyte = Buffer.alloc(1_000_000, "a");
  for (let count = 0; count < 100; count += 1) writeSync(file, megabyte);
  writeSync(file, `\n${line(2)}`);
  writeSync(file, Buffer.alloc(1_000_000, "\n"));
  writeSync(file, line(3));
  closeSync(file);
  const journal = new FileJournal(path, "engine");
  const found: string[] = [];
  for (let more = true; more; ) {
    const read = journal.readNew();
    for (const entry of read.entries) found.push("damage" in entry ? `${entry.damage.kind} at ${entry.damage.offset}` : entry.event.type);
    more = read.more;
  }
  journal.close();
  expect(found).toEqual(["step", `long-line at ${line(1).length}`, "step", "step"]);
});
