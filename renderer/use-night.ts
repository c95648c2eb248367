/** The night check of the run on screen: asked for when it is looked at, after each change, and from time to time. */
import { useCallback, useEffect, useState } from "react";
import type { Preflight } from "../electron/core/api.ts";
import type { Schedule } from "../electron/core/evening/schedule.ts";
import type { Fault } from "../electron/core/faults.ts";
import type { RunState } from "../electron/core/state.ts";
import { type Calling, useCall } from "./use-call.ts";
import { useView } from "./use-session.ts";

const AGAIN_MS = 300_000;

export interface NightLook {
  readonly night: Preflight | null;
  readonly looking: boolean;
  readonly fault: Fault | null;
  readonly dismiss: () => void;
  readonly look: () => void;
}

export function useNight(shown: RunState | null, schedule: Schedule | null): NightLook {
  const run = shown?.id ?? null;
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [found, setFound] = useState<{ readonly run: string | null; readonly night: Preflight } | null>(null);
  const look = useCallback(() => void lookAt(call, run).then((night) => night && setFound({ run, night })), [call, run]);
  const window = schedule ? `${schedule.window.from} ${schedule.window.to}` : "";
  const plan = shown?.prepared ? `${shown.prepared.rows} ${shown.prepared.steps} ${shown.cut?.evalSteps ?? ""}` : "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another window is another night, another plan another length
  useEffect(() => {
    if (!online) return;
    look();
    const timer = setInterval(() => !document.hidden && look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [look, online, window, plan]);
  return { night: found?.run === run ? found.night : null, looking: busy, fault, dismiss, look };
}

async function lookAt(call: Calling["call"], run: string | null): Promise<Preflight | null> {
  return (await call("preflight", { run }))?.reply ?? null;
}
