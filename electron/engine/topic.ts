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

  /** Reads what is new, folds and publishes it. Returns the new entries' number. */
  refresh(): number {
    let taken = 0;
    for (;;) {
      const { reset, entries, more } = this.journal.readNew();
      if (reset) {
        this.state = this.empty;
        this.losses += 1;
      }
      if (entries.length > 0) this.state = this.fold(this.state, entries);
      this.seq += entries.length;
      taken += entries.length;
      if (reset || entries.length > ENTRIES_LIMIT) this.publish({ seq: this.seq, snapshot: this.state });
      else if (entries.length > 0) this.publish({ seq: this.seq, entries });
      if (!more) return taken;
    }
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
