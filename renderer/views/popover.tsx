/** What a click on the menu bar's icon shows: the newest run at a glance, and the few things done to it in passing. */
import { type ReactNode, useEffect } from "react";
import { runEnd } from "../../electron/core/eta.ts";
import { celsiusNow } from "../../electron/core/menu-bar.ts";
import { newestCheckpoint, progressOf, statusOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { headline } from "../headline.ts";
import { whySlowed } from "../pace.ts";
import { useNow, useView, useWords } from "../use-session.ts";
import { EmptyHome, Loading, OfflineBar } from "./conditions.tsx";
import { Controls } from "./controls.tsx";
import { Guard } from "./guard.tsx";
import { Pill, toneOf } from "./pill.tsx";
import { Ring } from "./ring.tsx";
import { Shown } from "./shown.tsx";
import { Sparkline } from "./sparkline.tsx";

export function Popover() {
  const { say, language } = useWords();
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = "Thortime";
  }, [language]);
  return (
    <main className="popover">
      <OfflineBar />
      <Guard>
        <Body />
      </Guard>
      <button type="button" className="open" onClick={openWindow}>
        {say("popover.open")}
      </button>
    </main>
  );
}

/** In a browser the popover is only an address, and the window is the same page without it. */
function openWindow(): void {
  if (window.thortime) {
    window.thortime.open();
  } else {
    location.hash = "";
    location.reload();
  }
}

function Body(): ReactNode {
  const { say } = useWords();
  const home = useView((view) => view.home);
  const run = useView((view) => view.run);
  if (!home) return <Loading text={say("app.loading")} />;
  if (home.runs.length === 0) return <EmptyHome />;
  return run ? <Glance run={run} /> : <Loading text={say("app.loading-run")} />;
}

function Glance({ run }: { readonly run: RunState }) {
  const words = useWords();
  const nowMs = useNow(5_000);
  const status = statusOf(run);
  const slowed = whySlowed(run, words);
  return (
    <>
      <p className="glance-top">
        <Pill run={run} status={status} nowMs={nowMs} />
        <span className="run-name">
          <Shown text={run.name} />
        </span>
      </p>
      <div className={`glance tone-${toneOf(run, status)}`}>
        <Ring share={progressOf(run)} status={status} />
        <h1>
          <Shown text={headline(run, words, nowMs)} />
        </h1>
      </div>
      <Sparkline run={run} />
      <Figures run={run} nowMs={nowMs} />
      {slowed && (
        <p className="slowed" data-slowed>
          {slowed}
        </p>
      )}
      <Controls run={run} />
    </>
  );
}

interface Row {
  readonly name: string;
  readonly label: string;
  readonly value: string | null;
  /** What stands there while there is no value. */
  readonly none: string;
}

function Figures({ run, nowMs }: { readonly run: RunState; readonly nowMs: number }) {
  const { say } = useWords();
  return (
    <dl className="figures" aria-label={say("popover.figures")}>
      {useRows(run, nowMs).map(({ name, label, value, none }) => (
        <div key={name} data-figure={name}>
          <dt className="soft">{label}</dt>
          <dd className={value === null ? "none" : ""}>{value ?? none}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What changes by the minute is left out once nothing changes any more. */
function useRows(run: RunState, nowMs: number): readonly Row[] {
  const { say, format } = useWords();
  const { step, totalSteps, memory } = run;
  const end = runEnd(run, nowMs);
  const celsius = celsiusNow(run, nowMs);
  const checkpoint = newestCheckpoint(run);
  const pace = run.process?.verb === "train" ? (run.obeyed?.pace ?? null) : null;
  const rows: readonly (Row & { readonly live?: true })[] = [
    {
      name: "step",
      label: say("tile.step"),
      value: step && `${format.integer(step.step)} ${say("tile.of", { total: format.integer(totalSteps) })}`,
      none: say("popover.step-none"),
    },
    {
      name: "end",
      label: say("popover.end"),
      value: end && say("popover.end-value", { from: format.clock(end.fromMs), to: format.clock(end.toMs) }),
      none: say("popover.end-unknown"),
      live: true,
    },
    {
      name: "temperature",
      label: say("popover.temperature"),
      value: celsius === null ? null : say("popover.celsius", { celsius: format.integer(Math.round(celsius)) }),
      none: say("popover.temperature-unknown"),
      live: true,
    },
    {
      name: "memory",
      label: say("tile.memory"),
      value: memory && format.bytes(Math.max(memory.activeBytes, memory.residentBytes)),
      none: say("tile.not-measured"),
    },
    { name: "pace", label: say("popover.pace"), value: pace === null ? null : format.percent(pace), none: say("popover.pace-unknown"), live: true },
    { name: "checkpoint", label: say("tile.checkpoint"), value: checkpoint && format.ago(nowMs - checkpoint.at), none: say("tile.none") },
  ];
  return run.ended ? rows.filter((row) => !row.live) : rows;
}
