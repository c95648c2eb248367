import { useMemo, useState } from "react";
import type { RunState } from "../../electron/core/state.ts";
import { timelineOf } from "../timeline.ts";
import { HeatCard } from "./heat-card.tsx";
import { LossCard } from "./loss-card.tsx";

/** Two charts, one moment: whichever is pointed at says where, and the other's cursor follows. Loss stands over steps, heat over the time of day. */
export function Charts({ run }: { readonly run: RunState }) {
  const [step, setStep] = useState<number | null>(null);
  const [atMs, setAtMs] = useState<number | null>(null);
  const { happenings, phases, checkpoints, lastAt, ended } = run;
  const newest = run.step;
  const timeline = useMemo(
    () => timelineOf({ happenings, phases, step: newest, checkpoints, lastAt, ended }),
    [happenings, phases, newest, checkpoints, lastAt, ended],
  );
  return (
    <>
      <LossCard run={run} pointed={step} onPoint={(at) => setAtMs(at === null ? null : timeline.timeOf(at))} />
      <HeatCard run={run} pointed={atMs} onPoint={(at) => setStep(at === null ? null : timeline.stepAt(at))} />
    </>
  );
}
