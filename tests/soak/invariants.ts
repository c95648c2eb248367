/** What has to hold after every fault, and what has to hold besides at the end of a night. Each says what is wrong, or nothing. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { historyRow } from "../../electron/adapters/history-row.ts";
import { stepsOf } from "../fixtures/curve-steps.ts";
import { callLiving, enginesOf, entriesOf, type Ground, homeStateOf, keepersOf, runFolder, stateOf, verbsOf } from "./ground.ts";
import { readSteps } from "./steps.ts";

export interface Night {
  readonly ground: Ground;
  readonly run: string;
  /** Steps between two checkpoints of this plan. */
  readonly interval: number;
}

type Invariant = (night: Night) => string | null | Promise<string | null>;

/** Twice what an engine takes here; a leak of a night is more. */
const ENGINE_BYTES = 400 * 1024 * 1024;
/** A run of the practice model takes 6 MB. */
const RUN_BYTES = 24 * 1024 * 1024;
const SHARED_BYTES = 64 * 1024 * 1024;

/** At most one trainer per run folder. */
function oneTrainer({ ground }: Night): string | null {
  const tokens = new Map<string, Set<string>>();
  for (const { folder, token } of verbsOf(ground)) tokens.set(folder, (tokens.get(folder) ?? new Set()).add(token));
  const twice = [...tokens].find(([, set]) => set.size > 1);
  return twice ? `${twice[1].size} trainers in ${twice[0]}` : null;
}

/** At most one engine per home. */
function oneEngine({ ground }: Night): string | null {
  const engines = enginesOf(ground);
  return engines.length > 1 ? `engines ${engines.map(({ pid }) => pid).join(", ")}` : null;
}

/** No process of ours that no engine can find again: the run's folder names every living one. */
function everyProcessNamed({ ground }: Night): string | null {
  const nameless = verbsOf(ground).find(({ folder, token, pid }) => {
    const path = join(folder, "process.json");
    const named = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { token: string; pid: number }) : null;
    return named?.token !== token || named.pid !== pid;
  });
  return nameless ? `${nameless.verb} ${nameless.pid} (${nameless.token}) is not the one that process.json names` : null;
}

function neverBackPastCheckpoint({ ground, run }: Night): string | null {
  return readSteps(entriesOf(ground, run)).wentBack[0] ?? null;
}

function atMostOneIntervalLost({ ground, run, interval }: Night): string | null {
  const worst = Math.max(0, ...readSteps(entriesOf(ground, run)).lost);
  return worst > interval ? `${worst} steps were lost at once, a checkpoint is sealed every ${interval}` : null;
}

/** The fold has each step once, without a gap. */
function eachStepOnce({ ground, run }: Night): string | null {
  const { standing } = readSteps(entriesOf(ground, run));
  const folded = stepsOf(stateOf(ground, run).curve);
  const wrong = standing.findIndex((step, index) => step !== index + 1);
  if (wrong >= 0) return `step ${standing[wrong]} stands at place ${wrong + 1}`;
  return folded.join() === standing.join() ? null : `the fold has steps ${folded.join()}`;
}

/** What the database says of a run is what its journal amounts to; null too while no engine is there to be asked. */
async function historyIsTheFold({ ground }: Night): Promise<string | null> {
  const told = await callLiving(ground, "history", { limit: 1000 });
  if (told === null) return "there is no engine to ask";
  for (const { id } of homeStateOf(ground).runs) {
    const row = told.rows.find((one) => one.run === id);
    const fold = historyRow(stateOf(ground, id));
    if (JSON.stringify(row) !== JSON.stringify(fold)) return `history ${JSON.stringify(row)}, journal ${JSON.stringify(fold)}`;
  }
  return null;
}

/** `latest` answers, and is a model that passed its smoke test in some run. */
async function latestIsTested({ ground }: Night): Promise<string | null> {
  const versions = homeStateOf(ground).versions;
  if (versions.length === 0) return null;
  const name = versions[0]?.name ?? "";
  const digest = (await tagsOf(ground)).get(`${name}:latest`);
  const version = versions.find((one) => one.digest === digest);
  if (!version) return `${name}:latest is ${digest}, which no run deployed`;
  if (stateOf(ground, version.run).smoke?.passed !== true) return `${version.run} did not pass its smoke test, and serves`;
  const body = JSON.stringify({ model: name, prompt: "sen kimsin?", stream: false, options: { temperature: 0, num_predict: 16 } });
  const reply = await fetch(`${ground.ollama.url}/api/generate`, { method: "POST", body, signal: AbortSignal.timeout(60_000) });
  const { response } = (await reply.json()) as { response?: string };
  return response?.trim() ? null : `${name}:latest answers nothing (${reply.status})`;
}

async function noOrphanTags({ ground }: Night): Promise<string | null> {
  const orphan = [...(await tagsOf(ground)).keys()].find((tag) => tag.includes(":cand-"));
  return orphan ? `${orphan} is still in Ollama` : null;
}

async function tagsOf(ground: Ground): Promise<ReadonlyMap<string, string>> {
  const reply = await fetch(`${ground.ollama.url}/api/tags`, { signal: AbortSignal.timeout(20_000) });
  const { models } = (await reply.json()) as { models: { name: string; digest: string }[] };
  return new Map(models.map(({ name, digest }) => [name, digest]));
}

function nobodyIsLeft({ ground }: Night): string | null {
  const left = [...keepersOf(ground), ...verbsOf(ground)];
  return left.length > 0 ? `still living: ${left.map(({ kind, verb, pid }) => `${kind} ${verb} ${pid}`).join(", ")}` : null;
}

function ranToItsEnd({ ground, run, interval }: Night): string | null {
  const { ended, totalSteps, step, checkpoints } = stateOf(ground, run);
  if (ended?.outcome !== "finished") return `the run ended as ${ended?.outcome ?? "not at all"}`;
  if (step?.step !== totalSteps) return `it stands at step ${step?.step} of ${totalSteps}`;
  const folders = readdirSync(runFolder(ground, run, "checkpoints"));
  if (folders.some((name) => name.endsWith(".partial"))) return `half a checkpoint was left: ${folders.join(", ")}`;
  return checkpoints.length === 0 && interval > 0 ? "no checkpoint is left" : null;
}

function engineMemoryBounded({ ground }: Night): string | null {
  for (const { pid } of enginesOf(ground)) {
    const bytes = residentBytes(pid);
    if (bytes > ENGINE_BYTES) return `engine ${pid} holds ${bytes} bytes`;
  }
  return null;
}

function homeSizeBounded({ ground }: Night): string | null {
  const runs = readdirSync(join(ground.home, "runs")).length;
  const bytes = sizeOf(ground.home);
  return bytes > SHARED_BYTES + runs * RUN_BYTES ? `${bytes} bytes with ${runs} runs` : null;
}

export function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => (entry.isFile() ? (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0) : 0))
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** May be asked at any moment. */
export const ALWAYS: Readonly<Record<string, Invariant>> = { oneTrainer, neverBackPastCheckpoint, atMostOneIntervalLost, engineMemoryBounded };
/** Hold a little after the fault is over, and are asked until they do. */
export const SETTLED: Readonly<Record<string, Invariant>> = { oneEngine, everyProcessNamed, eachStepOnce, historyIsTheFold, latestIsTested };
export const AT_THE_END: Readonly<Record<string, Invariant>> = { ranToItsEnd, nobodyIsLeft, noOrphanTags, homeSizeBounded };
