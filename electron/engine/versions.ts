/** What was deployed under which name: the list, taking the newest back, and making room. */
import type { Replies, VersionRow } from "../core/api.ts";
import { fault, toFault } from "../core/faults.ts";
import type { HomeState, Version } from "../core/home.ts";
import type { NamedModel, Ports } from "../core/ports.ts";
import { candidateName } from "./export.ts";
import type { Runs } from "./runs.ts";

export async function listVersions({ ollama }: Ports, runs: Runs): Promise<Replies["versions"]> {
  const asked = await ollama.names().then(
    (models) => ({ models, unasked: null }),
    (error: unknown) => ({ models: null, unasked: toFault(error) }),
  );
  return { rows: versionRows(runs.home.state, asked.models), unasked: asked.unasked };
}

/** What answers, what else stands in Ollama, what left it; each newest first. A model that stands under two tags has two rows. */
function versionRows({ versions }: HomeState, models: readonly NamedModel[] | null): readonly VersionRow[] {
  const newestFirst = newestOfEach(versions).toReversed();
  const ours = newestFirst.flatMap((version): VersionRow[] => {
    const { name, digest, run, at, verdict } = version;
    const deployed = { run, at, verdict };
    const found = (models ?? []).filter((model) => baseOf(model.tag) === name.toLowerCase() && model.digest === digest && !isPassing(model.tag));
    if (found.length === 0) return [{ name, tag: null, digest, serves: false, bytes: version.bytes, deployed }];
    return found.map(({ tag, bytes }) => ({ name, tag, digest, serves: tagOf(tag) === "latest", bytes, deployed }));
  });
  const names = new Map(versions.map(({ name }) => [name.toLowerCase(), name]));
  const others = (models ?? []).flatMap(({ tag, digest, bytes }): VersionRow[] => {
    const name = names.get(baseOf(tag));
    const isOurs = versions.some((version) => version.name === name && version.digest === digest);
    if (name === undefined || isOurs || isPassing(tag)) return [];
    return [{ name, tag, digest, serves: tagOf(tag) === "latest", bytes, deployed: null }];
  });
  const rank = ({ serves, tag }: VersionRow) => (serves ? 0 : tag === null ? 2 : 1);
  return [...ours, ...others].sort((a, b) => rank(a) - rank(b));
}

/** The same model deployed again under the same name is one version, as of its last time. */
function newestOfEach(versions: readonly Version[]): readonly Version[] {
  return versions.filter((one, place) => !versions.some((later, other) => other > place && later.name === one.name && later.digest === one.digest));
}

/** Written down before anything moves: whatever is cut short, the next engine, or the same wish said again, completes it once. */
export async function undo(wanted: string, ports: Ports, runs: Runs): Promise<Replies["version-undo"]> {
  const name = deployedName(wanted, runs);
  refuseWhileDeploying(name, runs);
  const begun = runs.home.state.undos.find((one) => one.name === name);
  if (!begun) {
    const models = await ports.ollama.names();
    const find = (tag: string) => models.find((model) => model.tag === `${name}:${tag}`.toLowerCase())?.digest;
    const [keep, serve] = [find("latest"), find("prev")];
    if (keep === undefined || serve === undefined || keep === serve)
      throw fault("ollama.no-previous", `There is no earlier model of ${name} in Ollama to go back to.`, "See what there is with: thortime versions.");
    // Another client may have said so while Ollama was asked.
    if (!runs.home.state.undos.some((one) => one.name === name)) runs.note({ type: "version-undo-begun", name, serve, keep });
  }
  return await completeUndo(name, ports, runs);
}

/** Asked for again by the engine until it is done: its person said so once. */
export async function completeUndo(name: string, ports: Ports, runs: Runs): Promise<Replies["version-undo"]> {
  const wish = runs.home.state.undos.find((one) => one.name === name);
  if (!wish) throw fault("ollama.no-previous", `The undo of ${name} was done meanwhile.`, "See what there is with: thortime versions.");
  const { serve, keep } = wish;
  const done = await ports.ollama.swap({ name, serve, keep });
  // Whoever else waited for the same one has written it down already.
  const isOpen = runs.home.state.undos.includes(wish);
  if (isOpen)
    runs.note({ type: "version-undone", name, serve, keep, ...(done ? {} : { why: "one of the two models left Ollama, or another one was deployed" }) });
  if (done) return { serves: serve, kept: keep };
  throw fault(
    "ollama.no-previous",
    `The models of ${name} in Ollama are no longer those it was about, so nothing was changed.`,
    "See what there is with: thortime versions.",
  );
}

export async function removeVersion(wanted: string, ports: Ports, runs: Runs): Promise<Replies["version-remove"]> {
  const [, base = "", tag = ""] = /^([^:]+):([A-Za-z0-9_][A-Za-z0-9._-]{0,79})$/.exec(wanted) ?? [];
  if (tag === "") throw fault("name.tag", `${JSON.stringify(wanted.slice(0, 80))} names no version.`, "Write it as NAME:TAG; see: thortime versions.");
  const name = deployedName(base, runs);
  const full = `${name}:${tag}`;
  if (tag.toLowerCase() === "latest")
    throw fault("ollama.serves", `${full} is the model that answers, and is not removed.`, `Go back to the one before with: thortime undo ${name}.`);
  const inUse = runs.live().some((run) => candidateName(run).toLowerCase() === full.toLowerCase());
  if (inUse || runs.home.state.undos.some((one) => one.name === name)) throw busy(name);
  refuseWhileDeploying(name, runs);
  const digest = await ports.ollama.digestOf(full);
  if (digest === null) throw fault("ollama.no-version", `There is no ${full} in Ollama.`, "See what there is with: thortime versions.");
  const freedBytes = await ports.ollama.remove(full, digest);
  runs.note({ type: "version-removed", tag: full, digest, freedBytes });
  return { freedBytes };
}

/** Only names that Thortime gave: whatever else stands in Ollama is none of its business. */
function deployedName(wanted: string, runs: Runs): string {
  const found = runs.home.state.versions.findLast(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found) return found.name;
  throw fault(
    "name.unknown",
    `Thortime has put no model called ${JSON.stringify(wanted.slice(0, 80))} into Ollama.`,
    "See what it has with: thortime versions.",
  );
}

function refuseWhileDeploying(name: string, runs: Runs): void {
  const deploys = runs.live().some(({ state, plan }) => (state.deployAs ?? plan.deploy.as) === name && state.phases.deploy.status === "running");
  if (deploys) throw busy(name);
}

function busy(name: string): Error {
  return fault("run.deploying", `${name} is being changed at this moment.`, "Try again once it is done; see: thortime status.");
}

/** Candidates and models made for questions: they serve nobody. */
const isPassing = (tag: string) => /^(cand|ask)-/.test(tagOf(tag));
const baseOf = (tag: string) => tag.slice(0, tag.lastIndexOf(":"));
const tagOf = (tag: string) => tag.slice(tag.lastIndexOf(":") + 1);
