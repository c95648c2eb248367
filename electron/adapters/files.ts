/** Whole-file writes: a reader sees the old file or the new one, never half of one. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.partial`;
  try {
    const file = openSync(partial, "w", 0o600);
    try {
      // Not `writeSync`: on a disk that fills up it writes a part and says so only in its result.
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Makes a rename durable; not every file system allows it, and then there is nothing better to do. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(dirname(path), "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch {
    // Without folder sync the rename is durable a little later.
  }
}
