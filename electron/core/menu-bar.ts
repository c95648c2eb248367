/** What the menu bar shows: icon, a few characters, the menu. From the run, the look at the machine and the forecast; nothing else. */
import { type Interval, runEnd } from "./eta.ts";
import { type Catalogue, fill } from "./notices/words.ts";
import { needsYou, type Offer, offersOf, phaseProgress, progressOf, type RunStatus, statusOf } from "./selectors.ts";
import type { Settings } from "./settings.ts";
import type { RunState } from "./state.ts";
import { sentenceIn } from "./words/sentences.ts";

export type BarIcon = "idle" | "preparing" | "training" | "resting" | "needs-you" | "done";
export const BAR_ICONS: readonly BarIcon[] = ["idle", "preparing", "training", "resting", "needs-you", "done"];

export type BarAction = Offer | "open" | "login" | "quit";

export interface BarItem {
  /** Null: a line to read. */
  readonly action: BarAction | null;
  readonly label: string;
  readonly enabled: boolean;
  /** Null: nothing to tick. */
  readonly checked: boolean | null;
}

export interface Bar {
  readonly icon: BarIcon;
  /** `62% 81° 05:32`; what is not known is left out, and the menu says so. */
  readonly title: string;
  readonly tooltip: string;
  /** Groups, a line between each two. */
  readonly menu: readonly (readonly BarItem[])[];
}

export interface BarView {
  /** The run a person would look at first. */
  readonly run: RunState | null;
  /** Why there is no engine to ask; null while there is one. */
  readonly offline: string | null;
  readonly openAtLogin: boolean;
  readonly nowMs: number;
}

export interface BarWords {
  readonly language: Settings["language"];
  readonly words: Catalogue;
  /** Time of day, as people of the language write it. */
  clock(atMs: number): string;
}

const ICONS: Readonly<Record<RunStatus, BarIcon>> = {
  waiting: "preparing",
  preparing: "preparing",
  training: "training",
  resting: "resting",
  finishing: "training",
  pausing: "resting",
  paused: "resting",
  stopping: "resting",
  "needs-you": "needs-you",
  finished: "done",
  stopped: "idle",
};

/** What a person may do to a run, in the menu's order: it never moves, so that a hand finds it. */
const OFFERS: readonly Offer[] = ["pause", "resume", "checkpoint", "stop", "deploy"];
/** A menu is no place for a long name. */
const NAME_CHARACTERS = 40;

export function menuBar(view: BarView, words: BarWords): Bar {
  const { run } = view;
  const status = run && statusOf(run);
  const lines = linesOf(view, words);
  return {
    icon: status ? ICONS[status] : "idle",
    title: titleOf(view, words),
    tooltip: `Thortime: ${lines.join(" · ")}`,
    menu: [lines.map(line), OFFERS.map((offer) => offerItem(offer, view, words)), openItems(view, words), [item("quit", say(words, "bar.quit"))]],
  };
}

/** The newest look is journalled every half minute while a run works; an older one is not about now. */
const FRESH_MS = 120_000;

/** °C; null where nothing tells how warm it is at this time. */
export function celsiusNow({ conditions }: RunState, nowMs: number): number | null {
  return conditions && nowMs - conditions.at < FRESH_MS ? conditions.temperature : null;
}

function titleOf({ run, nowMs }: BarView, words: BarWords): string {
  const status = run && statusOf(run);
  if (!run || !status || status === "finished" || status === "stopped" || status === "waiting") return "";
  const works = status === "training" || status === "resting";
  const celsius = celsiusNow(run, nowMs);
  const share = status === "preparing" || status === "finishing" ? null : progressOf(run);
  const end = works ? runEnd(run, nowMs) : null;
  return [
    share === null ? null : percent(words, share),
    celsius === null || !(works || status === "preparing" || status === "finishing") ? null : `${Math.round(celsius)}°`,
    end === null ? null : words.clock(middle(end)),
  ]
    .filter((part) => part !== null)
    .join(" ");
}

/** The same in whole sentences, with what is missing named. */
function linesOf(view: BarView, words: BarWords): readonly string[] {
  const { run, offline, nowMs } = view;
  const celsius = run && celsiusNow(run, nowMs);
  const warm = celsius === null ? say(words, "bar.no-temperature") : say(words, "bar.temperature", { celsius: String(Math.round(celsius)) });
  if (offline !== null) return [say(words, "bar.offline")];
  if (!run) return [say(words, "bar.idle")];
  const status = statusOf(run);
  const head = `${shorten(run.name)}: ${say(words, `status.${status}`)}`;
  const fault = needsYou(run);
  if (fault) return [head, sentenceIn(words.words, fault.message) ?? fault.message];
  if (status === "training" || status === "resting") {
    const end = runEnd(run, nowMs);
    const done = end ? say(words, "bar.done", { from: words.clock(end.fromMs), to: words.clock(end.toMs) }) : say(words, "bar.no-end");
    return [head, ...stepLine(run, words), done, warm];
  }
  if (status === "preparing" || status === "finishing") return [head, ...phaseLine(run, words), warm];
  return [head, ...stepLine(run, words)];
}

function stepLine(run: RunState, words: BarWords): readonly string[] {
  if (!run.step || run.totalSteps === 0) return [];
  const number = new Intl.NumberFormat(words.language);
  return [say(words, "bar.step", { step: number.format(run.step.step), total: number.format(run.totalSteps), percent: percent(words, progressOf(run) ?? 0) })];
}

function phaseLine(run: RunState, words: BarWords): readonly string[] {
  const { progress } = run;
  if (!progress) return [];
  const share = phaseProgress(run, progress.phase);
  return [`${say(words, `phase.name.${progress.phase}`)}${share === null ? "" : ` ${percent(words, share)}`}`];
}

function offerItem(offer: Offer, { run, offline }: BarView, words: BarWords): BarItem {
  const enabled = run !== null && offline === null && offersOf(run).includes(offer);
  return { action: offer, label: say(words, offer === "resume" && enabled ? resumeKey(run) : `do.${offer}`), enabled, checked: null };
}

/** As the window's button says it. */
function resumeKey(run: RunState): string {
  if (needsYou(run)) return "do.retry";
  return statusOf(run) === "stopped" ? "do.continue" : "do.resume";
}

function openItems({ openAtLogin }: BarView, words: BarWords): readonly BarItem[] {
  return [item("open", say(words, "bar.open")), { ...item("login", say(words, "bar.login")), checked: openAtLogin }];
}

function line(label: string): BarItem {
  return { action: null, label, enabled: false, checked: null };
}

function item(action: BarAction, label: string): BarItem {
  return { action, label, enabled: true, checked: null };
}

function say({ words }: BarWords, key: string, values: Readonly<Record<string, string>> = {}): string {
  return fill(words[key] ?? key, values);
}

/** Rounded down, so that 100 % means done. */
function percent({ language }: BarWords, share: number): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(Math.floor(share * 100) / 100);
}

function middle({ fromMs, toMs }: Interval): number {
  return (fromMs + toMs) / 2;
}

/** One line, and nothing in it that turns the text around it: a run's name comes from outside. */
function shorten(name: string): string {
  const plain = [...name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim()];
  return plain.length > NAME_CHARACTERS ? `${plain.slice(0, NAME_CHARACTERS - 1).join("")}…` : plain.join("");
}

/** A run that works or will work by itself: quitting has to ask about it. */
export function isLiving(run: RunState): boolean {
  const status = statusOf(run);
  return (
    status !== "finished" && status !== "stopped" && status !== "paused" && (status !== "needs-you" || run.process !== null || run.space?.waiting === true)
  );
}
