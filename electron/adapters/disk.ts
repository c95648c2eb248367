/** Room on a disk. */
import { statfs } from "node:fs/promises";

/** What an unprivileged writer may still take; less than what `df` calls free where blocks are kept for the system. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
