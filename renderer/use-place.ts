/** What the first evening needs to know of this computer: asked for when it is looked at, again after each change, and from time to time. */
import { useCallback, useEffect, useState } from "react";
import type { Place } from "../electron/core/api.ts";
import type { Fault } from "../electron/core/faults.ts";
import { useCall } from "./use-call.ts";
import { useView } from "./use-session.ts";

/** Who is told to start Ollama does so, and comes back. */
const AGAIN_MS = 5_000;

export interface PlaceLook {
  readonly place: Place | null;
  readonly fault: Fault | null;
  readonly dismiss: () => void;
  readonly look: () => void;
}

export function usePlace(): PlaceLook {
  const { fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [place, setPlace] = useState<Place | null>(null);
  const look = useCallback(() => void call("place", {}).then((done) => done && setPlace(done.reply)), [call]);
  useEffect(() => {
    if (!online) return;
    look();
    const timer = setInterval(() => !document.hidden && look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [look, online]);
  return { place, fault, dismiss, look };
}
