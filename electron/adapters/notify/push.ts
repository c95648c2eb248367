/** What all push services share: tidy text, patience, and never more than a person would want to get. */
import { type Delivered, type Notice, type NoticeLevel, tidyNotice } from "../../core/notice.ts";
import type { Clock, Notifier } from "../../core/ports.ts";
import { because } from "../../core/reason.ts";
import { type Attempt, deliver, ONCE, PATIENCE, type Patience } from "./deliver.ts";

export interface PushOptions {
  readonly clock: Clock;
  readonly patience?: Patience;
  /** One attempt's limit. */
  readonly limitMs?: number;
}

/** At most `burst` at once, one more each `everyS`; urgent ones have an allowance of their own, so that chatter cannot use it up. */
export const RATE = { burst: 10, everyS: 120 } as const;

export function pushNotifier(backend: string, options: PushOptions, attempt: (notice: Notice) => Promise<Attempt>): Notifier {
  const allowances = { urgent: new Allowance(options.clock), other: new Allowance(options.clock) };
  return {
    backend,
    async send(notice, how): Promise<Delivered> {
      if (!allowances[notice.level === "urgent" ? "urgent" : "other"].take()) {
        const values = { count: String(RATE.burst), minutes: String((RATE.burst * RATE.everyS) / 60) };
        return { backend, ok: false, why: [because("held-back", values)], attempts: 0 };
      }
      const tidied = tidyNotice(notice);
      return await deliver(backend, options.clock, () => attempt(tidied), how?.once ? ONCE : (options.patience ?? PATIENCE));
    },
  };
}

class Allowance {
  private readonly clock: Clock;
  private left: number = RATE.burst;
  private at: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.at = clock.mono();
  }

  take(): boolean {
    const now = this.clock.mono();
    this.left = Math.min(RATE.burst, this.left + (now - this.at) / RATE.everyS);
    this.at = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

export function byLevel<T>(level: NoticeLevel, values: Readonly<Record<NoticeLevel, T>>): T {
  return values[level];
}
