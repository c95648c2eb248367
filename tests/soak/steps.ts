/** What a run's journal says about steps that were lost and done again. Pure. */
import type { Event, EventOf } from "../../electron/core/events.ts";
import type { Entry } from "../../electron/core/journal.ts";

export interface Steps {
  /** Steps applied and lost again, newest last: by each start since the newest checkpoint there was, and with each checkpoint that was refused. */
  readonly lost: readonly number[];
  /** A start that went back past a checkpoint that was sealed and that nobody refused. */
  readonly wentBack: readonly string[];
  /** Steps as they stand at the end, in order. */
  readonly standing: readonly number[];
  /** Seconds from a training process's start to its first step: the very first one's, and each resumed one's. */
  readonly startSeconds: readonly { readonly resumed: boolean; readonly seconds: number }[];
}

export function readSteps(entries: readonly Entry[]): Steps {
  const reader = new Reader();
  for (const entry of entries) if ("event" in entry) reader.take(entry.event);
  return reader;
}

class Reader implements Steps {
  readonly lost: number[] = [];
  readonly wentBack: string[] = [];
  standing: number[] = [];
  readonly startSeconds: { resumed: boolean; seconds: number }[] = [];
  private readonly sealed = new Set<number>();
  private readonly refused = new Set<number>();
  private spawned: { at: number; resumed: boolean } | null = null;

  take(event: Event): void {
    switch (event.type) {
      // Not "spawned": the engine's time of day may have been set meanwhile; keeper and trainer share one clock.
      case "kept":
        this.spawned = event.verb === "train" ? { at: event.at, resumed: false } : null;
        return;
      case "checkpoint-sealed":
        this.sealed.add(event.step);
        return;
      case "checkpoint-pruned":
        this.sealed.delete(event.step);
        return;
      case "checkpoint-refused":
        this.refused.add(event.step);
        return;
      case "resumed":
        this.resume(event.fromStep);
        return;
      case "step":
        this.step(event);
        return;
      default:
        return;
    }
  }

  private resume(from: number): void {
    const newest = Math.max(0, ...this.sealed);
    const whole = Math.max(0, ...[...this.sealed].filter((step) => !this.refused.has(step)));
    if (from < whole) this.wentBack.push(`resumed from ${from}, though ${whole} was sealed`);
    this.lost.push(Math.max(0, (this.standing.at(-1) ?? 0) - Math.max(newest, from)));
    this.countRefused(from);
    this.standing = this.standing.filter((step) => step <= from);
    if (this.spawned) this.spawned.resumed = true;
  }

  /** Each damaged checkpoint takes with it what came after the one before it. */
  private countRefused(from: number): void {
    const gone = [...this.sealed].filter((step) => step > from).sort((a, b) => a - b);
    for (const [index, step] of gone.entries()) this.lost.push(step - (gone[index - 1] ?? from));
    for (const step of gone) this.sealed.delete(step);
    this.refused.clear();
  }

  private step(event: EventOf<"step">): void {
    this.standing.push(event.step);
    if (this.spawned) this.startSeconds.push({ resumed: this.spawned.resumed, seconds: (event.at - this.spawned.at) / 1000 });
    this.spawned = null;
  }
}
