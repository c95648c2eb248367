/** The runs of a home: which are open, whose turn it is, and what their ends mean for the home. */

import { nextPlan } from "../core/campaign.ts";
import { INITIAL_CONTROL } from "../core/control.ts";
import { isHeld, type Schedule } from "../core/evening/schedule.ts";
import type { EventBody } from "../core/events.ts";
import { fault, toFault } from "../core/faults.ts";
import { gentler } from "../core/gentler.ts";
import type { HomeState, RunEntry } from "../core/home.ts";
import { STALE_MS } from "../core/notices/decide.ts";
import type { Journal, Ports } from "../core/ports.ts";
import { currentPhase } from "../core/selectors.ts";
import type { Decision } from "../core/verdict/judgement.ts";
import { candidateName } from "./export.ts";
import { Run } from "./run.ts";
import type { Outcome } from "./sequence.ts";
import type { Topic } from "./topic.ts";

export class Runs implements Outcome {
  private readonly ports: Ports;
  readonly home: Topic<HomeState>;
  private readonly homeJournal: Journal;
  private readonly opened = new Map<string, Run>();
  /** Who had the turn last. */
  private working: string | null = null;

  constructor(ports: Ports, home: Topic<HomeState>, homeJournal: Journal) {
    this.ports = ports;
    this.home = home;
    this.homeJournal = homeJournal;
  }

  /** After a start: lists what a kill kept from being listed, opens what has not ended, rebuilds history where it was lost. */
  recover(): void {
    this.home.refresh();
    for (const id of this.ports.home.listRuns()) {
      if (!this.home.state.runs.some((run) => run.id === id)) this.adopt(id);
    }
    for (const entry of this.home.state.runs) {
      const isSettled = entry.outcome !== null && this.isKept(entry);
      if (isSettled && !this.mayBeUntold(entry)) continue;
      try {
        const run = this.get(entry.id);
        // Opened only for its person's sake: history has its row.
        if (isSettled) run.projected = run.state;
        else this.project(run);
        if (entry.outcome === null && run.state.ended) this.ended(run, run.state.ended.outcome);
      } catch (error) {
        // One unreadable run must not keep the others from going on.
        this.ports.report(error);
      }
    }
  }

  /** A power cut may take the newest rows from a database that is whole otherwise. One that is off has no rows to miss. */
  private isKept(entry: RunEntry): boolean {
    const { history } = this.ports;
    return history.offReason !== null || (!history.needsRebuild && history.outcomeOf(entry.id) === entry.outcome);
  }

  /** Its end may have been written and its person not told: such a run is looked at once more. */
  private mayBeUntold({ closedAt }: RunEntry): boolean {
    return closedAt !== null && this.ports.clock.now() - closedAt < STALE_MS;
  }

  get(id: string): Run {
    const known = this.opened.get(id);
    if (known) return known;
    if (!this.ports.home.hasRun(id))
      throw fault("run.unknown", `There is no run called ${JSON.stringify(id.slice(0, 80))}.`, "See the runs with: thortime history.");
    const run = new Run(this.ports.home, id);
    this.opened.set(id, run);
    return run;
  }

  /** Made whole in one rename, then listed; a kill between the two is mended by `recover`. */
  add(run: Run): void {
    const { campaign, name, data, model } = run.plan;
    run.begin();
    run.begunMono = this.ports.clock.mono();
    if (!this.home.state.campaigns.some((known) => known.id === campaign))
      this.note({ type: "campaign-created", campaign, name, data: data.train, model: model.source });
    this.list(run);
  }

  private list({ plan: { id, name, campaign, kind, from } }: Run): void {
    this.note({ type: "run-added", run: id, name, campaign, kind, ...(from === null ? {} : { from: from.run }) });
  }

  /** Unpacked into its folder, whole and ended. */
  addImported(id: string): void {
    const run = this.get(id);
    this.list(run);
    this.ended(run, run.state.ended?.outcome ?? "stopped");
  }

  /** Its line first: cut off right after it, the run is found in its folder again, whole. */
  delete(run: Run, bytes: number): void {
    this.note({ type: "run-deleted", run: run.id, name: run.plan.name, bytes });
    run.close();
    this.opened.delete(run.id);
    this.ports.home.deleteRun(run.id);
    this.ports.history.forget(run.id);
  }

  /** The gentler run that takes this one's place; a kill may have come after it was made, so it is looked for first. */
  childOf(run: Run): Run {
    const known = this.live().find((one) => one.plan.parent === run.id);
    if (known) {
      this.inheritNights(run, known);
      return known;
    }
    const { clock, home } = this.ports;
    const plan = gentler(run.plan, { now: clock.now(), random: clock.random, steps: run.state.totalSteps });
    home.createRun(plan, INITIAL_CONTROL);
    const child = this.get(plan.id);
    this.add(child);
    this.inheritNights(run, child);
    // It goes on in its parent's turn, before those that were queued meanwhile.
    this.working = child.id;
    return child;
  }

  /** Its id is known before it is made, its window before it exists, so that a kill between any two of these is mended by the same lines. */
  nextOf(run: Run, verdict: Decision): string {
    const { clock, home } = this.ports;
    const plan = nextPlan(run.plan, verdict, clock.now());
    if (plan === null) throw fault("run.no-next", `Nothing follows ${run.plan.name}.`, "See the runs with: thortime history.");
    if (this.home.state.runs.some((entry) => entry.id === plan.id)) return plan.id;
    const window = run.plan.next?.window ?? null;
    if (window && !this.home.state.schedules.some((one) => one.run === plan.id)) this.note({ type: "schedule-set", run: plan.id, ...window });
    if (!home.hasRun(plan.id)) home.createRun(plan, INITIAL_CONTROL);
    const next = this.get(plan.id);
    if (next.state.id === "") this.add(next);
    else this.list(next);
    return next.id;
  }

  /** What goes on in a run's place goes on in its window. */
  private inheritNights(run: Run, child: Run): void {
    const schedule = this.scheduleOf(run);
    if (schedule && !this.scheduleOf(child)) this.note({ type: "schedule-set", run: child.id, ...schedule.window });
  }

  open(): readonly Run[] {
    return [...this.opened.values()];
  }

  /** Runs that have not ended, oldest first. One that the home knows as ended does not come to life because its own journal was lost. */
  live(): readonly Run[] {
    const closed = new Set(this.home.state.runs.filter((entry) => entry.outcome !== null).map((entry) => entry.id));
    return this.open()
      .filter((run) => !run.state.ended && !closed.has(run.id))
      .sort((a, b) => a.plan.createdAt - b.plan.createdAt);
  }

  /**
   * One run works at a time, and keeps the turn from phase to phase. A paused run, or one that needs its person, lets the next one
   * go; resumed, it waits like any other, so that no two trainers share the memory.
   */
  turn(): Run | null {
    const live = this.live();
    const due = (run: Run) => this.isDue(run);
    const next =
      live.find((run) => run.state.process !== null || run.busy) ?? live.find((run) => run.id === this.working && due(run)) ?? live.find(due) ?? null;
    this.working = next?.id ?? null;
    return next;
  }

  isDue(run: Run): boolean {
    if (isHeld(this.scheduleOf(run), currentPhase(run.state))) return false;
    const action = run.next(this.ports.clock.now());
    return action.do !== "wait" || action.why === "back-off";
  }

  scheduleOf(run: Run): Schedule | undefined {
    return this.home.state.schedules.find((one) => one.run === run.id);
  }

  ended(run: Run, outcome: "finished" | "stopped"): void {
    this.note({ type: "run-closed", run: run.id, outcome });
    this.project(run);
  }

  /** Only what changed: an open run that nothing happens to costs nothing. */
  project(run: Run): void {
    if (run.projected === run.state) return;
    run.projected = run.state;
    this.ports.history.project(run.state);
  }

  deployed(run: Run, event: Extract<EventBody, { type: "deployed" }>): void {
    const newest = this.home.state.versions.at(-1);
    if (newest?.run === run.id && newest.name === event.name && newest.digest === event.digest) return;
    const { name, candidate, previous, digest, verdict } = event;
    const bytes = run.state.gguf?.bytes;
    const known = { ...(bytes === undefined ? {} : { bytes }), ...(verdict === undefined ? {} : { verdict }) };
    this.note({ type: "version-deployed", name, run: run.id, candidate, previous, digest, ...known });
  }

  ours(): ReadonlySet<string> {
    return new Set(this.home.state.versions.map(({ digest }) => digest));
  }

  candidateLeft(run: Run, name: string): void {
    this.note({ type: "candidate-left", run: run.id, name });
  }

  async discardLeft(): Promise<void> {
    const inUse = new Set(this.live().map(candidateName));
    for (const name of this.home.state.leftCandidates.filter((left) => !inUse.has(left))) {
      // What keeps Ollama from it is told by the export that follows.
      const gone = await this.ports.ollama.discard(name).then(
        () => true,
        () => false,
      );
      if (gone) this.note({ type: "candidate-discarded", name });
    }
  }

  reopen(run: Run): void {
    if (this.home.state.runs.some((entry) => entry.id === run.id && entry.outcome !== null)) this.note({ type: "run-reopened", run: run.id });
  }

  closeUnwatched(): void {
    for (const run of this.open()) {
      if (!run.state.ended || run.topic.watched || run.busy || run.told !== run.state) continue;
      run.close();
      this.opened.delete(run.id);
    }
  }

  closeAll(): void {
    for (const run of this.open()) run.close();
    this.opened.clear();
  }

  private adopt(id: string): void {
    try {
      const run = this.get(id);
      if (run.state.id === "") this.add(run);
      else this.list(run);
    } catch (error) {
      this.ports.report(toFault(error));
    }
  }

  /** A line in the home's own journal. */
  note(body: EventBody): void {
    this.homeJournal.append(body, 0);
    this.home.refresh();
  }
}
