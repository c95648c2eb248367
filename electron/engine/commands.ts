/** What each command of the api does. Every input has passed the one door (`parseCall`) before it is looked at. */
import { type Args, type Command, type EngineInfo, type Input, parseCall, type Replies } from "../core/api.ts";
import { nextId } from "../core/campaign.ts";
import { FaultError, fault } from "../core/faults.ts";
import { parseName } from "../core/names.ts";
import type { Ports } from "../core/ports.ts";
import type { Conditions } from "../core/reading.ts";
import type { Asks } from "./asks.ts";
import { addCorrection, pickBlind } from "./blind.ts";
import { cutRun } from "./cut.ts";
import { type Jobs, requireNotEmpty } from "./jobs.ts";
import { clearSchedule, setSchedule, skipTonight } from "./nights.ts";
import { testNotices } from "./notify-test.ts";
import { compare, deleteRun, importRun, packRun } from "./past.ts";
import { lookAtPlace } from "./place.ts";
import { preflight, unloadIdle } from "./preflight.ts";
import { writeReport } from "./report.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { changeSettings, showSettings } from "./settings.ts";
import { startAgain, startCampaign, startRun } from "./start.ts";
import { clearStorage, showStorage } from "./storage.ts";
import { testAsk, testPrompts } from "./test-model.ts";
import { listVersions, removeVersion, undo } from "./versions.ts";

export interface Context {
  readonly ports: Ports;
  readonly runs: Runs;
  readonly asks: Asks;
  readonly jobs: Jobs;
  readonly startedAt: number;
  refused: EngineInfo["refused"];
  /** Null once it has not come back for a while. */
  readonly trouble: () => EngineInfo["trouble"];
  /** The newest look at the machine. */
  conditions(): Conditions | null;
}

type Handlers = { readonly [C in Command]: (args: Args<C>, context: Context) => Promise<Replies[C]> | Replies[C] };

export async function callCommand<C extends Command>(command: C, input: Input<C>, context: Context): Promise<Replies[C]> {
  const args = parseCall(command, input);
  return await handlers[command](args, context);
}

const handlers: Handlers = {
  "engine-info": (_args, { ports, startedAt, refused, trouble, conditions }) => ({
    pid: ports.pid,
    version: ports.version,
    home: ports.home.path,
    startedAt,
    conditions: conditions(),
    historyOff: ports.history.offReason,
    refused,
    trouble: trouble(),
  }),
  "refusals-note": ({ count, last }, context) => {
    context.refused = { count: context.refused.count + count, last };
    return null;
  },
  "engine-quit": ({ force }, { ports, runs }) => {
    const living = runs.live().find((run) => run.state.process !== null);
    if (living && !force) throw fault("engine.busy", `${living.plan.name} is still running.`, "Stop it first with: thortime stop.");
    ports.quit();
    return null;
  },
  "run-start": (asked, { ports, runs }) => startRun(asked, ports, runs),
  "campaign-start": (asked, { ports, runs }) => startCampaign(asked, ports, runs),
  "run-go": ({ run }, { runs }) => go(runs, run),
  "practice-start": ({ deploy }, { ports, runs }) => startRun(parseCall("run-start", { ...ports.practice(), deploy }), ports, runs),
  inspect: (asked, { ports, jobs }) =>
    jobs.start("inspect", JSON.stringify(asked), (watch) => ports.workshop.inspect({ ...asked, data: requireNotEmpty(asked.data, "file") }, watch)),
  "model-fetch": ({ source }, { ports, jobs }) =>
    jobs.start("model-fetch", source, async (watch) => {
      await ports.workshop.fetchModel(source, watch);
      return null;
    }),
  "python-setup": ({ own }, { ports, jobs }) =>
    jobs.start("python-setup", own ?? "", async (watch) => {
      await ports.workshop.setUpPython(own, watch);
      return null;
    }),
  job: ({ id }, { jobs }) => jobs.get(id),
  "job-stop": ({ id }, { jobs }) => {
    jobs.stop(id);
    return null;
  },
  place: (_args, { ports, jobs }) => lookAtPlace(ports, jobs),
  "run-again": (asked, { ports, runs }) => startAgain(asked, ports, runs),
  "runs-compare": ({ a, b }, { runs }) => compare(runs.get(a), runs.get(b)),
  "run-delete": (asked, { ports, runs }) => deleteRun(asked, ports, runs),
  "run-pack": ({ run, path }, { ports, runs }) => packRun(runs.get(run), path, ports),
  "run-import": ({ path }, { ports, runs }) => importRun(path, ports, runs),
  storage: (asked, { ports, runs }) => showStorage(asked, ports, runs),
  "storage-clear": (asked, { ports, runs }) => clearStorage(asked, ports, runs),
  support: ({ path }, { ports, startedAt, refused, trouble }) =>
    ports.support.write(path, {
      version: ports.version,
      startedAt,
      now: ports.clock.now(),
      historyOff: ports.history.offReason,
      refused: refused.count,
      troubled: trouble() !== null,
    }),
  "run-pause": ({ run }, { runs }) => ask(living(runs, run), "pause"),
  "run-resume": ({ run }, { runs }) => {
    const found = runs.get(run);
    const { ended, asked, phases, space } = found.state;
    if (ended?.outcome === "finished")
      throw fault("run.finished", `${found.plan.name} has finished; there is nothing to resume.`, "Start a new run, or export this one with: thortime export.");
    const waits = ended !== null || space?.waiting || asked.pause || asked.stop || Object.values(phases).some((phase) => phase.status === "failed");
    if (!waits) throw fault("run.not-paused", `${found.plan.name} is not paused.`, "See what it does with: thortime status.");
    if (found.state.process) throw fault("run.stopping", `${found.plan.name} is still stopping.`, "Try again in a few seconds.");
    runs.reopen(found);
    // "Go on" means now: a night that was over, or is still to come, holds it no longer.
    if (runs.scheduleOf(found)) runs.note({ type: "schedule-cleared", run: found.id });
    return ask(found, "resume");
  },
  "run-stop": ({ run }, { runs }) => ask(living(runs, run), "stop"),
  "run-checkpoint": ({ run }, { runs }) => {
    const found = living(runs, run);
    if (found.state.process?.verb !== "train")
      throw fault("run.not-training", `${found.plan.name} is not training now.`, "A checkpoint can be asked for while it trains.");
    ask(found, "checkpoint");
    found.command({ checkpointRequest: found.state.asked.checkpoints });
    return null;
  },
  "run-export": ({ run }, { runs }) => askAgain(runs, run, "export", null),
  "run-deploy": ({ run, as }, { runs }) => askAgain(runs, run, "deploy", as),
  ask: ({ run, question, of }, { runs, asks }) => asks.start(runs.get(run), question, of),
  "ask-read": ({ ask, from }, { asks }) => asks.read(ask, from),
  "ask-end": ({ ask }, { asks }) => asks.end(ask),
  "correction-add": (args, { ports, runs }) => addCorrection(runs.get(args.run), args, ports),
  "blind-pick": (args, { runs }) => pickBlind(runs.get(args.run), args),
  "version-undo": ({ name }, { ports, runs }) => undo(name, ports, runs),
  "version-remove": ({ tag }, { ports, runs }) => removeVersion(tag, ports, runs),
  "test-prompts": (args, { ports, runs }) => testPrompts(args, ports, runs),
  "test-ask": (args, { ports, runs }) => testAsk(args, ports, runs),
  versions: (_args, { ports, runs }) => listVersions(ports, runs),
  preflight: ({ run }, { ports, runs }) => preflight(run === null ? (runs.live()[0] ?? null) : runs.get(run), ports, runs),
  "preflight-fix": async ({ fix }, { ports }) => {
    if (fix === "sleep-display") changeSettings(ports, { sleepDisplay: true });
    else {
      changeSettings(ports, { unloadOllama: true });
      await unloadIdle(ports);
    }
    return null;
  },
  "schedule-set": (args, { ports, runs }) => setSchedule(living(runs, args.run), args, ports, runs),
  "schedule-clear": ({ run }, { runs }) => clearSchedule(living(runs, run), runs),
  "schedule-skip": ({ run }, { ports, runs }) => skipTonight(living(runs, run), ports, runs),
  "run-cut": (args, { runs }) => cutRun(runs.get(args.run), args),
  "shell-note": ({ note }, { ports }) => {
    if (note.kind === "power") ports.power.tell(note.event);
    else ports.shells.note(note);
    return null;
  },
  report: ({ run, language }, { ports, runs }) => writeReport(runs.get(run), ports, runs, language),
  "notice-seen": ({ id }, { runs }) => {
    runs.note({ type: "notice-seen", id });
    return null;
  },
  "notify-test": ({ way }, { ports, runs }) => testNotices(way, ports, runs),
  settings: (_args, { ports }) => showSettings(ports),
  "settings-set": ({ change }, { ports }) => changeSettings(ports, change),
  history: async ({ limit, search }, { ports }) => {
    if (ports.history.offReason !== null)
      throw fault("engine.history", `There is no history: ${ports.history.offReason}.`, "Runs go on without it; mend or move history.sqlite and start again.");
    return { rows: await ports.history.list(limit, search) };
  },
};

function living(runs: Runs, id: string): Run {
  const run = runs.get(id);
  if (run.state.ended) throw fault("run.ended", `${run.plan.name} has ended.`, "See the runs with: thortime history.");
  return run;
}

function ask(run: Run, command: "pause" | "resume" | "stop" | "checkpoint"): null {
  run.append({ type: "asked", command });
  run.abort?.abort();
  return null;
}

/** Export or deploy of what was trained: also of a run that was stopped early, if it sealed a checkpoint. */
function askAgain(runs: Runs, id: string, command: "export" | "deploy", as: string | null): null {
  const run = runs.get(id);
  if (run.state.process) throw fault("run.busy", `${run.plan.name} is still working.`, "Wait until it has ended, or stop it with: thortime stop.");
  if (run.state.checkpoints.length === 0) {
    throw new FaultError({
      kind: "run.no-checkpoint",
      message: `${run.plan.name} has no sealed checkpoint yet.`,
      next: "Let it train until its first checkpoint.",
    });
  }
  const name = parseName(as ?? run.state.deployAs ?? run.plan.deploy.as);
  runs.reopen(run);
  run.append(command === "deploy" ? { type: "asked", command, as: name } : { type: "asked", command });
  return null;
}

/** A person has seen the verdict: the next phase begins all the same; where there is none, the model is deployed. */
function go(runs: Runs, id: string): { run: string } {
  const run = runs.get(id);
  const { plan, state } = run;
  const next = nextId(plan);
  if (state.judged === null) throw fault("run.not-judged", "There is no verdict yet.", "It comes once training and the answers after it are done.");
  if (next === null) {
    askAgain(runs, id, "deploy", null);
    return { run: id };
  }
  if (state.nextRun !== null) throw fault("run.gone-on", `What follows ${plan.name} has begun already.`, `See it with: thortime status ${state.nextRun}.`);
  if (state.asked.stop || state.ended?.outcome === "stopped")
    throw fault("run.stopped", `${plan.name} was stopped; nothing follows it.`, `Go on with it first: thortime resume ${id}.`);
  runs.reopen(run);
  run.append({ type: "asked", command: "go" });
  return { run: next };
}
