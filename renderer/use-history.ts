/** The runs of the home as history knows them, asked for again when one was added, ended or deleted; where history is off, the home's own list. */
import { useCallback, useEffect, useState } from "react";
import type { HistoryRow } from "../electron/core/api.ts";
import type { Fault } from "../electron/core/faults.ts";
import type { HomeState, RunEntry } from "../electron/core/home.ts";
import { asFault } from "./session.ts";
import { useSession, useView } from "./use-session.ts";

export interface PastRun {
  readonly run: string;
  readonly name: string;
  readonly kind: RunEntry["kind"];
  readonly at: number;
  /** Null while it has not ended. */
  readonly outcome: RunEntry["outcome"];
  /** Null where history is off: nothing more is known here. */
  readonly row: HistoryRow | null;
}

export interface Past {
  /** Null until they were told. */
  readonly runs: readonly PastRun[] | null;
  /** Why there is no history; null: there is. */
  readonly off: string | null;
  readonly fault: Fault | null;
  readonly dismiss: () => void;
  /** Null where there are no more. */
  readonly showMore: (() => void) | null;
}

const PAGE = 30;
const MOST = 1000;
const TYPING_MS = 150;

export function useHistory(home: HomeState, search: string): Past {
  const off = useView((view) => view.info?.historyOff ?? null);
  const [limit, setLimit] = useState(PAGE);
  const { rows, fault, dismiss } = useRows(home, search, limit);
  const listed = off === null ? (rows?.map((row) => ofRow(row, home)) ?? null) : ofJournals(home, search).slice(0, limit);
  const more = listed !== null && listed.length >= limit && limit < MOST;
  const showMore = useCallback(() => setLimit((before) => Math.min(MOST, before + PAGE)), []);
  return { runs: listed, off, fault: off === null ? fault : null, dismiss, showMore: more ? showMore : null };
}

function useRows(home: HomeState, search: string, limit: number) {
  const { api } = useSession();
  const ready = useView((view) => view.link === "online" && view.info !== null && view.info.historyOff === null);
  const [rows, setRows] = useState<readonly HistoryRow[] | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const ended = home.runs.filter((run) => run.outcome !== null).length;
  const changes = `${home.runs.length} ${ended} ${home.runs.at(-1)?.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the home's journal says of runs is why to ask again
  useEffect(() => {
    if (!ready) return;
    let over = false;
    const ask = () =>
      void api.call("history", { limit, search }).then(
        (reply) => {
          if (over) return;
          setRows(reply.rows);
          setFault(null);
        },
        (error: unknown) => {
          if (!over) setFault(asFault(error));
        },
      );
    const timer = setTimeout(ask, search === "" ? 0 : TYPING_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, ready, search, limit, changes]);
  return { rows, fault, dismiss: useCallback(() => setFault(null), []) };
}

/** What the home's journal says of an end is newer than a row that may be written a moment later. */
function ofRow(row: HistoryRow, home: HomeState): PastRun {
  const entry = home.runs.find(({ id }) => id === row.run);
  const outcome = row.outcome === "finished" || row.outcome === "stopped" ? row.outcome : null;
  const kind = row.kind === "practice" || row.kind === "quick" ? row.kind : "full";
  return { run: row.run, name: row.name, kind, at: row.createdAt, outcome: entry ? entry.outcome : outcome, row };
}

function ofJournals(home: HomeState, search: string): readonly PastRun[] {
  const wanted = search.trim().toLowerCase();
  return home.runs
    .filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(wanted))
    .map(({ id, name, kind, addedAt, outcome }) => ({ run: id, name, kind, at: addedAt, outcome, row: null }))
    .reverse();
}
