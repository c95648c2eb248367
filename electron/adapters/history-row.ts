/** What history keeps of a run: one row, made of the run's state and nothing else, so that rebuilt and projected rows are equal. */
import type { HistoryRow } from "../core/api.ts";
import { type Figure, toNumber } from "../core/events.ts";
import type { RunState } from "../core/state.ts";

export function historyRow(state: RunState): HistoryRow {
  return {
    run: state.id,
    name: state.name,
    kind: state.kind,
    model: state.model,
    from: state.from?.run ?? null,
    verdict: state.judged?.decision ?? null,
    createdAt: state.createdAt,
    outcome: state.ended?.outcome ?? null,
    steps: state.step?.step ?? 0,
    totalSteps: state.totalSteps,
    firstLoss: finite(state.firstLoss),
    lastLoss: finite(state.step?.loss ?? null),
    heldOutBefore: finite(state.comparison?.before ?? state.heldOut[0]?.loss ?? null),
    heldOutAfter: finite(state.comparison?.after ?? state.heldOut.at(-1)?.loss ?? null),
    checkpoints: state.sealed,
    trainSeconds: state.trainSeconds,
    gguf: state.gguf?.path ?? null,
    deployedAs: state.deployed?.name ?? null,
  };
}

/** SQLite has no NaN; a loss that is none is unknown here. The journal keeps the word. */
function finite(figure: Figure | null): number | null {
  if (figure === null) return null;
  const value = toNumber(figure);
  return Number.isFinite(value) ? value : null;
}
