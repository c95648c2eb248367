/**
 * The topics one client follows. The engine never waits for a client: one that reads too slowly loses its streams, gets a snapshot
 * of each once it has caught up, and is given up when it never does.
 */
import type { Api, Topic, Update } from "../core/api.ts";
import { packUpdate } from "../core/packed.ts";

/** What carries the messages of one client. */
export interface Channel {
  send(text: string): void;
  /** Bytes sent and not yet taken by the client. */
  backlogBytes(): number;
  close(why: string): void;
}

export interface StreamLimits {
  /** Above this a client is behind: its streams stop. */
  readonly highBytes: number;
  /** Below this it has caught up: it gets snapshots and the streams go on. */
  readonly lowBytes: number;
  readonly lookMs: number;
  /** Behind for this long, it is given up. */
  readonly patienceMs: number;
}

export class Streams {
  private readonly api: Api;
  private readonly channel: Channel;
  private readonly limits: StreamLimits;
  private readonly giveUp: () => void;
  private readonly cancels = new Map<Topic, () => void>();
  private readonly behind = new Set<Topic>();
  private timer: NodeJS.Timeout | null = null;
  private looks = 0;

  constructor(api: Api, channel: Channel, limits: StreamLimits, giveUp: () => void) {
    this.api = api;
    this.channel = channel;
    this.limits = limits;
    this.giveUp = giveUp;
  }

  get size(): number {
    return this.cancels.size;
  }

  has(topic: Topic): boolean {
    return this.cancels.has(topic);
  }

  /** From a snapshot on; a topic that is followed already begins again. */
  follow(topic: Topic): void {
    this.cancels.get(topic)?.();
    this.behind.delete(topic);
    let isOver = false;
    const listen = (update: Update) => {
      if (isOver) return;
      if (this.channel.backlogBytes() <= this.limits.highBytes) return this.channel.send(JSON.stringify(packUpdate(update)));
      isOver = true;
      this.fallBehind(topic);
    };
    const cancel = this.subscribe(topic, listen);
    this.cancels.set(topic, () => {
      isOver = true;
      cancel();
    });
    // Behind within the very first update: there was nothing to cancel with yet.
    if (this.behind.has(topic)) cancel();
  }

  leave(topic: Topic): void {
    this.cancels.get(topic)?.();
    this.cancels.delete(topic);
    this.behind.delete(topic);
  }

  end(): void {
    this.stopLooking();
    for (const topic of [...this.cancels.keys()]) this.leave(topic);
  }

  /** A run that does not exist has nothing to say; that is no reason to lose the client. */
  private subscribe(topic: Topic, listener: (update: Update) => void): () => void {
    try {
      return this.api.subscribe(topic, listener);
    } catch {
      return () => {};
    }
  }

  private fallBehind(topic: Topic): void {
    this.behind.add(topic);
    this.cancels.get(topic)?.();
    this.timer ??= setInterval(() => this.look(), this.limits.lookMs);
  }

  private look(): void {
    this.looks += 1;
    if (this.channel.backlogBytes() <= this.limits.lowBytes) {
      this.stopLooking();
      for (const topic of [...this.behind]) this.follow(topic);
    } else if (this.looks * this.limits.lookMs >= this.limits.patienceMs) {
      this.giveUp();
    }
  }

  private stopLooking(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.looks = 0;
  }
}
