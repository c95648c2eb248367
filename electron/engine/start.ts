/** From a person's wish to a run's folder: everything that can be refused is refused before there is one. */
import { againPlan } from "../core/again.ts";
import type { Args, Replies } from "../core/api.ts";
import { type CampaignNames, campaignNames, campaignPlan } from "../core/campaign.ts";
import { INITIAL_CONTROL } from "../core/control.ts";
import { fault } from "../core/faults.ts";
import { makePlan } from "../core/make-plan.ts";
import { parseName } from "../core/names.ts";
import type { Prompt, RunPlan } from "../core/plan.ts";
import type { Ports } from "../core/ports.ts";
import { defaultPrompts, readPrompts } from "./prompts.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

type Asking = Pick<Args<"run-start">, "promptsFile" | "deployAs" | "name" | "system" | "persona">;

export async function startRun(asked: Args<"run-start">, ports: Ports, runs: Runs): Promise<{ run: string }> {
  const name = parseName(asked.name);
  refuseSecond(name, runs, ports);
  const prompts = promptsOf(asked, ports);
  // Everything that can be refused is refused before a folder exists.
  makePlan(asked, { clock: ports.clock, machine: ports.machine, localModel: false, prompts });
  const { localModel } = await ports.inspector.check({ data: asked.data, heldOut: asked.heldOut, model: asked.model, skipBadRows: asked.skipBadRows });
  const plan = makePlan(asked, { clock: ports.clock, machine: ports.machine, localModel, prompts });
  // Again: another client may have started it while the data was looked at.
  refuseSecond(name, runs, ports);
  begin(plan, asked.tonight, ports, runs);
  return { run: plan.id };
}

export async function startAgain(asked: Args<"run-again">, ports: Ports, runs: Runs): Promise<Replies["run-again"]> {
  const old = runs.get(asked.run);
  const plan = againPlan(old.plan, asked, { now: ports.clock.now(), random: ports.clock.random, judged: old.state.judged });
  refuseSecond(plan.name, runs, ports);
  const { train: data, heldOut, skipBadRows } = plan.data;
  const { localModel } = await ports.inspector.check({ data, heldOut, model: plan.model.source, skipBadRows });
  refuseSecond(plan.name, runs, ports);
  begin({ ...plan, model: { ...plan.model, local: localModel } }, asked.tonight, ports, runs);
  return { run: plan.id, lever: plan.from?.lever ?? null };
}

/** Its nights before the run itself: a kill between the two must not let it begin in the evening. */
function begin(plan: RunPlan, tonight: boolean, ports: Ports, runs: Runs): void {
  if (tonight) runs.note({ type: "schedule-set", run: plan.id, ...settingsOf(ports).window });
  try {
    ports.home.createRun(plan, INITIAL_CONTROL);
  } catch (error) {
    if (tonight) runs.note({ type: "schedule-cleared", run: plan.id });
    throw error;
  }
  runs.add(runs.get(plan.id));
}

/** The test begins; what its GO lets follow stands in its plan. */
export async function startCampaign(asked: Args<"campaign-start">, ports: Ports, runs: Runs): Promise<Replies["campaign-start"]> {
  const names = campaignNames(asked.name, namesTaken(runs));
  const prompts = promptsOf(asked, ports);
  const window = asked.tonight ? settingsOf(ports).window : null;
  const planOf = (localModel: boolean, taken: CampaignNames) =>
    campaignPlan(asked, { clock: ports.clock, machine: ports.machine, localModel, prompts, names: taken, window });
  planOf(false, names);
  const { localModel } = await ports.inspector.check({ data: asked.data, heldOut: asked.heldOut, model: asked.model, skipBadRows: asked.skipBadRows });
  // Again: another client may have started one while the data was looked at.
  const taken = campaignNames(asked.name, namesTaken(runs));
  const plan = planOf(localModel, taken);
  begin(plan, false, ports, runs);
  return { run: plan.id, next: taken.full };
}

/** Also of what is only to follow. */
function namesTaken(runs: Runs): ReadonlySet<string> {
  const coming = runs.live().flatMap(({ plan }) => (plan.next ? [plan.next.name] : []));
  return new Set([...runs.home.state.runs.map(({ name }) => name), ...coming]);
}

/** Two runs of one name would deploy to one name. */
function refuseSecond(name: string, runs: Runs, ports: Ports): void {
  const same = runs.live().find((run) => run.plan.name === name);
  if (!same) return;
  const next = same.next(ports.clock.now());
  const waits = next.do === "wait" && (next.why === "paused" || next.why === "needs-you");
  throw waits
    ? fault("run.exists", `A run called ${name} is waiting for you.`, `Go on with: thortime resume ${same.id}, or end it with: thortime stop ${same.id}.`)
    : fault("run.exists", `A run called ${name} is under way.`, `See it with: thortime status, or end it with: thortime stop ${same.id}.`);
}

function promptsOf({ promptsFile, deployAs, name, system, persona }: Asking, ports: Ports): readonly Prompt[] {
  return promptsFile === null ? defaultPrompts(deployAs ?? name, system, persona, ports) : readPrompts(promptsFile, ports);
}
