/** One journal's fold and those who watch it. */
import type { Entry } from "../core/journal.ts";
import type { Journal } from "../core/ports.ts";

export type Listener<S> = (update: { readonly seq: number; readonly snapshot: S } | { readonly seq: number; readonly entries: readonly Entry[] }) => void;

/** Longer lists than this are sent as one snapshot: a client that missed so much is served faster that way. */
const ENTRIES_LIMIT = 500;

export class Topic<S> {
  state: S;
  /** How often the journal was deleted, replaced or cut short, and the fold began anew. */
  losses = 0;
  private seq = 0;
  private readonly journal: Journal;
  private readonly fold: (state: S, entries: readonly Entry[]) => S;
  private readonly empty: S;
  private readonly listeners = new Set<Listener<S>>();

  constructor(journal: Journal, fold: (state: S, entries: readonly Entry[]) => S, empty: S) {
    this.journal = journal;
    this.fold = fold;
    this.empty = empty;
    this.state = empty;
  }

  /** Reads what is new, folds it and publishes it in one piece. Returns the new entries' number. */
  refresh(): number {
    const before = this.seq;
    let fresh: Entry[] | null = [];
    for (let more = true; more; ) {
      const read = this.journal.readNew();
      more = read.more;
      if (read.reset) {
        this.state = this.empty;
        this.losses += 1;
      }
      if (read.entries.length > 0) this.state = this.fold(this.state, read.entries);
      this.seq += read.entries.length;
      fresh = read.reset || fresh === null || fresh.length + read.entries.length > ENTRIES_LIMIT ? null : [...fresh, ...read.entries];
    }
    if (fresh === null) this.publish({ seq: this.seq, snapshot: this.state });
    else if (fresh.length > 0) this.publish({ seq: this.seq, entries: fresh });
    return this.seq - before;
  }

  subscribe(listener: Listener<S>): () => void {
    this.listeners.add(listener);
    listener({ seq: this.seq, snapshot: this.state });
    return () => this.listeners.delete(listener);
  }

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  private publish(update: Parameters<Listener<S>>[0]): void {
    for (const listener of this.listeners) listener(update);
  }
}
