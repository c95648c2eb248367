/** What the window shows, in one store; and the few things a person can do to it. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Api, Command, EngineInfo, Input, SettingsReply } from "../electron/core/api.ts";
import { type Fault, FaultError, toFault } from "../electron/core/faults.ts";
import { type HomeState, reduceHome } from "../electron/core/home.ts";
import { reduce } from "../electron/core/reduce.ts";
import { focusedRun } from "../electron/core/selectors.ts";
import type { RunState } from "../electron/core/state.ts";
import { follow } from "./follow.ts";
import type { Link } from "./link.ts";
import { firstView, followAddress, type ViewName } from "./route.ts";
import type { LinkState } from "./socket.ts";
import { followLanguage, keepLanguage, type Language, preferredLanguage } from "./text.ts";

export type RunCommand = "run-pause" | "run-resume" | "run-stop" | "run-checkpoint" | "run-deploy";

/** A look at the machine stands in the engine's info: so old a one still says how it is. */
const INFO_EVERY_MS = 30_000;

export interface View {
  readonly link: LinkState;
  readonly view: ViewName;
  readonly info: EngineInfo | null;
  /** Null until they were read. */
  readonly settings: SettingsReply | null;
  readonly home: HomeState | null;
  /** The run on screen; null until its snapshot is there. */
  readonly run: RunState | null;
  readonly runId: string | null;
  /** What the user picked; null follows the newest run. */
  readonly chosen: string | null;
  readonly language: Language;
  readonly theme: "light" | "dark";
  /** The command under way, and what came of the last one that was refused. */
  readonly asking: RunCommand | null;
  readonly refused: Fault | null;
}

export interface Session {
  readonly api: Api;
  readonly store: StoreApi<View>;
  readonly choose: (run: string) => void;
  readonly ask: (command: RunCommand) => void;
  readonly dismiss: () => void;
  readonly speak: (language: Language) => void;
  readonly keepSettings: (settings: SettingsReply) => void;
}

export function startSession(link: Link): Session {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const store = createStore<View>(() => ({
    link: "connecting",
    view: firstView(),
    info: null,
    settings: null,
    home: null,
    run: null,
    runId: null,
    chosen: null,
    language: preferredLanguage(),
    theme: dark.matches ? "dark" : "light",
    asking: null,
    refused: null,
  }));
  dark.addEventListener("change", () => store.setState({ theme: dark.matches ? "dark" : "light" }));
  followAddress((view) => store.setState({ view }));
  followLanguage((language) => hear(store, language));
  link.onState((state) => {
    store.setState({ link: state });
    if (state === "online") void readEngine(link.api, store);
  });
  setInterval(() => {
    if (!document.hidden && store.getState().link === "online") void readEngine(link.api, store);
  }, INFO_EVERY_MS);
  const focus = focusing(link, store);
  follow({
    api: link.api,
    topic: "home",
    fold: reduceHome,
    onState: (home) => {
      store.setState({ home });
      focus();
    },
  });
  return {
    api: link.api,
    store,
    choose: (run) => {
      store.setState({ chosen: run, refused: null });
      focus();
    },
    ask: (command) => void ask(link, store, command),
    dismiss: () => store.setState({ refused: null }),
    speak: (language) => {
      hear(store, language);
      // Menus, notices and other windows speak it too; where it cannot be kept now, this window does at least.
      link.api.call("settings-set", { change: { language } }).then((read) => keep(store, read), ignore);
    },
    keepSettings: (read) => keep(store, read),
  };
}

/** What no topic carries: the engine's own state, and settings that may have been edited by hand. What cannot be read stays as it was. */
async function readEngine(api: Api, store: StoreApi<View>): Promise<void> {
  const [info, settings] = await Promise.allSettled([api.call("engine-info", {}), api.call("settings", {})]);
  if (info.status === "fulfilled") store.setState({ info: info.value });
  if (settings.status === "fulfilled") keep(store, settings.value);
}

const ignore = () => {};

/** What settings.json says of the language is the word for everything that speaks; where it says nothing, the browser's stays. */
function keep(store: StoreApi<View>, settings: SettingsReply): void {
  store.setState({ settings });
  if (settings.language !== null) hear(store, settings.language);
}

function hear(store: StoreApi<View>, language: Language): void {
  if (language === store.getState().language) return;
  keepLanguage(language);
  store.setState({ language });
}

/** Follows exactly one run: the chosen one, else the newest. */
function focusing(link: Link, store: StoreApi<View>): () => void {
  let stop: () => void = () => {};
  return () => {
    const { home, chosen, runId } = store.getState();
    const wanted = chosen ?? (home ? focusedRun(home)?.id : null) ?? null;
    if (wanted === runId) return;
    stop();
    store.setState({ runId: wanted, run: null, refused: null });
    if (wanted !== null) stop = follow({ api: link.api, topic: `run:${wanted}`, fold: reduce, onState: (run) => store.setState({ run }) });
  };
}

async function ask(link: Link, store: StoreApi<View>, command: RunCommand): Promise<void> {
  const { runId, asking } = store.getState();
  if (runId === null || asking !== null) return;
  store.setState({ asking: command, refused: null });
  try {
    await link.api.call<Command>(command, { run: runId } as Input<Command>);
  } catch (error) {
    store.setState({ refused: asFault(error) });
  } finally {
    store.setState({ asking: null });
  }
}

/** A fault that crossed a process border has lost its class. */
export function asFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  const looksLikeOne = typeof error === "object" && error !== null && "kind" in error && "message" in error && "next" in error;
  return looksLikeOne ? { kind: String(error.kind), message: String(error.message), next: String(error.next) } : toFault(error);
}
