import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { problem, stopped } from "./problem.mjs";

const HEARTBEAT_MS = 2_000;
const LOOK_MS = 500;
/** Looks, not seconds: a machine that slept must not make a living holder seem dead. */
const SILENT_LOOKS = 30;
const MOST_LOOKS = (40 * 60_000) / LOOK_MS;

/**
 * Lets one process at a time do `work`; others wait up to 40 minutes. The holder touches the lock file
 * every 2 s, and a file left untouched for 30 looks (15 s) belongs to nobody. This holds across process
 * ids, containers and clocks. It saves double work only: what is made is also safe without it, because
 * everyone builds in a folder of their own and renames at the end.
 *
 * @template T
 * @param {string} file
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, options, work) {
  await mkdir(dirname(file), { recursive: true });
  const token = randomUUID();
  await take(file, token, options);
  const heartbeat = setInterval(() => touch(file, token), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (await isOurs(file, token)) await rm(file, { force: true });
  }
}

async function take(file, token, { onLine, signal }) {
  let lastTouchMs = 0;
  let silentLooks = 0;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    if (signal?.aborted) throw stopped();
    if (await create(file, token)) return;
    if (look === 0) onLine?.("Another process is already at it; waiting.");
    const touchMs = await lastTouch(file);
    silentLooks = touchMs === lastTouchMs ? silentLooks + 1 : 0;
    lastTouchMs = touchMs;
    if (silentLooks >= SILENT_LOOKS) {
      await rm(file, { force: true });
      silentLooks = 0;
    } else {
      await wait(LOOK_MS);
    }
  }
  throw problem("busy", "Another process has been preparing the same thing for 40 minutes.", `End it, or delete ${file}, and try again.`);
}

async function create(file, token) {
  try {
    await writeFile(file, token, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function lastTouch(file) {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** False when we were silent so long, stopped by a debugger say, that another took the lock over. */
function isOurs(file, token) {
  return readFile(file, "utf8").then(
    (text) => text === token,
    () => false,
  );
}

async function touch(file, token) {
  if (!(await isOurs(file, token))) return;
  const now = new Date();
  await utimes(file, now, now).catch(() => {}); // gone this very moment: only the saving of double work is lost
}
