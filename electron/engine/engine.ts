/** The only place where things happen in order. One engine per home; the host holds the lock. */
import type { Api, Topic as TopicName, Update } from "../core/api.ts";
import { LEASE_RAISE_MS } from "../core/control.ts";
import { EMPTY_HOME, reduceHome } from "../core/home.ts";
import type { Ports } from "../core/ports.ts";
import { callCommand } from "./commands.ts";
import { Runs } from "./runs.ts";
import { advance } from "./sequence.ts";
import { supervise } from "./supervise.ts";
import { Topic } from "./topic.ts";

const TICK_MS = 200;
/** Liveness is looked at less often than journals are read: on a Mac it costs two `ps`. */
const SUPERVISE_MS = 500;
const HISTORY_MS = 1000;

export interface Engine {
  readonly api: Api;
  start(): void;
  /** Leaves trainers running; they go on without us. */
  stop(): Promise<void>;
  /** No run is under way: nothing would be missed if this process ended. */
  isIdle(): boolean;
}

export function createEngine(ports: Ports): Engine {
  const homeJournal = ports.home.homeJournal();
  const home = new Topic(homeJournal, reduceHome, EMPTY_HOME);
  const runs = new Runs(ports, home, homeJournal);
  const startedAt = ports.clock.now();
  let cancel: (() => void) | null = null;
  const every = rhythm(() => ports.clock.mono() * 1000);
  const lookAt = every(SUPERVISE_MS);
  const raiseLease = every(LEASE_RAISE_MS);
  const keepHistory = every(HISTORY_MS);

  const look = () => {
    const [alive, lease, history] = [lookAt(), raiseLease(), keepHistory()];
    home.refresh();
    for (const run of runs.open()) {
      run.topic.refresh();
      if (lease && run.state.process) run.command({});
      if (history) runs.project(run);
    }
    for (const run of runs.live()) work(run.id, alive);
    runs.closeUnwatched();
  };

  const tick = () => {
    try {
      look();
    } catch (error) {
      // A full or unplugged disk: said, and looked at again at the next tick.
      ports.report(error);
    }
    cancel = ports.clock.after(TICK_MS, tick);
  };

  const work = (id: string, alive: boolean) => {
    const run = runs.get(id);
    const watched = alive && run.state.process !== null;
    const turn = runs.turn()?.id === id;
    if (run.busy || !(watched || turn)) return;
    run.busy = true;
    const job = async () => {
      if (watched) await supervise(run, ports);
      if (turn) await advance(run, ports, runs);
    };
    void job()
      .catch((error: unknown) => ports.report(error))
      .finally(() => {
        run.busy = false;
      });
  };

  const api: Api = {
    call: (command, input) => callCommand(command, input, { ports, runs, startedAt }),
    subscribe: (topic, listener) => subscribe(topic, listener as (update: Update) => void, home, runs),
  };

  return {
    api,
    start() {
      runs.recover();
      tick();
    },
    async stop() {
      cancel?.();
      runs.closeAll();
      homeJournal.close();
      await ports.history.close();
    },
    isIdle: () => runs.live().every((run) => !run.state.process && run.abort === null && !runs.isDue(run)),
  };
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
