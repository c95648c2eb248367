/** Finds the home's engine and connects to it; where there is none, starts one that outlives us. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { faultSchema } from "../core/events.ts";
import { type Fault, FaultError, fault } from "../core/faults.ts";
import { type Client, connectClient } from "./client.ts";
import { readRecord } from "./engine-record.ts";

export interface AttachOptions {
  readonly home: string;
  readonly version: string;
  /** Program and arguments of an engine for this home. */
  readonly engineCommand: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs?: number;
}

const LIMIT_MS = 15_000;
const LOOK_MS = 50;
const LOG_BYTES = 2 * 1024 * 1024;
/** An engine prints this before the fault it ends with; it is how the one who started it learns why. */
export const FAULT_MARK = "thortime-engine-fault ";

export async function attach(options: AttachOptions): Promise<Client> {
  return (await connectOurs(options.home, options.version)) ?? (await startEngine(options));
}

/** Connects to the engine that lives already, if it may stay; null when there is none, or it made way for us. */
export async function connectOurs(home: string, version: string): Promise<Client | null> {
  const living = await connectLiving(home);
  return living && (await isOurs(living, version)) ? living : null;
}

/** Connects to the engine that lives already, without starting one; null when there is none. */
export async function connectLiving(home: string): Promise<Client | null> {
  const record = readRecord(home);
  if (!record) return null;
  try {
    return await connectClient(record.socket);
  } catch {
    return null;
  }
}

/** An engine of another version ends if nothing runs; one that works is left at its work and used as it is, and so is a newer one. */
async function isOurs(client: Client, version: string): Promise<boolean> {
  const info = await client.call("engine-info", {});
  if (info.version === version || isNewer(info.version, version)) return true;
  try {
    await client.call("engine-quit", {});
  } catch (error) {
    // It works on; or it went before its answer came.
    if (!(error instanceof FaultError && error.fault.kind === "engine.gone")) return true;
  }
  await client.ended;
  return false;
}

/** By their numbers. Two clients of different versions that both replaced the other's engine would do so for ever. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => (text.split(/[-+]/)[0] ?? "").split(".").map(Number));
  for (const [index, part] of (one ?? []).entries()) {
    const difference = part - (other?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

async function startEngine(options: AttachOptions): Promise<Client> {
  const log = openLog(options.home);
  const from = fstatSync(log).size;
  const [program, ...args] = options.engineCommand;
  const child = spawn(program ?? process.execPath, args, { detached: true, stdio: ["ignore", log, log], env: options.env });
  closeSync(log);
  child.unref();
  const ended = watch(child);
  const deadline = performance.now() + (options.limitMs ?? LIMIT_MS);
  while (performance.now() < deadline) {
    const client = await connectLiving(options.home);
    if (client) return client;
    const reason = ended();
    // Another client was faster: its engine holds the home and will answer in a moment.
    if (reason !== null) {
      const told = readFault(options.home, from);
      if (told?.kind !== "engine.owned") throw new FaultError(told ?? unknown(reason));
    }
    await sleep(LOOK_MS);
  }
  throw new FaultError(readFault(options.home, from) ?? unknown("no answer in 15 s"));
}

function unknown(reason: string): Fault {
  return fault("engine.start", `The engine could not be started (${reason}).`, "Look at engine.log in the home folder, or run: thortime doctor.").fault;
}

function watch(child: ChildProcess): () => string | null {
  let reason: string | null = null;
  child.once("error", (error) => {
    reason = error.message;
  });
  child.once("exit", (code, signal) => {
    reason ??= signal ? `ended by ${signal}` : `exit code ${code}`;
  });
  return () => reason;
}

function openLog(home: string): number {
  const path = join(home, "engine.log");
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOG_BYTES) renameSync(path, `${path}.1`);
    return openSync(path, "a", 0o600);
  } catch (error) {
    throw fault(
      "engine.home",
      `The home folder ${home} cannot be written (${(error as Error).message}).`,
      "Check its owner and free space, or set THORTIME_HOME to another folder.",
    );
  }
}

const markedSchema = z
  .string()
  .startsWith(FAULT_MARK)
  .transform((line) => faultSchema.parse(JSON.parse(line.slice(FAULT_MARK.length))));

function readFault(home: string, from: number): Fault | null {
  try {
    const text = readFileSync(join(home, "engine.log")).subarray(from).toString();
    const line = text.split("\n").findLast((one) => one.startsWith(FAULT_MARK));
    return line === undefined ? null : markedSchema.parse(line);
  } catch {
    return null;
  }
}
