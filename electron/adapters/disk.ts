/** Room on a disk. */
import { lstat, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Part } from "../core/removal.ts";

/** What an unprivileged writer may still take; less than what `df` calls free where blocks are kept for the system. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Looks at this many files at a time: an environment of Python has thirty thousand. */
const AT_ONCE = 64;

/** A file, or a folder with all that is in it; links are counted as such and never followed. What is gone meanwhile counts nothing. */
export async function measureFolder(path: string, name: string): Promise<Part> {
  const folder = join(path, name);
  const status = await lstat(folder).catch(() => null);
  if (!status) return { name, files: 0, bytes: 0 };
  if (!status.isDirectory()) return { name, files: 1, bytes: status.size };
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  let bytes = 0;
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const sizes = await Promise.all(
      files.slice(from, from + AT_ONCE).map((file) =>
        lstat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    bytes += sizes.reduce((sum, size) => sum + size, 0);
  }
  return { name, files: files.length, bytes };
}
