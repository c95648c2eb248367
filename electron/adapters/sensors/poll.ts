/** One source, asked when it is time, never twice at once; a source that fails is asked less and less often, and says why. */
import type { Clock } from "../../core/ports.ts";
import { type Reading, type Unknown, unknown } from "../../core/reading.ts";
import { because, type Reason, type Why } from "../../core/reason.ts";
import { LookError, type Place } from "./place.ts";
import { type Found, isUnknown, type Key, type Source, type Value } from "./source.ts";

/** A look that has not come back by then is left behind; the programs it called have shorter limits. */
export const LOOK_LIMIT_MS = 3_000;
const BACK_OFF_S = { first: 10, most: 600 } as const;
/** A value is shown until three looks were missed, and for this long at least. */
const KEPT = { looks: 3, leastS: 30 } as const;

interface Noted {
  readonly found: Value<Key> | Unknown;
  readonly at: number;
}

export class Poll {
  readonly source: Source;
  private readonly clock: Clock;
  private readonly notes = new Map<Key, Noted>();
  private dueAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private why: Reason = because("not-asked");
  private pending = false;

  constructor(source: Source, clock: Clock) {
    this.source = source;
    this.clock = clock;
  }

  /** Never rejects. Comes back at once when it is not time yet, and within the limit always. */
  async ask(place: Place): Promise<void> {
    if (this.pending || this.clock.mono() < this.dueAt) return;
    this.pending = true;
    this.dueAt = this.clock.mono() + this.source.everyS;
    const look = Promise.resolve()
      .then(() => this.source.look(place))
      .then(
        (found) => this.note(found),
        (error: unknown) => this.fail(error instanceof LookError ? error.reason : because("unreadable")),
      )
      .finally(() => {
        this.pending = false;
      });
    await this.within(look);
  }

  /** The machine slept, or its power changed: what was seen before says nothing about now. */
  forget(): void {
    this.notes.clear();
    this.dueAt = Number.NEGATIVE_INFINITY;
    this.failures = 0;
    this.why = because("slept");
  }

  askSoon(): void {
    this.dueAt = Number.NEGATIVE_INFINITY;
  }

  read<K extends Key>(key: K): Reading<Value<K>> {
    const noted = this.notes.get(key);
    const { name: of } = this.source;
    if (noted === undefined) return unknown([{ ...this.why, of }]);
    if (isUnknown(noted.found)) return unknown(saidBy(of, noted.found.why));
    const age = this.clock.mono() - noted.at;
    if (age > Math.max(KEPT.looks * this.source.everyS, KEPT.leastS))
      return unknown([because("nothing-for", { seconds: String(Math.round(age)) }, of), this.why]);
    return { value: noted.found as Value<K>, source: this.source.name, at: noted.at };
  }

  private async within(look: Promise<void>): Promise<void> {
    let cancel = () => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.clock.after(LOOK_LIMIT_MS, () => {
        if (this.pending) this.fail(because("no-answer", { seconds: String(LOOK_LIMIT_MS / 1000) }));
        resolve();
      });
    });
    await Promise.race([look, limit]);
    cancel();
  }

  private note(found: Found): void {
    const at = this.clock.mono();
    let known = false;
    for (const key of this.source.gives) {
      const value = found[key];
      if (value === undefined) continue;
      this.notes.set(key, { found: value, at });
      known ||= !isUnknown(value);
    }
    if (known || this.source.live) {
      this.failures = 0;
      this.why = because("nothing-new");
    } else this.backOff();
  }

  private fail(why: Reason): void {
    this.why = why;
    if (!this.source.live) this.backOff();
  }

  private backOff(): void {
    this.dueAt = this.clock.mono() + Math.max(this.source.everyS, Math.min(BACK_OFF_S.first * 2 ** this.failures, BACK_OFF_S.most));
    this.failures = Math.min(this.failures + 1, 16);
  }
}

function saidBy(of: string, why: Why): Why {
  return typeof why === "string" ? `${of}: ${why}` : why.map((one) => ({ ...one, of }));
}
