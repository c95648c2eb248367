/** What a person has chosen so far in the first-run guide and for the data doctor; kept for this window's session, so that a reload loses nothing. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

export const STEPS = ["hello", "tools", "data", "model", "night", "start"] as const;
export type Step = (typeof STEPS)[number];

export interface FirstRun {
  readonly step: Step;
  readonly data: string;
  readonly heldOut: string;
  readonly near: boolean;
  readonly languages: boolean;
  readonly model: string;
  /** Jobs of the engine. */
  readonly inspectJob: string | null;
  readonly fixJob: string | null;
  readonly modelJob: string | null;
  readonly pythonJob: string | null;
}

const KEY = "thortime.first-run";
const EMPTY: FirstRun = {
  step: "hello",
  data: "",
  heldOut: "",
  near: false,
  languages: false,
  model: "",
  inspectJob: null,
  fixJob: null,
  modelJob: null,
  pythonJob: null,
};

const store = createStore<FirstRun>(() => ({ ...EMPTY, ...kept() }));
store.subscribe((state) => sessionStorage.setItem(KEY, JSON.stringify(state)));

function kept(): Partial<FirstRun> {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<FirstRun>;
    return STEPS.some((step) => step === value.step) ? value : {};
  } catch {
    return {};
  }
}

export function useFirstRun(): FirstRun {
  return useStore(store);
}

export function setFirstRun(change: Partial<FirstRun>): void {
  store.setState(change);
}
