/** What is done with runs that are over: looked at side by side, deleted, carried to another home and back. */
import type { Args, Replies } from "../core/api.ts";
import { compareRuns } from "../core/compare.ts";
import { fault } from "../core/faults.ts";
import { parseName, runId } from "../core/names.ts";
import type { Ports } from "../core/ports.ts";
import { refuseLiving, removalWarnings } from "../core/removal.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";

export function compare(a: Run, b: Run): Replies["runs-compare"] {
  return compareRuns(a, b);
}

export async function deleteRun({ run: id, really }: Args<"run-delete">, ports: Ports, runs: Runs): Promise<Replies["run-delete"]> {
  const run = runs.get(id);
  if (really) refuseLiving(run.state);
  const answering = await namesAnswering(id, ports, runs);
  const parts = ports.home.partsOf(id);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const told = { run: id, name: run.plan.name, folder: ports.home.runPath(id), parts, bytes };
  const warnings = removalWarnings(id, runs.home.state, answering);
  if (!really) return { ...told, warnings, deleted: false };
  // Another client may have resumed it while Ollama was asked.
  refuseLiving(run.state);
  if (run.busy) throw fault("run.living", `${run.plan.name} is still working.`, "Try again in a few seconds.");
  runs.delete(run, bytes);
  return { ...told, warnings, deleted: true };
}

/** Names in Ollama that answer with a model of this run; null where Ollama cannot be asked. */
async function namesAnswering(id: string, { ollama }: Ports, runs: Runs): Promise<ReadonlySet<string> | null> {
  const ours = runs.home.state.versions.filter((version) => version.run === id);
  if (ours.length === 0) return new Set();
  const models = await ollama.names().catch(() => null);
  if (models === null) return null;
  const answers = (name: string, digest: string) => models.some((model) => model.tag === `${name}:latest`.toLowerCase() && model.digest === digest);
  return new Set(ours.filter(({ name, digest }) => answers(name, digest)).map(({ name }) => name));
}

export async function packRun(run: Run, path: string, { parcels }: Ports): Promise<Replies["run-pack"]> {
  refuseLiving(run.state);
  return { path, ...(await parcels.pack(run.id, path)) };
}

export async function importRun(path: string, ports: Ports, runs: Runs): Promise<Replies["run-import"]> {
  const parcel = await ports.parcels.unpack(path);
  try {
    const { plan, state } = parcel;
    parseName(plan.deploy.as);
    const name = parseName(plan.name);
    if (!state.ended) throw fault("data.parcel", "The run in this file had not ended.", "Export it again where it came from.");
    const id = ports.home.hasRun(plan.id) ? runId(name, plan.createdAt, ports.clock.random) : plan.id;
    if (ports.home.hasRun(id)) throw fault("run.exists", `There is a run called ${id} already.`, "Try again.");
    parcel.settle(id);
    runs.addImported(id);
    return { run: id, from: plan.id };
  } catch (error) {
    parcel.discard();
    throw error;
  }
}
