// Whether `out` was built from the sources as they are: one hash over names and contents. Only Node 20 built-ins.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["electron", "renderer", "build", "package.json", "package-lock.json"];
/** What a complete build has made. */
const DESKTOP = ["main.cjs", "preload.cjs", "history-worker.cjs"].map((name) => `out/desktop/${name}`);
const MADE = ["out/cli.js", "out/engine.js", "out/history-worker.js", "out/renderer/index.html", ...DESKTOP];

/** @param {string} root @returns {string} 64 hexadecimal digits */
export function sourceStamp(root) {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((name) => list(root, name)).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** @param {string} root @returns {boolean} */
export function isBuilt(root) {
  const stamp = join(root, "out", "stamp");
  if (!existsSync(stamp) || !MADE.every((path) => existsSync(join(root, path)))) return false;
  return readFileSync(stamp, "utf8").trim() === sourceStamp(root);
}

function list(root, name) {
  if (!existsSync(join(root, name))) return [];
  if (/\.[a-z]+$/.test(name)) return [name];
  return readdirSync(join(root, name), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
}
