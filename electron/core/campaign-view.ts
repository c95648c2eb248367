/** A campaign's three phases and the gates between them, as a screen shows them. */
import { isHeldAtGate } from "./campaign-gate.ts";
import type { Window } from "./evening/window.ts";
import type { HomeState, RunEntry } from "./home.ts";
import { LEVER_NEEDS } from "./levers.ts";
import { type RunStatus, statusOf } from "./selectors.ts";
import type { RunState } from "./state.ts";
import type { Decision, Lever } from "./verdict/judgement.ts";

/** `unseen`: it is over, and only the journal of its own run says how. */
export type Standing = "waiting" | "held" | "under-way" | "paused" | "done" | "stopped" | "skipped" | "gone" | "unseen";

export interface GateView {
  readonly reached: boolean;
  /** Null: not reached, or only its own run's journal says it. */
  readonly decision: Decision | null;
  /** A person went through all the same. */
  readonly against: boolean;
}

export interface PhaseView {
  readonly name: "test" | "full" | "deploy";
  /** The run it is; null where there is none yet, or no more. */
  readonly run: string | null;
  readonly label: string;
  readonly state: Standing;
  /** The hours it is limited to, where it is. */
  readonly window: Window | null;
  /** The gate behind it; the last phase has none. */
  readonly gate: GateView | null;
}

/** The phases as they stand, from the run on screen and the home's list; null for a run that belongs to no campaign. */
export function campaignOf(state: RunState, home: HomeState): readonly PhaseView[] | null {
  if (state.next !== null) return fromTest(state, home);
  const { from, kind, campaign, name } = state;
  // A night that is tried again has its campaign's name, which no run of its own has.
  const isNight = from !== null && kind === "full" && (from.why === "gate" || campaign !== name);
  return isNight ? fromFull(state, home) : null;
}

const OVER: readonly Standing[] = ["done", "skipped", "gone", "unseen"];

/** The first that is not over is what the campaign is at; null once all are. */
export function nextPhase(phases: readonly PhaseView[]): PhaseView | null {
  return phases.find(({ state }) => !OVER.includes(state)) ?? null;
}

/** The gate of the run on screen has spoken and keeps what follows back: what a person may do about it. */
export function holdsOf(state: RunState): "test" | "full" | null {
  if (isHeldAtGate(state)) return statusOf(state) === "stopped" || statusOf(state) === "stopping" ? null : "test";
  const { held } = state.phases.deploy;
  return state.next === null && state.deployed === null && held !== null && held !== "go" ? "full" : null;
}

/** Levers of the verdict that a button can pull: nothing has to be chosen for them. A test's sample grows by itself, all rows do not. */
export function leversOf({ judged, next }: RunState): readonly Lever[] {
  if (judged === null || judged.decision === "go") return [];
  return judged.levers.filter((lever) => LEVER_NEEDS[lever] === "nothing" || (lever === "more-data" && next !== null));
}

function fromTest(state: RunState, home: HomeState): readonly PhaseView[] {
  const { next, nextRun, judged, wentAhead, name, id } = state;
  const full = home.runs.find((run) => run.id === nextRun);
  const version = nextRun === null ? undefined : home.versions.findLast((one) => one.run === nextRun);
  const decision = judged?.decision ?? null;
  const verdict = version?.verdict ?? null;
  const over = version !== undefined || full?.outcome === "finished";
  const common = { run: full?.id ?? null, window: null };
  return [
    {
      ...common,
      name: "test",
      run: id,
      label: name,
      state: standing(state),
      gate: { reached: decision !== null || nextRun !== null, decision, against: (nextRun !== null || wentAhead) && isAgainst(decision) },
    },
    {
      ...common,
      name: "full",
      label: next?.name ?? "",
      state: nightOf(state, full),
      window: next?.window ?? null,
      gate: { reached: over, decision: verdict, against: isAgainst(verdict) },
    },
    { ...common, name: "deploy", label: version?.name ?? "", state: version ? "done" : over ? "unseen" : "waiting", gate: null },
  ];
}

function nightOf(state: RunState, full: RunEntry | undefined): Standing {
  if (state.nextRun !== null) return listed(full);
  return isHeldAtGate(state) ? "held" : "waiting";
}

/** One that is not in the list was deleted. */
function listed(run: RunEntry | undefined): Standing {
  if (run === undefined) return "gone";
  if (run.outcome === null) return "under-way";
  return run.outcome === "stopped" ? "stopped" : "done";
}

function fromFull(state: RunState, home: HomeState): readonly PhaseView[] {
  const { from, judged, deployed, campaign, name, id, deployAs } = state;
  const through = from?.why === "gate" ? from : null;
  const test = through ? home.runs.find((run) => run.id === through.run) : home.runs.findLast((run) => run.campaign === campaign && run.kind === "quick");
  const verdict = through?.verdict ?? null;
  const own = judged?.decision ?? null;
  return [
    {
      name: "test",
      run: test?.id ?? null,
      label: test?.name ?? "",
      state: test ? listed(test) : "gone",
      window: null,
      gate: { reached: true, decision: verdict, against: isAgainst(verdict) },
    },
    {
      name: "full",
      run: id,
      label: name,
      state: standing(state),
      window: home.schedules.find((one) => one.run === id)?.window ?? null,
      gate: { reached: own !== null, decision: own, against: isAgainst(deployed?.verdict ?? null) },
    },
    { name: "deploy", run: id, label: deployed?.name ?? deployAs ?? "", state: deploying(state), window: null, gate: null },
  ];
}

function deploying({ deployed, phases: { deploy } }: RunState): Standing {
  if (deployed) return "done";
  if (deploy.status === "running") return "under-way";
  if (deploy.status !== "skipped") return "waiting";
  return deploy.held === null ? "skipped" : "held";
}

function isAgainst(decision: Decision | null): boolean {
  return decision !== null && decision !== "go";
}

const STANDINGS: Partial<Readonly<Record<RunStatus, Standing>>> = {
  waiting: "waiting",
  pausing: "paused",
  paused: "paused",
  finished: "done",
  stopped: "stopped",
};

function standing(state: RunState): Standing {
  return STANDINGS[statusOf(state)] ?? "under-way";
}
