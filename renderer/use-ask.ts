/** A question to one of the two models, its answer read as it grows. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Fault } from "../electron/core/faults.ts";
import { asFault } from "./session.ts";
import { useSession } from "./use-session.ts";

export type Which = "old" | "new";

export interface Reply {
  readonly model: string | null;
  readonly text: string;
  readonly done: boolean;
  readonly seconds: number | null;
  readonly fault: Fault | null;
}

export interface Asking {
  /** Null before the first question. */
  readonly reply: Reply | null;
  readonly ask: (question: string) => void;
}

const BEGUN: Reply = { model: null, text: "", done: false, seconds: null, fault: null };

export function useAsk(run: string, of: Which): Asking {
  const { api } = useSession();
  const [reply, setReply] = useState<Reply | null>(null);
  /** The newest question; an older one's answer is read no further. */
  const turn = useRef(0);
  useEffect(
    () => () => {
      turn.current = -1;
    },
    [],
  );
  const ask = useCallback(
    (question: string) => {
      turn.current += 1;
      const mine = turn.current;
      const show = (change: Partial<Reply>) => {
        if (turn.current === mine) setReply((before) => ({ ...(before ?? BEGUN), ...change }));
      };
      setReply(BEGUN);
      void follow();

      async function follow(): Promise<void> {
        try {
          const { ask: id, model } = await api.call("ask", { run, question, of });
          show({ model });
          let text = "";
          while (turn.current === mine) {
            const { text: more, done, seconds, fault } = await api.call("ask-read", { ask: id, from: text.length });
            text += more;
            show({ text, done, seconds, fault });
            if (done) return;
          }
          await api.call("ask-end", { ask: id });
        } catch (error) {
          show({ done: true, fault: asFault(error) });
        }
      }
    },
    [api, run, of],
  );
  return { reply, ask };
}
