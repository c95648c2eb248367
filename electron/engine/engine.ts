/** The only place where things happen in order. One engine per home; the host holds the lock. */
import type { Api, EngineInfo, Topic as TopicName, Update } from "../core/api.ts";
import { LEASE_RAISE_MS } from "../core/control.ts";
import { toFault } from "../core/faults.ts";
import { EMPTY_HOME, reduceHomeAll } from "../core/home.ts";
import type { Ports } from "../core/ports.ts";
import type { PowerEvent } from "../core/shell.ts";
import { Asks } from "./asks.ts";
import { Wakefulness } from "./awake.ts";
import { type Context, callCommand } from "./commands.ts";
import { Evening } from "./evening.ts";
import { Governor } from "./govern.ts";
import { Jobs } from "./jobs.ts";
import { Lookout } from "./lookout.ts";
import type { Run } from "./run.ts";
import { Runs } from "./runs.ts";
import { advance } from "./sequence.ts";
import { supervise } from "./supervise.ts";
import { Topic } from "./topic.ts";
import { completeUndo } from "./versions.ts";

const TICK_MS = 200;
/** Liveness is looked at less often than journals are read: on a Mac it costs two `ps`. */
const SUPERVISE_MS = 500;
const HISTORY_MS = 1000;
const EVENING_MS = 1000;
/** An undo that was cut short, or met no Ollama, is tried again. */
const UNDO_MS = 30_000;
/** At most this long is waited for what is under way when the engine is stopped. */
const STOP_WAIT_MS = 5_000;
/** An error that comes back at each tick is said once in this time. */
const REPORT_EVERY_S = 30;
const REPORTS_KEPT = 100;

export interface Engine {
  readonly api: Api;
  start(): void;
  /** Leaves trainers running; they go on without us. */
  stop(): Promise<void>;
  /** No run is under way: nothing would be missed if this process ended. */
  isIdle(): boolean;
}

export function createEngine(given: Ports): Engine {
  const report = reporter(given);
  const ports: Ports = { ...given, report };
  const homeJournal = ports.home.homeJournal();
  const home = new Topic(homeJournal, reduceHomeAll, EMPTY_HOME);
  const runs = new Runs(ports, home, homeJournal);
  const startedAt = ports.clock.now();
  /** What is being done for runs at this moment: one at most for each. */
  const jobs = new Set<Promise<void>>();
  const longWork = new Jobs(ports.clock);
  const governor = new Governor(ports);
  const lookout = new Lookout(ports, (conditions) => {
    // What minds one thing keeps no other from being minded.
    attempt(() => governor.seen(working(), conditions));
    attempt(() => evening.noteLook(conditions));
  });
  const wakefulness = new Wakefulness(ports);
  let lossesMended = 0;
  let cancel: (() => void) | null = null;
  let deafen = () => {};
  const every = rhythm(() => ports.clock.mono() * 1000);
  const lookAt = every(SUPERVISE_MS);
  const raiseLease = every(LEASE_RAISE_MS);
  const keepHistory = every(HISTORY_MS);
  const lookAtEvening = every(EVENING_MS);
  const lookAtUndos = every(UNDO_MS);
  const meanwhile = (work: () => Promise<unknown>) => {
    const done: Promise<void> = work()
      .then(() => {}, report)
      .finally(() => jobs.delete(done));
    jobs.add(done);
  };
  const evening = new Evening(ports, runs, meanwhile);

  const look = () => {
    const [alive, lease, history] = [lookAt(), raiseLease(), keepHistory()];
    home.refresh();
    if (home.losses !== lossesMended) mendHome();
    for (const run of runs.open()) {
      attempt(() => {
        run.topic.refresh();
        if (lease && run.state.process) run.command({});
        if (history) runs.project(run);
      });
    }
    if (lookAtUndos()) for (const { name } of home.state.undos) meanwhile(() => completeUndo(name, ports, runs));
    if (lookAtEvening()) attempt(() => evening.look());
    const turn = runs.turn();
    lookout.look(need());
    for (const run of runs.live()) work(run, alive && run.state.process !== null, run === turn);
    runs.closeUnwatched();
  };

  const mendHome = () => {
    lossesMended = home.losses;
    runs.recover();
  };

  /** A full or unplugged disk: said, and looked at again at the next tick. What happens to one run keeps no other from going on. */
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      report(error);
    }
  };

  const tick = () => {
    attempt(look);
    cancel = ports.clock.after(TICK_MS, tick);
  };

  const need = () => (working()?.state.process?.verb === "train" ? "training" : runs.live().length > 0 ? "open" : "idle");

  const working = () => runs.live().find((run) => run.state.process !== null) ?? null;

  /** After sleep the machine is another one: nothing measured before it is held against what is measured now. */
  const hear = (event: PowerEvent) => {
    attempt(() => working()?.append({ type: "power", event }));
    if (event === "suspend") return;
    if (event === "resume") for (const run of runs.live()) run.stallWatch = null;
    lookout.afresh();
    if (event === "resume") governor.afterSleep();
    evening.afresh();
  };

  const work = (run: Run, watched: boolean, turn: boolean) => {
    if (run.busy || !(watched || turn)) return;
    run.busy = true;
    const job = async () => {
      if (watched) await supervise(run, ports);
      await wakefulness.keep(run);
      if (turn) await advance(run, ports, runs);
    };
    const done = job()
      .catch(report)
      .finally(() => {
        run.busy = false;
        jobs.delete(done);
      });
    jobs.add(done);
  };

  const asks = new Asks(ports, runs);
  const context: Context = {
    ports,
    runs,
    asks,
    jobs: longWork,
    startedAt,
    refused: { count: 0, last: null },
    trouble: report.trouble,
    conditions: () => lookout.conditions,
  };
  const api: Api = {
    call: (command, input) => callCommand(command, input, context),
    subscribe: (topic, listener) => subscribe(topic, listener as (update: Update) => void, home, runs),
  };

  return {
    api,
    start() {
      runs.recover();
      deafen = ports.power.subscribe(hear);
      tick();
    },
    async stop() {
      cancel?.();
      deafen();
      lookout.stop();
      asks.close();
      longWork.stopAll();
      for (const run of runs.open()) run.abort?.abort();
      // A spawn cut off here would leave a process that no journal names.
      await within(ports, STOP_WAIT_MS, Promise.all(jobs));
      attempt(() => evening.close());
      runs.closeAll();
      homeJournal.close();
      await ports.history.close();
    },
    isIdle: () => !evening.isWaiting() && runs.live().every((run) => !run.state.process && run.abort === null && !runs.isDue(run)),
  };
}

interface Reporter {
  (error: unknown): void;
  /** What went wrong last, for as long as it may be repeated. */
  trouble(): EngineInfo["trouble"];
}

/** The same error is passed on once in a while only: an unplugged disk must not fill another one with its log. */
function reporter({ clock, report }: Ports): Reporter {
  const said = new Map<string, number>();
  let newest: { readonly mono: number; readonly trouble: EngineInfo["trouble"] } | null = null;
  const pass = (error: unknown) => {
    const { message } = toFault(error);
    newest = { mono: clock.mono(), trouble: { at: clock.now(), message } };
    const last = said.get(message);
    if (last !== undefined && clock.mono() - last < REPORT_EVERY_S) return;
    if (said.size >= REPORTS_KEPT) said.clear();
    said.set(message, clock.mono());
    report(error);
  };
  return Object.assign(pass, { trouble: () => (newest && clock.mono() - newest.mono < REPORT_EVERY_S ? newest.trouble : null) });
}

async function within({ clock }: Ports, limitMs: number, work: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  await Promise.race([work, limit]);
  cancel();
}

/** Makes questions "is it time again?", each with its own interval, on a clock that never jumps. */
function rhythm(monoMs: () => number): (intervalMs: number) => () => boolean {
  return (intervalMs) => {
    let last = Number.NEGATIVE_INFINITY;
    return () => {
      const due = monoMs() - last >= intervalMs;
      if (due) last = monoMs();
      return due;
    };
  };
}

function subscribe(topic: TopicName, listener: (update: Update) => void, home: Topic<typeof EMPTY_HOME>, runs: Runs): () => void {
  if (topic === "home") return home.subscribe((update) => listener({ topic: "home", ...update }));
  const run = runs.get(topic.slice("run:".length));
  return run.topic.subscribe((update) => listener({ topic: topic as `run:${string}`, ...update }));
}
