/** `engine.json`: says who the engine of a home is and where its socket lies. It describes; the lock is `owner.sqlite`. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../adapters/files.ts";

const recordSchema = z.object({
  pid: z.number().int().positive(),
  start: z.string(),
  boot: z.string(),
  socket: z.string(),
  command: z.array(z.string()),
  startedAt: z.number().int(),
  version: z.string(),
});
export type EngineRecord = z.infer<typeof recordSchema>;

export function readRecord(home: string): EngineRecord | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(join(home, "engine.json"), "utf8")));
  } catch {
    return null;
  }
}

export function writeRecord(home: string, record: EngineRecord): void {
  writeWhole(join(home, "engine.json"), `${JSON.stringify(record, null, 2)}\n`);
}

/** Only our own: a newer engine's record stays. */
export function removeRecord(home: string, pid: number): void {
  if (readRecord(home)?.pid === pid) rmSync(join(home, "engine.json"), { force: true });
}
