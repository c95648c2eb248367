import { join } from "node:path";
import { cacheFolder, logPath } from "./cache.mjs";
import { findOnPath } from "./executable.mjs";
import { withLock } from "./lock.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

/**
 * Makes sure that Debian packages are installed: installs them when we are root on Debian or a relative of
 * it, and otherwise says what to install. apt-get is never stopped half way by an abort: a broken package
 * database would cost more than a minute of waiting.
 *
 * @param {object} wanted
 * @param {readonly string[]} wanted.packages `a|b` means either; the first that the system knows is installed
 * @param {string} wanted.purpose ends the sentence "Some packages are missing …"
 * @param {() => Promise<boolean>} [wanted.otherwiseReady] on other systems: are the same things there?
 * @param {(line: string) => void} [wanted.onLine]
 */
export async function ensurePackages({ packages, purpose, otherwiseReady, onLine }) {
  const isDebian = Boolean((await findOnPath(["apt-get"])) && (await findOnPath(["dpkg-query"])));
  if (!isDebian) {
    if (await otherwiseReady?.()) return;
    throw missing(packages, purpose, "Install what your system calls");
  }
  if ((await missingPackages(packages)).length === 0) return;
  if (process.getuid?.() !== 0) throw missing(await missingPackages(packages), purpose, "Run: sudo apt-get install -y");
  await withLock(join(cacheFolder(), "locks", "apt"), { onLine }, async () => install(await missingPackages(packages), onLine));
}

function missing(packages, purpose, instruction) {
  const names = packages.map((either) => either.split("|").at(-1)).join(" ");
  return problem("missing-packages", `Some packages are missing ${purpose}.`, `${instruction} ${names}`);
}

async function missingPackages(packages) {
  const names = packages.flatMap((either) => either.split("|"));
  // Its exit status is 1 as soon as one name is unknown; the lines it prints are still right.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders.
  const { tail } = await run("dpkg-query", ["--show", "--showformat", "${db:Status-Status} ${Package}\n", ...names]);
  const installed = new Set(tail.filter((line) => line.startsWith("installed ")).map((line) => line.split(" ")[1]));
  return packages.filter((either) => !either.split("|").some((name) => installed.has(name)));
}

async function install(packages, onLine) {
  if (packages.length === 0) return;
  onLine?.(`Installing ${packages.join(" ")}`);
  // A failed update may be one broken source among many; whether the packages can be had is decided below.
  await aptGet("apt-update", ["update"], onLine);
  const names = [];
  for (const either of packages) names.push(await firstKnown(either));
  const { code, logFile } = await aptGet("apt-install", ["install", "-y", "--no-install-recommends", ...names], onLine);
  if (code === 0) return;
  throw problem("install-failed", `apt-get could not install ${names.join(" ")}.`, `Read ${logFile}, or install them yourself.`);
}

async function firstKnown(either) {
  const names = either.split("|");
  for (const name of names) {
    const { tail } = await run("apt-cache", ["show", "--no-all-versions", name]);
    if (tail.some((line) => line.startsWith("Package: "))) return name;
  }
  return names[0];
}

async function aptGet(logName, args, onLine) {
  const logFile = await logPath(logName);
  const options = ["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"];
  const { code } = await run("apt-get", [...options, ...args], { onLine, logFile, env: { DEBIAN_FRONTEND: "noninteractive" } });
  return { code, logFile };
}
