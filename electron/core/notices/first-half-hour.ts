/** The first 30 minutes decide a night: they end in one message, that you can sleep or what is wrong. Flags that stand later are told singly. */
import { runEnd } from "../eta.ts";
import { localTime, type ZoneOffset } from "../evening/window.ts";
import { toNumber } from "../events.ts";
import type { RunState } from "../state.ts";
import type { Draft } from "./drafts.ts";
import { type Flag, figure, gigabytes, newestLoss } from "./flags.ts";

export const FIRST_MS = 30 * 60_000;

export interface Told30 {
  readonly flags: readonly Flag[];
  readonly celsius: number | null;
  readonly nowMs: number;
  readonly offset: ZoneOffset;
}

/** Empty before 30 minutes of training are over, and for a run that is over by then: its end is told as it is. */
export function watchDrafts(state: RunState, { flags, celsius, nowMs, offset }: Told30): readonly Draft[] {
  const startedAt = state.phases.train.startedAt;
  if (startedAt === null || state.phases.train.status !== "running" || nowMs < startedAt + FIRST_MS) return [];
  const at = startedAt + FIRST_MS;
  const first = { id: `${state.id}:first-half-hour:${startedAt}`, at, run: state.id };
  if (flags.length === 0) return [{ ...first, level: "normal", ...goodNews(state, celsius, nowMs, offset) }];
  const names = flags.map((flag) => flag.kind).join(",");
  const bad: Draft = { ...first, level: "urgent", key: "first-half-hour-bad", values: { run: state.name, flags: names } };
  return [bad, ...flags.map((flag) => flagDraft(state, flag, nowMs))];
}

/** Once for each kind in a training; the first half hour has them in its one message. */
function flagDraft(state: RunState, { kind, values }: Flag, nowMs: number): Draft {
  const id = `${state.id}:flag:${kind}:${state.phases.train.startedAt}`;
  return {
    id,
    at: nowMs,
    run: state.id,
    level: kind === "hot" || kind === "loss-rising" ? "urgent" : "normal",
    key: `flag-${kind}`,
    values: { run: state.name, ...values },
  };
}

function goodNews(state: RunState, celsius: number | null, nowMs: number, offset: ZoneOffset): Pick<Draft, "key" | "values"> {
  const end = runEnd(state, nowMs);
  const loss = newestLoss(state);
  const values = {
    run: state.name,
    first: state.firstLoss === null ? "–" : figure(toNumber(state.firstLoss)),
    loss: loss === null ? "–" : figure(loss),
    memory: state.memory ? gigabytes(Math.max(state.memory.activeBytes + state.memory.cacheBytes, state.memory.residentBytes)) : "–",
  };
  const known = celsius === null ? values : { ...values, celsius: String(Math.round(celsius)) };
  const key = celsius === null ? "first-half-hour-no-heat" : "first-half-hour";
  return end ? { key, values: { ...known, end: localTime((end.fromMs + end.toMs) / 2, offset) } } : { key: `${key}-no-end`, values: known };
}
