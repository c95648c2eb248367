/** What history keeps of a run: one row, made of the run's state and nothing else, so that rebuilt and projected rows are equal. */
import type { HistoryRow } from "../core/api.ts";
import type { RunState } from "../core/state.ts";
export declare function historyRow(state: RunState): HistoryRow;
