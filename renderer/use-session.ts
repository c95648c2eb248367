/** What views ask for: a part of the store, the sentences and figures of the language, the time. */
import { createContext, use, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { type Format, formatIn } from "../electron/core/words/format.ts";
import type { Session, View } from "./session.ts";
import { type Language, type Say, sayIn, sentenceFor } from "./text.ts";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("a view stands outside its session");
  return session;
}

export function useView<T>(select: (view: View) => T): T {
  return useStore(useSession().store, select);
}

export interface Words {
  readonly language: Language;
  readonly say: Say;
  readonly sentence: (english: string) => string | null;
  readonly format: Format;
}

export function useWords(): Words {
  const language = useView((view) => view.language);
  return useMemo(() => ({ language, say: sayIn(language), sentence: sentenceFor(language), format: formatIn(language) }), [language]);
}

/** The present time, anew every `everyMs`: for "6 min ago" and for a finish time that has passed. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
