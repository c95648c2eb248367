import { type RunStatus, verdictOf } from "../../electron/core/selectors.ts";
import type { RunState } from "../../electron/core/state.ts";
import { useWords } from "../use-session.ts";

export type Tone = "calm" | "work" | "rest" | "good" | "bad";

const SHAPES: Readonly<Record<RunStatus, string>> = {
  waiting: "○",
  preparing: "◔",
  training: "◐",
  resting: "◌",
  finishing: "◕",
  pausing: "‖",
  paused: "‖",
  stopping: "■",
  "needs-you": "!",
  finished: "✓",
  stopped: "■",
};
const TONES: Readonly<Record<RunStatus, Tone>> = {
  waiting: "calm",
  preparing: "work",
  training: "work",
  resting: "rest",
  finishing: "work",
  pausing: "calm",
  paused: "calm",
  stopping: "calm",
  "needs-you": "bad",
  finished: "good",
  stopped: "calm",
};

/** A finished run is only green where the held-out rows say so. */
export function toneOf(run: RunState, status: RunStatus): Tone {
  if (status !== "finished") return TONES[status];
  const verdict = verdictOf(run);
  return verdict === "worse" ? "bad" : verdict === "better" ? "good" : "calm";
}

/** State by shape, word and colour; the word is spoken when it changes. */
export function Pill({ run, status, nowMs }: { readonly run: RunState; readonly status: RunStatus; readonly nowMs: number }) {
  const { say, format } = useWords();
  return (
    <span className={`pill tone-${toneOf(run, status)}`} role="status">
      <span aria-hidden="true">{SHAPES[status]}</span> {say(`status.${status}`)}
      {run.ended && <span className="when"> {format.when(run.ended.at, nowMs)}</span>}
    </span>
  );
}
