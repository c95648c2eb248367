/** What is installed and what is missing, each with what to do: for `thortime doctor` and the support bundle. Nothing is changed or started. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { askPython } from "../adapters/inspector.ts";
import { createOllama } from "../adapters/ollama.ts";
import { toFault } from "../core/faults.ts";
import { connectLiving } from "./attach.ts";
import { bytes } from "./cli/format.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; null when it is fine. */
  readonly next: string | null;
  /** Without it nothing can be trained; the others only take something away. */
  readonly needed: boolean;
}

export interface Place {
  readonly home: string;
  /** The folder that holds `python`. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  python(): string;
}

const DISK_BYTES = 10e9;
const probeSchema = z.object({ python: z.string(), packages: z.record(z.string(), z.string().nullable()), missing: z.array(z.string()) });

export async function examine(place: Place): Promise<Check[]> {
  return [checkNode(), checkHome(place.home), checkDisk(place.home), await checkPython(place), await checkOllama(place.env), await checkEngine(place.home)];
}

/** For somebody else's eyes: what may name a person's folders, hosts or runs is left out. */
export function forOthers(checks: readonly Check[]): readonly object[] {
  const told = ({ name, ok }: Check) => name === "Node" || name === "Disk" || name === "Python" || (name === "Ollama" && ok);
  return checks.map((check) => ({ ...check, detail: told(check) ? check.detail.replaceAll(PATH, "‹path›") : null }));
}

/** From the root on, up to where a sentence goes on. */
const PATH = /(?<![\w.])\/[^,;:()"'\n]+/g;

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 22 || (major === 22 && minor >= 12);
  return { name: "Node", ok, detail: process.versions.node, next: ok ? null : "Install Node 22.12 or newer, or run: npm start.", needed: true };
}

function checkHome(home: string): Check {
  const there = nearest(home);
  try {
    accessSync(there, constants.W_OK);
    return { name: "Home", ok: true, detail: existsSync(home) ? home : `${home} (made with the first run)`, next: null, needed: true };
  } catch {
    return { name: "Home", ok: false, detail: `${home} cannot be written`, next: "Check its owner, or set THORTIME_HOME to a folder of yours.", needed: true };
  }
}

function checkDisk(home: string): Check {
  const { bavail, bsize } = statfsSync(nearest(home));
  const free = bavail * bsize;
  const ok = free >= DISK_BYTES;
  return {
    name: "Disk",
    ok,
    detail: `${bytes(free)} free`,
    next: ok ? null : "A 2B model with checkpoints and export takes about 10 GB: free some space.",
    needed: false,
  };
}

async function checkPython(place: Place): Promise<Check> {
  try {
    const python = place.python();
    const probe = probeSchema.parse(await askPython({ python: () => python, packageFolder: join(place.root, "python") }, ["probe", "--json"]));
    const versions = Object.entries(probe.packages).map(([name, version]) => `${name} ${version ?? "missing"}`);
    const ok = probe.missing.length === 0;
    return { name: "Python", ok, detail: [probe.python, ...versions].join(", "), next: ok ? null : "Run: thortime setup.", needed: true };
  } catch (error) {
    const { message, next } = toFault(error);
    return { name: "Python", ok: false, detail: message, next, needed: true };
  }
}

async function checkOllama(env: NodeJS.ProcessEnv): Promise<Check> {
  const found = await createOllama(env).available();
  if ("version" in found) return { name: "Ollama", ok: true, detail: found.version, next: null, needed: false };
  return { name: "Ollama", ok: false, detail: found.fault.message, next: found.fault.next, needed: false };
}

async function checkEngine(home: string): Promise<Check> {
  const base = { name: "Engine", ok: true, next: null, needed: false };
  const client = await connectLiving(home);
  if (!client) return { ...base, detail: "not running (it is started when it is needed)" };
  const info = await client.call("engine-info", {});
  client.close();
  // An engine of an older version does not count them.
  const refused = info.refused?.count ? `; ${info.refused.count} messages refused (last: ${info.refused.last})` : "";
  if (info.trouble) {
    const { message } = info.trouble;
    return {
      ...base,
      ok: false,
      detail: `running, but: ${message}`,
      next: "Runs wait and go on by themselves; see that the home folder's disk is there, writable and not full.",
    };
  }
  if (info.historyOff === null) return { ...base, detail: `running, version ${info.version}${refused}` };
  return {
    ...base,
    ok: false,
    detail: `running without history: ${info.historyOff}`,
    next: "Runs go on. Move history.sqlite away; it is rebuilt from the journals at the next start.",
  };
}

/** The folder itself or the closest one above it that is there. */
function nearest(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
