/** What the pictures show: each view over journals as a run writes them, on one fixed evening, so that a picture changes only when its view does. */
import { homeEvent, type RunOptions, runJournal } from "../fixtures/journal.ts";
import { nightCheck } from "../fixtures/night.ts";
import { PAST_RUNS, removalOf, trainedAs } from "../fixtures/past-runs.ts";
import type { Machine } from "../fixtures/replay-server.ts";
import { VERSIONS } from "../fixtures/versions.ts";

const RUN = "jessy-maximum-v1-20261123-190000-00c3";
/** 21:30 and 22:02 in Istanbul. */
const EVENING = Date.UTC(2026, 10, 23, 18, 30);
const BEGUN = Date.UTC(2026, 10, 23, 19, 2);

export interface Scene {
  readonly name: string;
  readonly run: RunOptions;
  /** Older ones beside it. */
  readonly others?: readonly RunOptions[];
  /** Unix ms on the page's clock. */
  readonly now: number;
  readonly machine?: Machine;
  readonly home?: readonly string[];
  /** The view's link in the head; null is the popover. */
  readonly view: "tonight" | "run" | "deploy" | "history" | "settings" | null;
  /** Pressed once the view stands, in this order. */
  readonly press?: readonly string[];
  /** There once the view stands, and after what was pressed. */
  readonly ready: string;
  readonly height: number;
}

/** A night on its way, with two rests for heat. */
const training: RunOptions = {
  run: RUN,
  name: "jessy-maximum-v1",
  kind: "full",
  moment: "training",
  steps: 608,
  stepsDone: 377,
  stepSeconds: 40,
  rows: 3242,
  sensors: "warm",
  startedAt: BEGUN,
};
const waiting: RunOptions = { ...training, moment: "created", startedAt: EVENING - 600_000 };
const finished: RunOptions = { ...training, moment: "finished" };

/** Half a minute after the journal's last line. */
function after(run: RunOptions): number {
  const last = JSON.parse(runJournal(run).at(-1) ?? "{}") as { at: number };
  return last.at + 30_000;
}

const TONIGHT = {
  machine: { preflight: nightCheck({ rows: 1_400, now: EVENING }) },
  home: [homeEvent({ type: "schedule-set", run: RUN, from: "22:00", to: "06:00" }, EVENING - 60_000)],
};

/** Three nights: two behind us, one finished this morning. */
const PAST = { run: finished, others: PAST_RUNS, now: after(finished), machine: { removal: removalOf, trained: trainedAs } } as const;
const BOTH = ["00a1", "00b2"].map((end) => `[data-past$="${end}"] input`);

export const SCENES: readonly Scene[] = [
  { name: "tonight", run: waiting, now: EVENING, view: "tonight", ready: "[data-check=power]", height: 1000, ...TONIGHT },
  { name: "run", run: training, now: after(training), view: "run", ready: "[data-cost]", height: 1180 },
  { name: "verdict", run: finished, now: after(finished), view: "run", ready: "[data-result=held-out]", height: 1180 },
  { name: "deploy", run: finished, now: after(finished), view: "deploy", ready: ".version", height: 560, machine: { versions: () => VERSIONS } },
  { name: "history", view: "history", ready: "[data-parts]", height: 900, ...PAST, press: ['[data-past$="00a1"] [data-do=what]', "[data-do=delete]"] },
  { name: "again", view: "history", ready: ".levers", height: 900, ...PAST, press: ['[data-past$="00b2"] [data-do=what]', "[data-do=again]"] },
  { name: "side-by-side", view: "history", ready: ".plot-pair canvas", height: 1180, ...PAST, press: [...BOTH, "[data-do=pair]"] },
  { name: "storage", run: finished, now: after(finished), view: "settings", press: ["[data-do=clear]"], ready: "[data-clearing]", height: 900 },
  { name: "settings", run: training, now: after(training), view: "settings", ready: ".settings form", height: 1000 },
  { name: "popover", run: training, now: after(training), view: null, ready: "[data-figure=pace]", height: 540 },
];

/** Those the README and the pages use. */
export const CHOSEN: readonly string[] = ["run-en-light", "tonight-tr-dark", "deploy-en-light", "popover-en-dark", "popover-tr-light"];
