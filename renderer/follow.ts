/** Follows one topic: snapshot first, then the same fold the engine runs, a frame's worth at a time; after a gap it asks anew. */
import type { Api, SnapshotOf, Topic, Update } from "../electron/core/api.ts";
import type { Entry } from "../electron/core/journal.ts";

/** A hidden page gets no frames; beyond this many entries a fresh snapshot is cheaper than the fold. */
export const PENDING_LIMIT = 20_000;
const FRAME_BUDGET_MS = 8;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

export interface Follow<T extends Topic> {
  readonly api: Api;
  readonly topic: T;
  readonly fold: (state: SnapshotOf<T>, entry: Entry) => SnapshotOf<T>;
  readonly onState: (state: SnapshotOf<T>) => void;
}

export function follow<T extends Topic>(options: Follow<T>): () => void {
  const follower = new Follower(options);
  follower.subscribe();
  return () => follower.stop();
}

class Follower<T extends Topic> {
  #state: SnapshotOf<T> | null = null;
  #pending: Entry[] = [];
  /** Number of the newest entry taken in, folded or pending. */
  #seq = 0;
  #gaps = 0;
  #frame: number | null = null;
  #timer: number | null = null;
  #unsubscribe: () => void = () => {};
  readonly #options: Follow<T>;

  constructor(options: Follow<T>) {
    this.#options = options;
  }

  subscribe(): void {
    this.#timer = null;
    this.#unsubscribe = this.#options.api.subscribe(this.#options.topic, (update) => this.#take(update));
  }

  stop(): void {
    this.#unsubscribe();
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = null;
    this.#timer = null;
  }

  #take(update: Update<T>): void {
    if ("snapshot" in update) {
      this.#state = update.snapshot;
      this.#seq = update.seq;
      this.#pending = [];
      this.#schedule();
    } else {
      this.#takeEntries(update.seq, update.entries);
    }
  }

  #takeEntries(seq: number, entries: readonly Entry[]): void {
    const fresh = seq - this.#seq;
    if (fresh <= 0) return;
    if (this.#state === null || fresh > entries.length || this.#pending.length > PENDING_LIMIT) {
      this.#askAnew();
      return;
    }
    this.#gaps = 0;
    this.#seq = seq;
    this.#pending.push(...entries.slice(entries.length - fresh));
    this.#schedule();
  }

  /** With a wait that grows, so that a server that always leaves gaps is not asked in a circle. */
  #askAnew(): void {
    this.stop();
    this.#pending = [];
    this.#timer = window.setTimeout(() => this.subscribe(), Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#gaps));
    this.#gaps = Math.min(this.#gaps + 1, 10);
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => this.#fold());
  }

  #fold(): void {
    this.#frame = null;
    if (this.#state === null) return;
    const until = performance.now() + FRAME_BUDGET_MS;
    let done = 0;
    while (done < this.#pending.length && performance.now() < until) {
      const entry = this.#pending[done];
      if (entry) this.#state = this.#options.fold(this.#state, entry);
      done += 1;
    }
    this.#pending = this.#pending.slice(done);
    this.#options.onState(this.#state);
    if (this.#pending.length > 0) this.#schedule();
  }
}
