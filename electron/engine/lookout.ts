/** Looks at the machine: one look at a time, as often as somebody needs it, and what it saw goes to everybody who minds it. */
import type { Ports } from "../core/ports.ts";
import { type Conditions, nothingKnown } from "../core/reading.ts";
import { because } from "../core/reason.ts";

/** While a training is governed; while a run is open; for the screen. */
export const LOOK_EVERY_S = { training: 5, open: 10, idle: 30 } as const;
/** Adapters promise to answer sooner; a look that hangs all the same counts as blindness. */
const READ_LIMIT_S = 20;

export class Lookout {
  /** The newest look; null before the first. */
  conditions: Conditions | null = null;
  private readonly ports: Ports;
  private readonly onSeen: (conditions: Conditions) => void;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private readingSince: number | null = null;
  private stopped = false;

  constructor(ports: Ports, onSeen: (conditions: Conditions) => void) {
    this.ports = ports;
    this.onSeen = onSeen;
  }

  /** At each tick; reads when it is time, never twice at once. */
  look(need: keyof typeof LOOK_EVERY_S): void {
    const now = this.ports.clock.mono();
    if (now - this.lookedAt < LOOK_EVERY_S[need]) return;
    this.lookedAt = now;
    if (this.readingSince === null) this.read(now);
    else if (now - this.readingSince > READ_LIMIT_S) this.seen(nothingKnown([because("sensors-silent")]));
  }

  /** The machine changed: it is looked at again at the next tick. */
  afresh(): void {
    this.lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** What is still being read then is nobody's: the runs belong to the next engine. */
  stop(): void {
    this.stopped = true;
  }

  private read(now: number): void {
    this.readingSince = now;
    this.ports.sensors
      .read()
      .then((conditions) => this.seen(conditions))
      .catch((error: unknown) => this.ports.report(error))
      .finally(() => {
        this.readingSince = null;
      });
  }

  private seen(conditions: Conditions): void {
    if (this.stopped) return;
    this.conditions = conditions;
    this.onSeen(conditions);
  }
}
