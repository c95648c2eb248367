/** Whether better-sqlite3 may be touched at all: 13 ends the whole process on an older Node, without an error that could be caught. */

const LEAST_NODE = 22;

/** Null: it may. Otherwise why not. */
export function sqliteOff(version: string = process.versions.node): string | null {
  return Number(version.split(".")[0]) < LEAST_NODE ? `Node ${version} is too old for it` : null;
}
