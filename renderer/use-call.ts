/** One call at a time for a part of the window, with what came of it. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Command, Input, Replies } from "../electron/core/api.ts";
import type { Fault } from "../electron/core/faults.ts";
import { asFault } from "./session.ts";
import { useSession } from "./use-session.ts";

export interface Calling {
  readonly busy: boolean;
  readonly fault: Fault | null;
  /** Null when it was refused, or another call is still under way. */
  readonly call: <C extends Command>(command: C, input: Input<C>) => Promise<{ readonly reply: Replies[C] } | null>;
  readonly dismiss: () => void;
}

export function useCall(): Calling {
  const { api } = useSession();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const pending = useRef(false);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const call: Calling["call"] = useCallback(
    async (command, input) => {
      if (pending.current) return null;
      pending.current = true;
      setBusy(true);
      setFault(null);
      try {
        return { reply: await api.call(command, input) };
      } catch (error) {
        if (here.current) setFault(asFault(error));
        return null;
      } finally {
        pending.current = false;
        if (here.current) setBusy(false);
      }
    },
    [api],
  );
  return { busy, fault, call, dismiss: useCallback(() => setFault(null), []) };
}
