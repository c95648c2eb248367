/** A client gets a snapshot, then entries without a gap; folding them is what the engine has. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Update } from "../../electron/core/api.ts";
import { reduceHome } from "../../electron/core/home.ts";
import type { Entry } from "../../electron/core/journal.ts";
import type { Journal, JournalRead } from "../../electron/core/ports.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { type Listener, Topic } from "../../electron/engine/topic.ts";
import { entry, sample } from "../core/samples.ts";
import { Night } from "./night.ts";

/** As a client holds it: carried as JSON, folded, and every gap noticed. */
class Client<S> {
  state: S | null = null;
  seq = -1;
  snapshots = 0;
  private readonly fold: (state: S, entry: Entry) => S;

  constructor(fold: (state: S, entry: Entry) => S) {
    this.fold = fold;
  }

  readonly take = (update: object) => {
    const message = JSON.parse(JSON.stringify(update)) as { seq: number } & ({ snapshot: S } | { entries: Entry[] });
    if ("snapshot" in message) {
      this.snapshots += 1;
      this.state = message.snapshot;
    } else {
      if (this.state === null) throw new Error("entries before a snapshot");
      if (this.seq + message.entries.length !== message.seq) throw new Error(`a gap: ${this.seq} + ${message.entries.length} ≠ ${message.seq}`);
      this.state = message.entries.reduce(this.fold, this.state);
    }
    this.seq = message.seq;
  };
}

describe("a night watched from its start to its end", () => {
  let night: Night;
  beforeEach(() => {
    night = new Night();
    night.startLean();
  });
  afterEach(() => night.end());

  it("home and run: first a snapshot, then no gap, and the fold is the journal's; a late client is told the same", async () => {
    const api = night.engine?.api;
    if (!api) throw new Error("no engine");
    const home = new Client(reduceHome);
    api.subscribe("home", home.take);
    const run = await night.begin();
    const [early, late, left] = [new Client(reduce), new Client(reduce), new Client(reduce)];
    api.subscribe(`run:${run}`, early.take);
    const leave = api.subscribe(`run:${run}`, left.take);
    await night.untilTraining(run);
    api.subscribe(`run:${run}`, late.take);
    leave();
    const leftAt = left.seq;
    await night.untilEnded(run);
    await night.until("told", () => early.state?.ended !== null && home.state?.runs[0]?.outcome === "finished");
    expect(early.state).toEqual(night.state(run));
    expect(late.state).toEqual(early.state);
    expect([early.snapshots, late.snapshots, early.seq]).toEqual([1, 1, late.seq]);
    expect(early.seq).toBe(night.entries(run).length);
    expect(left.seq).toBe(leftAt);
    expect(home.state).toEqual(night.homeState());
  });

  it("a run nobody knows is refused", () => {
    const watch = (topic: string) => () => night.engine?.api.subscribe(topic as "home", () => {});
    expect(watch("run:a-20261123-220000-0001")).toThrow("There is no run called");
    expect(watch("run:../../etc")).toThrow("There is no run called");
  });
});

describe("one topic", () => {
  const steps = (count: number, from = 1) => Array.from({ length: count }, (_, index) => entry(sample("step", { step: from + index })));

  class ListedJournal implements Journal {
    readonly reads: JournalRead[] = [];
    append(): void {}
    close(): void {}
    readNew(): JournalRead {
      return this.reads.shift() ?? { reset: false, entries: [], more: false };
    }
  }

  function watched(): { journal: ListedJournal; topic: Topic<number>; updates: Update[] } {
    const journal = new ListedJournal();
    const topic = new Topic<number>(journal, (count, entries) => count + entries.length, 0);
    const updates: Update[] = [];
    topic.subscribe(((update) => updates.push(update as unknown as Update)) satisfies Listener<number>);
    return { journal, topic, updates };
  }

  it("says nothing when there is nothing new", () => {
    const { topic, updates } = watched();
    topic.refresh();
    expect(updates).toEqual([{ seq: 0, snapshot: 0 }]);
  });

  it("reads on while there is more", () => {
    const { journal, topic, updates } = watched();
    journal.reads.push({ reset: false, entries: steps(2), more: true }, { reset: false, entries: steps(1, 3), more: false });
    topic.refresh();
    expect(updates.map(({ seq }) => seq)).toEqual([0, 3]);
    expect(topic.state).toBe(3);
  });

  it("a long list goes as one snapshot", () => {
    const { journal, topic, updates } = watched();
    journal.reads.push({ reset: false, entries: steps(501), more: false });
    topic.refresh();
    expect(updates.at(-1)).toEqual({ seq: 501, snapshot: 501 });
  });

  it("a lost journal is a snapshot of what is left, and the numbers go on", () => {
    const { journal, topic, updates } = watched();
    journal.reads.push({ reset: false, entries: steps(5), more: false });
    topic.refresh();
    journal.reads.push({ reset: true, entries: steps(2), more: false });
    topic.refresh();
    expect(updates.at(-1)).toEqual({ seq: 7, snapshot: 2 });
    expect(topic.losses).toBe(1);
  });

  it("who has left is told nothing", () => {
    const { journal, topic } = watched();
    const told: unknown[] = [];
    const leave = topic.subscribe((update) => told.push(update));
    leave();
    journal.reads.push({ reset: false, entries: steps(1), more: false });
    topic.refresh();
    expect(told).toHaveLength(1);
  });
});
