/** How the disk is used, and clearing away what can be made again. */
import type { Args } from "../core/api.ts";
import { fault } from "../core/faults.ts";
import type { Ports } from "../core/ports.ts";
import type { Part } from "../core/removal.ts";
import { refuseLiving } from "../core/removal.ts";
import { CLEARED_PART, type Clearing, type RunRoom, roomOf, type Storage } from "../core/storage.ts";
import type { Runs } from "./runs.ts";

export async function showStorage({ days }: Args<"storage">, ports: Ports, runs: Runs): Promise<Storage> {
  const [parts, freeBytes, ollamaBytes] = await Promise.all([ports.home.parts(), ports.freeBytes(ports.home.path), inOllama(ports, runs)]);
  const of = (name: string) => parts.find((part) => part.name === name)?.bytes ?? 0;
  const rooms = roomsOf(days, ports, runs).toSorted((a, b) => b.bytes - a.bytes);
  const others = parts.filter(({ name }) => !["models", "python"].includes(name)).reduce(sum, 0);
  const runsBytes = rooms.reduce((total, room) => total + room.bytes, 0);
  return {
    home: ports.home.path,
    freeBytes,
    totalBytes: runsBytes + others + of("models") + of("python"),
    runs: rooms,
    models: ports.workshop.heldModels(),
    modelsBytes: of("models"),
    pythonBytes: of("python"),
    otherBytes: others,
    ollamaBytes,
  };
}

/** Says what would go; with `really` it goes. A run whose files were needed meanwhile is passed over. */
export function clearStorage({ days, really }: Args<"storage-clear">, ports: Ports, runs: Runs): Clearing {
  const rooms = roomsOf(days, ports, runs).filter((room) => room.clearableBytes > 0);
  const cleared = really ? rooms.filter((room) => clear(room, ports, runs)) : rooms;
  return {
    runs: cleared.map(({ run, name, clearableBytes }) => ({ run, name, bytes: clearableBytes })),
    bytes: cleared.reduce((total, room) => total + room.clearableBytes, 0),
    done: really,
  };
}

/** Its line after the folder has left its name: cut off between the two, the folder is looked for again and made again. */
function clear({ run: id, clearableBytes }: RunRoom, ports: Ports, runs: Runs): boolean {
  const run = runs.get(id);
  try {
    refuseLiving(run.state);
    if (run.busy) throw fault("run.living", `${run.plan.name} is still working.`, "Try again in a few seconds.");
  } catch {
    return false;
  }
  ports.home.clearPart(id, CLEARED_PART, () => run.append({ type: "cleared", part: CLEARED_PART, bytes: clearableBytes }));
  runs.project(run);
  return true;
}

function roomsOf(days: number, ports: Ports, runs: Runs): readonly RunRoom[] {
  const home = runs.home.state;
  const now = ports.clock.now();
  return home.runs.filter(({ id }) => ports.home.hasRun(id)).map((run) => roomOf(run, ports.home.partsOf(run.id), home, { now, days }));
}

async function inOllama({ ollama }: Ports, runs: Runs): Promise<number | null> {
  const ours = runs.ours();
  if (ours.size === 0) return 0;
  const models = await ollama.names().catch(() => null);
  if (models === null) return null;
  const once = new Map(models.filter(({ digest }) => ours.has(digest)).map(({ digest, bytes }) => [digest, bytes]));
  return [...once.values()].reduce((total, bytes) => total + bytes, 0);
}

function sum(total: number, part: Part): number {
  return total + part.bytes;
}
