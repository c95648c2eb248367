/** Long work outside of runs: the data doctor, a model's download, the set-up of Python. Each is a child process that an abort ends. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { type Inspecting, inspectionSchema } from "../core/doctor.ts";
import { type FaultError, fault } from "../core/faults.ts";
import { JOB_TASKS, type JobProgress, type Watch, type Workshop } from "../core/jobs.ts";
import { childEnvironment } from "./child-environment.ts";
import { type PythonOptions, readAnswer, unusable } from "./inspector.ts";
import { heldModels } from "./models.ts";
import { hasOllama } from "./ollama/installed.ts";
import { expandHome } from "./paths.ts";
import { ensurePython } from "./python-environment.ts";
import { checkOwnPython, readOwnPython, writeOwnPython } from "./python-own.ts";
import { installEnvironment } from "./python-uv.ts";

export interface WorkshopOptions extends PythonOptions {
  readonly home: string;
  readonly models: string;
  /** The uv that came with a packaged app. */
  readonly uv: string | null;
  readonly env: NodeJS.ProcessEnv;
}

const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;
/** A line of uv's for each package: the lock has about a hundred. */
const PACKAGES = 100;

const progressSchema = z.union([
  z.object({ type: z.literal("inspect-progress"), task: z.enum(JOB_TASKS), done: z.number(), total: z.number().nullable() }),
  z
    .object({ type: z.literal("fetch-progress"), doneBytes: z.number(), totalBytes: z.number() })
    .transform(({ doneBytes, totalBytes }) => ({ task: "download" as const, done: doneBytes, total: totalBytes })),
]);

export function createWorkshop(options: WorkshopOptions): Workshop {
  return {
    async inspect(asked, watch) {
      const { HF_TOKEN: _secret, ...env } = childEnvironment(options.env);
      const parsed = inspectionSchema.safeParse(await runVerb(options, inspectArguments(asked), env, watch));
      if (!parsed.success) throw unusable();
      return parsed.data;
    },
    fetchModel: async (source, watch) => {
      await runVerb(options, ["pull", source, "--models", options.models, "--json"], childEnvironment(options.env), watch);
    },
    setUpPython: (own, watch) => setUpPython(options, own, watch),
    ownPython: () => readOwnPython(options.home),
    heldModels: () => heldModels(options.models),
    hasOllama: () => hasOllama(options.env),
  };
}

function inspectArguments({ data, heldOut, near, languages, fix }: Inspecting): string[] {
  const also = (["conflicts", "near", "personal"] as const).filter((name) => fix?.[name]);
  return [
    "inspect",
    expandHome(data),
    ...(heldOut === null ? [] : ["--held-out", expandHome(heldOut)]),
    ...(near ? ["--near"] : []),
    ...(languages ? ["--languages"] : []),
    ...(fix ? ["--fix", expandHome(fix.out)] : []),
    ...also.map((name) => `--fix-${name}`),
    "--json",
    "--progress",
  ];
}

/** The answer on stdout, progress on stderr. Throws the fault it names. */
async function runVerb(options: PythonOptions, args: readonly string[], env: Record<string, string>, { onProgress, signal }: Watch): Promise<unknown> {
  const child = spawn(options.python(), ["-m", "trainer", ...args], { cwd: options.packageFolder, env, stdio: ["ignore", "pipe", "pipe"], signal });
  createInterface({ input: child.stderr }).on("line", (line) => {
    const progress = readProgress(line);
    if (progress) onProgress(progress);
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  child.stdout.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= OUTPUT_LIMIT_BYTES) pieces.push(piece);
  });
  await new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  if (signal.aborted) throw stopped();
  return readAnswer(Buffer.concat(pieces).toString());
}

function readProgress(line: string): JobProgress | null {
  try {
    const { task, done, total } = progressSchema.parse(JSON.parse(line));
    return { task, done, total };
  } catch {
    return null;
  }
}

/** Checked before it is written: a choice that cannot be used would stand in the way of every later set-up. */
async function setUpPython({ home, packageFolder, uv, env }: WorkshopOptions, own: string | null | undefined, watch: Watch): Promise<void> {
  watch.onProgress({ task: "look", done: 0, total: null });
  if (own !== undefined) {
    const path = own === null ? null : expandHome(own);
    if (path !== null) await checkOwnPython(path, process.platform, installEnvironment(env));
    writeOwnPython(home, path);
  }
  let installed = 0;
  const onLine = (line: string) => {
    if (!line.startsWith(" + ")) return;
    installed += 1;
    watch.onProgress({ task: "install", done: installed, total: Math.max(PACKAGES, installed) });
  };
  try {
    await ensurePython({ home, project: packageFolder, cache: env["THORTIME_CACHE"] ?? null, uv, env, onLine, signal: watch.signal });
  } catch (error) {
    throw watch.signal.aborted ? stopped() : error;
  }
}

function stopped(): FaultError {
  return fault("job.stopped", "It was stopped.", "Start it again when you like; what was there already is used.");
}
