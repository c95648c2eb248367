// Finds a Node that Thortime runs on. Uses only what Node 20 has built in.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** better-sqlite3 13 ends Node 20 with a segmentation fault. */
const OLDEST = [22, 12];

/** @param {string} version such as `24.21.0` or `v24.21.0` @returns {boolean} */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.trim().replace(/^v/, "").split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * The Node we run on, else one on PATH, else the project's own from npm.
 * @param {string} root @returns {string | null}
 */
export function findNode(root) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && !folder.endsWith(join("node_modules", ".bin")));
  const found = [join(root, "node_modules", ".bin"), ...folders].map((folder) => join(folder, "node")).find(isGood);
  return found ?? null;
}

function isGood(path) {
  if (!existsSync(path)) return false;
  try {
    return isNewEnough(execFileSync(path, ["--version"], { encoding: "utf8", timeout: 10_000, stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    return false;
  }
}
