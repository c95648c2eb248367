/** What the home's own journal amounts to: which runs there are, what is deployed. */
import type { Entry } from "./journal.ts";
export interface RunEntry {
    readonly id: string;
    readonly name: string;
    readonly campaign: string;
    readonly kind: "practice" | "quick" | "full";
    readonly addedAt: number;
    readonly outcome: "finished" | "stopped" | null;
}
export interface Version {
    readonly name: string;
    readonly run: string;
    readonly candidate: string;
    readonly previous: string | null;
    readonly digest: string;
    readonly at: number;
}
export interface HomeState {
    /** Oldest first. The list is as long as the home has runs: a run is some hundred bytes here. */
    readonly runs: readonly RunEntry[];
    readonly campaigns: readonly {
        readonly id: string;
        readonly name: string;
        readonly data: string;
        readonly model: string;
    }[];
    /** Newest last, at most `VERSIONS_KEPT`. */
    readonly versions: readonly Version[];
    readonly damages: number;
}
export declare const VERSIONS_KEPT = 100;
export declare const EMPTY_HOME: HomeState;
export declare function reduceHome(state: HomeState, entry: Entry): HomeState;
