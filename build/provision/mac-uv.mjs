import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { logPath, provideFromCache } from "./cache.mjs";
import { findOnPath } from "./executable.mjs";
import { problem } from "./problem.mjs";
import { run } from "./run.mjs";

/** The version is the one python/pyproject.toml asks for (a test holds them equal); the hash is that of the wheel on PyPI. */
export const MAC_UV = {
  version: "0.13.9",
  platform: "macosx_11_0_arm64",
  sha256: "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
};

/**
 * uv for a Mac with Apple silicon, to put into the packaged app: the wheel from PyPI, pinned by hash, unpacked without being installed,
 * so that any system can package.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} a folder holding `uv` and its licences
 * @throws {import('./problem.mjs').Problem}
 */
export async function provideMacUv({ onLine, signal } = {}) {
  const name = `uv-${MAC_UV.version}-${MAC_UV.platform}-${MAC_UV.sha256.slice(0, 8)}`;
  const make = (work) => unpack(work, { onLine, signal });
  return join(await provideFromCache({ name, entry: "uv", onLine, signal, make }), "..");
}

async function unpack(work, { onLine, signal }) {
  const python = await findOnPath(["python3", "python"]);
  if (!python) throw problem("missing-tool", "Fetching uv for the app needs Python 3 with pip.", "Install Python 3, then try again.");
  const logFile = await logPath(`uv-${MAC_UV.version}`);
  const pip = async (args) => (await run(python, ["-m", ...args], { cwd: work, onLine, logFile, signal, niceness: 5 })).code === 0;
  // A requirements file, because that is the one place where pip takes a hash; it refuses any other file.
  const wanted = join(work, "requirements.txt");
  await writeFile(wanted, `uv==${MAC_UV.version} --hash=sha256:${MAC_UV.sha256}\n`);
  const options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary", ":all:", "--platform", MAC_UV.platform];
  const fetched = await pip(["pip", "download", ...options, "--require-hashes", "--dest", work, "-r", wanted]);
  const wheel = (await readdir(work)).find((name) => name.endsWith(".whl"));
  if (!fetched || !wheel) throw problem("download-failed", `uv ${MAC_UV.version} for macOS could not be had from PyPI.`, `Read ${logFile} and try again.`);
  await checkHash(join(work, wheel));
  if (!(await pip(["zipfile", "-e", join(work, wheel), join(work, "wheel")]))) {
    throw problem("download-failed", `uv ${MAC_UV.version} could not be unpacked.`, `Read ${logFile} and try again.`);
  }
  return await keepProgramAndLicences(work);
}

async function checkHash(path) {
  const hash = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  if (hash === MAC_UV.sha256) return;
  throw problem("download-failed", `The uv that came is not the one that was pinned (sha256 ${hash}).`, "Do not use it; check which package index pip uses.");
}

async function keepProgramAndLicences(work) {
  const folder = join(work, "uv");
  await mkdir(folder);
  const base = join(work, "wheel", `uv-${MAC_UV.version}`);
  await copyFile(join(`${base}.data`, "scripts", "uv"), join(folder, "uv"));
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) await copyFile(join(`${base}.dist-info`, "licenses", name), join(folder, name));
  await chmod(join(folder, "uv"), 0o755);
  return folder;
}
