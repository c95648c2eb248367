import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { problem, stopped } from "./problem.mjs";

const TAIL_LINES = 200;
const LINE_CHARACTERS = 2_000;
const DEFAULT_LIMIT_MS = 30 * 60_000;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to this process's own
 * @property {(line: string) => void} [onLine] every line of stdout and stderr, cut at 2,000 characters
 * @property {string} [logFile] gets every line; written anew
 * @property {AbortSignal} [signal] ends the program, and all it started, with SIGTERM
 * @property {number} [niceness] 0 (default) to 19 (most patient)
 * @property {number} [limitMs]
 *
 * @typedef {object} RunResult
 * @property {number | null} code exit status; null when a signal ended it (the time limit does that too)
 * @property {string[]} tail the last 200 lines of stdout and stderr
 */

/**
 * Runs a program without a shell. A failing exit status is a result, not an exception;
 * what throws is a program that cannot be started, or an abort.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(command, args, options = {}) {
  if (options.signal?.aborted) throw stopped();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, so that ending `go` also ends the compilers it started
  });
  const end = () => endGroup(child.pid);
  // Not spawn's own `timeout`: its timer outlives a program that could not be started and keeps the host waiting.
  const limit = setTimeout(end, options.limitMs ?? DEFAULT_LIMIT_MS);
  options.signal?.addEventListener("abort", end);
  process.on("exit", end); // a host that ends, a test runner giving up say, leaves nothing working for nobody
  try {
    if (options.niceness && child.pid) setPriority(child.pid, options.niceness);
    const [code, tail] = await Promise.all([closing(child, command), collectLines(child, options)]);
    if (options.signal?.aborted) throw stopped();
    return { code, tail };
  } finally {
    clearTimeout(limit);
    options.signal?.removeEventListener("abort", end);
    process.off("exit", end);
  }
}

function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // it had ended by itself
  }
}

/** Waits for 'close' and not for 'exit', so that the last lines are in before anyone reads the tail. */
function closing(child, command) {
  return new Promise((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", (error) => {
      reject(problem("missing-tool", `The program ${command} could not be started (${error.code ?? error.message}).`, `Install ${command} and try again.`));
    });
  });
}

async function collectLines(child, { onLine, logFile }) {
  const tail = [];
  const log = logFile ? createWriteStream(logFile) : undefined;
  log?.on("error", () => {}); // a log that cannot be written must not fail the work it describes
  const read = async (stream) => {
    for await (const whole of createInterface({ input: stream })) {
      const line = whole.slice(0, LINE_CHARACTERS);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      log?.write(`${line}\n`);
      onLine?.(line);
    }
  };
  await Promise.all([read(child.stdout), read(child.stderr)]);
  log?.end();
  if (log) await finished(log).catch(() => {});
  return tail;
}
