/** Long work for a screen. One of a kind at a time; the newest few are remembered until the engine ends. */
import { FaultError, fault, toFault } from "../core/faults.ts";
import type { Job, JobKind, Watch } from "../core/jobs.ts";
import type { Clock } from "../core/ports.ts";

const KEPT = 8;

interface Kept {
  job: Job;
  readonly abort: AbortController;
}

export class Jobs {
  private readonly clock: Clock;
  private readonly kept = new Map<string, Kept>();
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The work under way of the same kind about the same thing is that work; about another it is in the way. */
  start(kind: JobKind, about: string, work: (watch: Watch) => Promise<Job["inspection"]>): Job {
    const busy = [...this.kept.values()].find(({ job }) => job.kind === kind && job.state === "running");
    if (busy && busy.job.about === about) return busy.job;
    if (busy) throw fault("job.busy", "Something else of this kind is still under way.", "Wait for it, or stop it first.");
    this.count += 1;
    const id = `${kind}-${this.count}`;
    const job: Job = { id, kind, about, startedAt: this.clock.now(), state: "running", progress: null, fault: null, inspection: null };
    const kept: Kept = { job, abort: new AbortController() };
    this.kept.set(id, kept);
    this.forgetOldest();
    const change = (more: Partial<Job>) => {
      kept.job = { ...kept.job, ...more };
    };
    work({ signal: kept.abort.signal, onProgress: (progress) => change({ progress }) }).then(
      (inspection) => change({ state: "done", inspection }),
      (error: unknown) => change({ state: kept.abort.signal.aborted ? "stopped" : "failed", fault: toFault(error) }),
    );
    return job;
  }

  get(id: string): Job {
    const kept = this.kept.get(id);
    if (kept) return kept.job;
    throw fault("job.unknown", "This work is no longer known: Thortime was started anew.", "Start it again.");
  }

  stop(id: string): void {
    this.get(id);
    this.kept.get(id)?.abort.abort();
  }

  isRunning(kind: JobKind): boolean {
    return [...this.kept.values()].some(({ job }) => job.kind === kind && job.state === "running");
  }

  /** Nobody's work outlives the engine that would tell of it. */
  stopAll(): void {
    for (const { abort } of this.kept.values()) abort.abort();
  }

  private forgetOldest(): void {
    for (const [id, { job }] of this.kept) {
      if (this.kept.size <= KEPT) return;
      if (job.state !== "running") this.kept.delete(id);
    }
  }
}

/** Refused before anything starts, so that the person sees it at once. */
export function requireNotEmpty(text: string, what: string): string {
  if (text.trim() !== "") return text.trim();
  throw new FaultError({ kind: "usage.empty", message: `No ${what} is named.`, next: "Choose one." });
}
