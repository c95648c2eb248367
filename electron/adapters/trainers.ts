/** Trainer processes. A keeper (standard-library Python, its own session) starts each one, so that a run outlives us. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Verb, verbSchema } from "../core/events.ts";
import { fault } from "../core/faults.ts";
import type { Exit, Home, Spawned, Trainers } from "../core/ports.ts";
import { childEnvironment } from "./child-environment.ts";
import { isSame } from "./identity.ts";

const processSchema = z.object({ token: z.string(), verb: verbSchema, pid: z.number().int().positive(), start: z.string() });
const keeperSchema = z.object({ token: z.string(), keeperPid: z.number().int().positive(), keeperStart: z.string() });
const exitSchema = z.object({
  token: z.string(),
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  tail: z.array(z.string()),
  // Evidence that cannot be read is none; the rest of the file still counts.
  oomKills: z.object({ before: z.number(), after: z.number() }).nullable().catch(null),
});

const START_LIMIT_MS = 20_000;
const POLL_MS = 50;
const LOG_BYTES = 64 * 1024;

export interface TrainersOptions {
  readonly home: Home;
  /** The interpreter of the locked environment; throws a fault when it is not installed. */
  readonly python: () => string;
  /** The folder that holds the package `trainer`. */
  readonly packageFolder: string;
  /** What the keeper runs when no engine has raised the lease for a while. */
  readonly engineCommand: readonly string[];
}

export class KeptTrainers implements Trainers {
  private readonly options: TrainersOptions;

  constructor(options: TrainersOptions) {
    this.options = options;
  }

  async spawn(run: string, verb: Verb, stage: "before" | "after" | null, attempt: number): Promise<Spawned & { readonly verb: Verb }> {
    const { home, python, packageFolder, engineCommand } = this.options;
    const folder = home.runPath(run);
    const token = randomUUID();
    const args = [
      "-m",
      "trainer",
      "keep",
      "--run",
      folder,
      "--token",
      token,
      "--verb",
      verb,
      "--attempt",
      String(attempt),
      "--engine",
      JSON.stringify(engineCommand),
    ];
    if (verb === "fetch") args.push("--models", join(home.path, "models"));
    if (stage) args.push("--stage", stage);
    const keeper = spawn(python(), args, { cwd: packageFolder, detached: true, stdio: "ignore", env: childEnvironment(process.env) });
    const failed = new Promise<string>((resolve) => {
      keeper.once("error", (error) => resolve(error.message));
      keeper.once("exit", (code) => resolve(`exit code ${code}`));
    });
    keeper.unref();
    return await this.attach(run, token, failed);
  }

  async living(run: string): Promise<(Spawned & { readonly verb: Verb }) | null> {
    const named = readJson(join(this.options.home.runPath(run), "process.json"), processSchema);
    return named && (await isSame(named)) ? named : null;
  }

  isAlive(process: Spawned): Promise<boolean> {
    return isSame(process);
  }

  async isKept(run: string, token: string): Promise<boolean> {
    const named = readJson(join(this.options.home.runPath(run), "process.json"), keeperSchema);
    return named?.token === token && (await isSame({ pid: named.keeperPid, start: named.keeperStart, token }));
  }

  readExit(run: string, token: string): Exit | null {
    const exit = readJson(join(this.options.home.runPath(run), "exit.json"), exitSchema);
    return exit?.token === token ? exit : null;
  }

  /** Past the end is the end; a log that was cut (it is capped) is read from its beginning again. */
  readLog(run: string, fromByte: number): { readonly text: string; readonly next: number } {
    let file: number | null = null;
    try {
      file = openSync(join(this.options.home.runPath(run), "trainer.log"), constants.O_RDONLY | constants.O_NOFOLLOW);
      const { size } = fstatSync(file);
      const asked = Number.isFinite(fromByte) ? (fromByte > size ? 0 : fromByte) : size;
      const from = Math.max(asked, size - LOG_BYTES);
      const bytes = Buffer.alloc(size - from);
      const read = readSync(file, bytes, 0, bytes.length, from);
      return { text: bytes.subarray(0, read).toString(), next: from + read };
    } catch {
      return { text: "", next: 0 };
    } finally {
      if (file !== null) closeSync(file);
    }
  }

  async signal(process_: Spawned, signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
    if (!(await isSame(process_))) return false;
    try {
      // The child leads a group of its own; the keeper is not in it and stays to write exit.json.
      process.kill(-process_.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Spawning is "spawn, then attach": the same reading that finds a trainer after a restart. */
  private async attach(run: string, token: string, failed: Promise<string>): Promise<Spawned & { readonly verb: Verb }> {
    let reason: string | null = null;
    void failed.then((why) => {
      reason = why;
    });
    for (let waited = 0; waited < START_LIMIT_MS; waited += POLL_MS) {
      const found = readJson(join(this.options.home.runPath(run), "process.json"), processSchema);
      if (found?.token === token) return found;
      if (reason !== null) break;
      await sleep(POLL_MS);
    }
    // An engine before us was killed while its keeper started: ours declined, and the one it found is the one to follow.
    const other = await this.living(run);
    if (other) return other;
    throw fault(
      "environment.spawn",
      `The training process could not be started (${reason ?? "no answer in 20 s"}).`,
      "Check the installation with: thortime doctor.",
    );
  }
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}
