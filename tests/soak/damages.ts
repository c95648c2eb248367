/** Rows 10, 11, 12, 14, 17, 18, 20: the disk is full, files are damaged, a database is held, a clock is set. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { currentPhase } from "../../electron/core/selectors.ts";
import { send } from "../fixtures/processes.ts";
import type { FaultKind, Scene } from "./fault.ts";
import { runFolder, verbsOf } from "./ground.ts";

const PIECE = Buffer.alloc(4 * 1024 * 1024, 1);
const HOUR_MS = 3_600_000;
const isTraining = ({ state }: Scene) => state.process?.verb === "train" && currentPhase(state) === "train";

async function fillDisk({ ground, random }: Scene): Promise<string> {
  const path = join(ground.folder, "filler");
  const file = openSync(path, "w");
  let bytes = 0;
  try {
    // To the last byte: pieces, then single kilobytes.
    for (const size of [PIECE.length, 4096, 1]) {
      for (;;) {
        const written = tryWrite(file, size);
        bytes += written;
        if (written < size) break;
      }
    }
    await sleep(1_500 + random.below(5_000));
  } finally {
    closeSync(file);
    rmSync(path);
  }
  const { bavail, bsize } = statfsSync(ground.folder);
  return `${bytes} bytes, then freed (${bavail * bsize} free)`;
}

function tryWrite(file: number, size: number): number {
  try {
    return writeSync(file, PIECE, 0, size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return 0;
    throw error;
  }
}

/** The newest sealed checkpoint is damaged while its trainer is killed, so that the next start has to see it. */
function damageCheckpoint({ ground, run, random }: Scene): string | null {
  for (const { pid } of verbsOf(ground)) send(pid, "SIGKILL");
  const folder = runFolder(ground, run, "checkpoints");
  const newest = readdirSync(folder)
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .at(-1);
  if (newest === undefined) return null;
  const name = random.pick(["adapters.safetensors", "optimizer.safetensors", "state.json", "manifest.json"]);
  const path = join(folder, newest, name);
  const how = random.pick(["cut", "flipped", "deleted"] as const);
  if (!existsSync(path)) return null;
  if (how === "deleted") rmSync(path);
  else if (how === "cut") truncateSync(path, Math.floor(readFileSync(path).length / 2));
  else {
    const bytes = readFileSync(path);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    writeFileSync(path, bytes);
  }
  return `${newest}/${name} ${how}, trainer killed`;
}

/** As a writer leaves it that dies in the middle of a line. */
function tearJournal({ ground, run }: Scene): string {
  for (const { pid } of verbsOf(ground)) send(pid, "SIGKILL");
  const torn = '{"v":1,"at":1795000000000,"mono":12.5,"boot":"ş';
  appendFileSync(runFolder(ground, run, "events.jsonl"), torn);
  return `${torn.length} characters without an end, trainer killed`;
}

async function holdDatabase({ ground, random }: Scene): Promise<string | null> {
  const path = join(ground.home, "history.sqlite");
  if (!existsSync(path)) return null;
  const held = new Database(path, { timeout: 5_000 });
  const ms = 2_000 + random.below(8_000);
  try {
    held.exec("BEGIN EXCLUSIVE");
    await sleep(ms);
    held.exec("ROLLBACK");
    return `locked for ${ms} ms`;
  } catch (error) {
    return `not locked (${(error as Error).message})`;
  } finally {
    held.close();
  }
}

function loseDatabase({ ground, random }: Scene): string {
  const path = join(ground.home, "history.sqlite");
  const how = random.pick(["deleted", "overwritten"] as const);
  if (how === "overwritten") writeFileSync(path, "this was a database once\n".repeat(400));
  else for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  return how;
}

function loseControl({ ground, run, random }: Scene): string {
  const path = runFolder(ground, run, "control.json");
  const how = random.pick(["deleted", "garbage"] as const);
  if (how === "garbage") writeFileSync(path, '{"v":1,"desired":"run');
  else rmSync(path, { force: true });
  return how;
}

function leavePartial({ ground, run, random }: Scene): string {
  const folder = runFolder(ground, run, "checkpoints", `step-${String(900 + random.below(99)).padStart(6, "0")}.partial`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "adapters.safetensors"), "half");
  for (const { pid } of verbsOf(ground)) send(pid, "SIGKILL");
  return `${folder.slice(-19)}, trainer killed`;
}

const KILLED = /^run\.(memory|crashed)$/;

export const DAMAGES: readonly FaultKind[] = [
  // The words a verb has for it, and the engine's own.
  { name: "disk-full", rows: [10], asks: /^(disk\.|run\.(memory|crashed)|environment\.spawn)/, fits: ({ ground }) => ground.hasOwnDisk, inject: fillDisk },
  {
    name: "damage-checkpoint",
    rows: [11],
    asks: KILLED,
    fits: (scene) => isTraining(scene) && scene.state.checkpoints.length >= 2,
    inject: damageCheckpoint,
  },
  { name: "leftover-partial", rows: [12], asks: KILLED, fits: (scene) => isTraining(scene) && scene.state.checkpoints.length > 0, inject: leavePartial },
  { name: "torn-journal", rows: [14], asks: KILLED, fits: isTraining, inject: tearJournal },
  { name: "history-locked", rows: [17], fits: () => true, inject: holdDatabase },
  { name: "history-lost", rows: [18], fits: () => true, inject: loseDatabase },
  { name: "control-lost", rows: [2], fits: isTraining, inject: loseControl },
  {
    name: "clock-set",
    rows: [20],
    fits: () => true,
    inject: ({ ground, random }) => {
      const offset = random.pick([-HOUR_MS, HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, 0]);
      writeFileSync(ground.clockFile, String(offset));
      return `the engine's time of day is off by ${offset / HOUR_MS} h`;
    },
  },
];
