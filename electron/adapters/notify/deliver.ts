/** Delivery over a network that fails: few attempts, ever longer apart, all of them bounded; what became of it is data for the journal. */
import type { Delivered } from "../../core/notice.ts";
import type { Clock } from "../../core/ports.ts";
import { because, type Reason } from "../../core/reason.ts";

export type Attempt = { readonly ok: true } | { readonly ok: false; readonly why: Reason; readonly again: boolean; readonly afterMs?: number };

export interface Patience {
  readonly attempts: number;
  readonly firstMs: number;
  readonly mostMs: number;
  /** A server that asks for a longer pause than this is not waited for. */
  readonly askedMostMs: number;
  /** No attempt begins later than this after the first. */
  readonly totalMs: number;
}

/** Somebody waits for the answer: one attempt, and what came of it. */
export const ONCE: Patience = { attempts: 1, firstMs: 0, mostMs: 0, askedMostMs: 0, totalMs: 0 };

export const PATIENCE: Patience = { attempts: 5, firstMs: 2_000, mostMs: 60_000, askedMostMs: 300_000, totalMs: 600_000 };

/** `attempt` never throws a person's secret: its `why` is journalled as it is. */
export async function deliver(backend: string, clock: Clock, attempt: () => Promise<Attempt>, patience: Patience = PATIENCE): Promise<Delivered> {
  const startedAt = clock.mono();
  for (let attempts = 1; ; attempts += 1) {
    const result = await attempt();
    if (result.ok) return { backend, ok: true, why: null, attempts };
    const waitMs = result.afterMs ?? backOffMs(attempts, clock.random(), patience);
    const failed = (...why: readonly Reason[]): Delivered => ({ backend, ok: false, why, attempts });
    if (!result.again || attempts >= patience.attempts) return failed(result.why);
    if (waitMs > patience.askedMostMs) return failed(result.why, because("asks-pause", { seconds: String(Math.round(waitMs / 1000)) }));
    if ((clock.mono() - startedAt) * 1000 + waitMs > patience.totalMs) return failed(result.why);
    await new Promise<void>((resolve) => {
      clock.after(waitMs, resolve);
    });
  }
}

/** Doubles each time; half of it by chance, so that many machines do not come back at the same moment. */
export function backOffMs(attempts: number, random: number, patience: Patience): number {
  const full = Math.min(patience.firstMs * 2 ** (attempts - 1), patience.mostMs);
  return full / 2 + (random * full) / 2;
}
