/** `thortime doctor`: what is installed, what is missing, and what to do about it. It changes nothing and starts nothing. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { askPython } from "../../adapters/inspector.ts";
import { machineFacts } from "../../adapters/machine-facts.ts";
import { createOllama } from "../../adapters/ollama.ts";
import { toFault } from "../../core/faults.ts";
import { connectLiving } from "../attach.ts";
import type { Context } from "./context.ts";
import { bytes, harmless } from "./format.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; null when it is fine. */
  readonly next: string | null;
  /** Without it nothing can be trained; the others only take something away. */
  readonly needed: boolean;
}

const DISK_BYTES = 10e9;
const probeSchema = z.object({ python: z.string(), packages: z.record(z.string(), z.string().nullable()), missing: z.array(z.string()) });

export function addDoctor(program: Command, context: Context, finish: (code: number) => void): void {
  program
    .command("doctor")
    .description("check Node, Python, Ollama, disk and home; say what to do")
    .option("--json", "print one JSON document")
    .action(async (flags: { json?: boolean }) => {
      const checks = await examine(context);
      const ok = checks.every((check) => check.ok || !check.needed);
      if (flags.json) context.printJson({ ok, checks });
      else for (const line of checks.flatMap(lines)) context.print(line);
      // The exit code of `environment` faults.
      finish(ok ? 0 : 6);
    });
}

async function examine(context: Context): Promise<Check[]> {
  return [
    await describeMachine(),
    checkNode(),
    checkHome(context.home),
    checkDisk(context.home),
    await checkPython(context),
    await checkOllama(context.env),
    await checkEngine(context.home),
  ];
}

/** Only said: nothing is asked of a machine by its name. */
async function describeMachine(): Promise<Check> {
  const { chip, cores, model, system } = await machineFacts();
  const memory = `${bytes(totalmem())} memory`;
  const known = [chip, cores === null ? null : `${cores} cores`, memory, model, system].filter((one) => one !== null);
  return { name: "Machine", ok: true, detail: known.join(", "), next: null, needed: false };
}

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

async function checkPython(context: Context): Promise<Check> {
  try {
    const python = context.python();
    const probe = probeSchema.parse(await askPython({ python: () => python, packageFolder: join(context.place.root, "python") }, ["probe", "--json"]));
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

function lines(check: Check): string[] {
  const head = `${check.ok ? "ok     " : check.needed ? "problem" : "missing"}  ${check.name.padEnd(7)} ${harmless(check.detail)}`;
  return check.next === null ? [head] : [head, `                 ${harmless(check.next)}`];
}

/** The folder itself or the closest one above it that is there. */
function nearest(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
