/**
 * The owner's lock where better-sqlite3 cannot be loaded: a small Python child holds the same transaction on the same file, so that this
 * process and one with an SQLite of its own exclude each other. The child ends when our end of its stdin closes, however we end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fault } from "../core/faults.ts";
import type { OwnerLock } from "./owner-lock.ts";
import { findInterpreters } from "./python-interpreter.ts";
import { installEnvironment } from "./python-uv.ts";

/** Says `held` and waits, or `owned`, or why not. A file that is no database is emptied in place, as owner-lock.ts does. */
const HOLD = `
import os, sqlite3, sys
def hold(path):
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = MEMORY")
        db.execute("BEGIN EXCLUSIVE")
    except BaseException:
        db.close()
        raise
    return db
path = sys.argv[1]
try:
    try:
        db = hold(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        os.truncate(path, 0)
        db = hold(path)
    print("held", flush=True)
    sys.stdin.read()
except sqlite3.OperationalError as error:
    print("owned" if "locked" in str(error) else str(error), flush=True)
`;

export async function holdOwnerLock(path: string, env: NodeJS.ProcessEnv): Promise<OwnerLock | null> {
  const passed = installEnvironment(env);
  const [python] = await findInterpreters({ path: passed["PATH"] ?? "", platform: process.platform, env: passed }, 1);
  if (!python) throw refused("SQLite cannot be loaded here, and there is no Python that could stand in");
  const child = spawn(python.path, ["-I", "-c", HOLD, path], { stdio: ["pipe", "pipe", "ignore"], env: passed });
  const answer = await firstLine(child);
  if (answer === "owned") return null;
  if (answer !== "held") throw refused(answer);
  const ino = inodeOf(path);
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  return { isHeld: () => isAlive() && inodeOf(path) === ino, release: () => void child.kill("SIGKILL") };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(`the lock's holder ended with ${code}`));
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
}

function refused(reason: string): Error {
  return fault("engine.lock", `The home folder could not be locked (${reason}).`, "Check that the folder is writable; if it is, install Thortime again.");
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch {
    return null;
  }
}
