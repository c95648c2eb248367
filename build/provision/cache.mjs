import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isExecutable } from "./executable.mjs";
import { withLock } from "./lock.mjs";

/** @returns {string} the folder, outside any checkout, where provisioned things live */
export function cacheFolder() {
  if (process.env.THORTIME_CACHE) return resolve(process.env.THORTIME_CACHE);
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "thortime");
}

/** @param {string} name @returns {Promise<string>} a path for a log; its folder exists */
export async function logPath(name) {
  const folder = join(cacheFolder(), "logs");
  await mkdir(folder, { recursive: true });
  return join(folder, `${name}.log`);
}

/**
 * @typedef {object} CachedThing
 * @property {string} name folder in the cache; holds the version and the platform, so nothing is ever updated in place
 * @property {string} entry the executable inside that folder
 * @property {(line: string) => void} [onLine]
 * @property {AbortSignal} [signal]
 * @property {(work: string) => Promise<string>} make gets an empty folder to work in and returns
 *   the finished folder inside it
 */

/**
 * The executable of a cached thing, made now if it is not there. It is made in a folder of its own and
 * renamed into place as a whole, so an interruption at any moment leaves the whole thing or nothing.
 *
 * @param {CachedThing} thing
 * @returns {Promise<string>}
 */
export async function provideFromCache({ name, entry, onLine, signal, make }) {
  const home = join(cacheFolder(), name);
  const executable = join(home, entry);
  if (await isExecutable(executable)) return executable;
  return withLock(join(cacheFolder(), "locks", name), { onLine, signal }, async () => {
    if (await isExecutable(executable)) return executable; // made by the one we waited for
    const work = await freshWorkFolder(name);
    try {
      await putInPlace(await make(work), home, executable);
    } finally {
      // Retries: the compilers of a build that was stopped may write for another moment.
      await rm(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
    return executable;
  });
}

/** Also removes what a killed process left: `NAME.PID.RANDOM` of a process that is no more. */
async function freshWorkFolder(name) {
  const folder = join(cacheFolder(), "work");
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    const isLeftover = entry.startsWith(`${name}.`) && !isAlive(Number(entry.split(".").at(-2)));
    if (isLeftover) await rm(join(folder, entry), { recursive: true, force: true, maxRetries: 5 });
  }
  return mkdtemp(join(folder, `${name}.${process.pid}.`));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // alive, and another user's
  }
}

async function putInPlace(made, home, executable) {
  try {
    await rename(made, home);
  } catch (error) {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    if (await isExecutable(executable)) return; // another process was first; both are the same version
    await rm(home, { recursive: true, force: true });
    await rename(made, home);
  }
}
