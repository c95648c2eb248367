// Makes a clone ready to run: npm packages as the lock file says, a Node that is new enough, and `out` as the sources are.
// Uses only what Node 20 has built in, because nothing else may be there yet.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { findNode } from "./node.mjs";
import { withLock } from "./provision/lock.mjs";
import { problem } from "./provision/problem.mjs";
import { isBuilt } from "./stamp.mjs";

const STILL_MS = 15_000;

/**
 * @param {string} root the clone
 * @param {(line: string) => void} say progress
 * @returns {Promise<{node: string}>} the Node to run `out/*.js` with
 * @throws {import("./provision/problem.mjs").Problem}
 */
export async function prepare(root, say) {
  // The quick look needs no lock: it finds everything ready or it does not.
  if (!isInstalled(root) || !isBuilt(root)) {
    await withLock(join(root, "out", "prepare.lock"), { onLine: say }, () => install(root, say));
  }
  return { node: neededNode(root) };
}

async function install(root, say) {
  if (!isInstalled(root)) {
    if (await engineLivesIn(root)) return keepAsItIs(root, say);
    say("Installing npm packages (about a minute the first time) …");
    await runStep(
      say,
      npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
      root,
      "The npm packages could not be installed",
      "Check the network and the messages above, then try again.",
    );
  }
  if (isBuilt(root)) return;
  say("Building …");
  await runStep(
    say,
    [neededNode(root), "build/build.mjs"],
    root,
    "Thortime could not be built",
    "Look at the messages above; in an unchanged clone, report them.",
  );
}

/** Packages are never exchanged under a living engine: it would load half of the old and half of the new. */
function keepAsItIs(root, say) {
  if (!existsSync(join(root, "out", "cli.js")) || !existsSync(join(root, "node_modules"))) {
    throw problem(
      "busy",
      "An engine works from this folder, and its packages are not complete.",
      "Wait until its run has ended, or end the engine, then try again.",
    );
  }
  say("An engine works from this folder: new packages are installed once it has ended.");
}

/** npm writes its own lock file into node_modules last, so it also says whether an installation was finished. */
function isInstalled(root) {
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  const wanted = packagesOf(join(root, "package-lock.json"));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version);
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

function neededNode(root) {
  const node = findNode(root);
  if (node) return node;
  throw problem(
    "missing-tool",
    "Thortime needs Node 22.12 or newer, and none was found.",
    "Install it from nodejs.org (macOS: brew install node), then try again.",
  );
}

/** @param {string} root @returns {Promise<boolean>} whether the engine of this person's home was started from this folder and answers */
export async function engineLivesIn(root) {
  try {
    const { command, socket } = JSON.parse(readFileSync(join(homePath(), "engine.json"), "utf8"));
    return command[1].startsWith(join(root, "out")) && (await answers(socket));
  } catch {
    return false;
  }
}

/** The same rule as `homePath` in electron/adapters/home.ts, which cannot be imported before there is a build; a test holds them equal. */
export function homePath(env = process.env, platform = process.platform) {
  if (env.THORTIME_HOME) return env.THORTIME_HOME;
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Thortime");
  return join(env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "thortime");
}

function answers(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(2_000, () => socket.destroy(new Error("silent")));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Under `npm start` npm says where it is; otherwise it is on PATH. */
function npm(args) {
  const path = process.env.npm_execpath;
  return path?.endsWith(".js") ? [process.execPath, path, ...args] : ["npm", ...args];
}

async function runStep(say, [command, ...args], root, failure, next) {
  const still = setInterval(() => say("… still working"), STILL_MS);
  try {
    const code = await runInherited(command, args, { cwd: root, toStderr: true });
    if (code !== 0) throw problem("install-failed", `${failure}.`, next);
  } finally {
    clearInterval(still);
  }
}

/**
 * Runs a program on our terminal and hands signals on. Ctrl-C reaches it by itself, being in our group.
 * @param {string} command @param {readonly string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>, toStderr?: boolean}} [options] `toStderr`: stdout is kept for results
 * @returns {Promise<number>} its exit code, or 128 + the signal's number
 */
export function runInherited(command, args, { cwd, env = process.env, toStderr = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...env, PATH: withoutBin(env.PATH) }, stdio: ["inherit", toStderr ? 2 : "inherit", "inherit"] });
    const ignore = () => {};
    const pass = (signal) => child.kill(signal);
    process.on("SIGINT", ignore);
    for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, pass);
    const done = (code) => {
      process.off("SIGINT", ignore);
      for (const name of ["SIGTERM", "SIGHUP"]) process.off(name, pass);
      resolve(code);
    };
    child.once("error", () => done(127));
    child.once("exit", (code, signal) => done(code ?? 128 + (signal === "SIGINT" ? 2 : signal === "SIGKILL" ? 9 : 15)));
  });
}

/** npm puts its folders in front of PATH; what we start looks for the system's programs. */
function withoutBin(path = "") {
  return path
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join("node_modules", ".bin")))
    .join(delimiter);
}
