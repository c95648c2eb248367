/**
 * Steps against the time of day, and when nothing was worked: from the moments a journal dates (start, checkpoints, stops, the newest step). Between
 * two of them steps are taken as evenly spread, so it is for pointing and shading, never for a figure.
 */
import type { HappeningEvent, RunState } from "../electron/core/state.ts";

interface Anchor {
  readonly step: number;
  readonly at: number;
}

/** In unix ms. A rest keeps everything in memory; a pause, asked for or not, has no trainer. */
export interface Band {
  readonly kind: "rest" | "pause";
  readonly from: number;
  readonly to: number;
}

export interface Timeline {
  readonly stepAt: (atMs: number) => number;
  readonly timeOf: (step: number) => number;
  readonly bands: readonly Band[];
}

export function timelineOf(run: Pick<RunState, "happenings" | "phases" | "step" | "checkpoints" | "lastAt" | "ended">): Timeline {
  const anchors = anchorsOf(run);
  return {
    stepAt: (atMs) => between(anchors, atMs, "at", "step"),
    timeOf: (step) => between(anchors, step, "step", "at"),
    bands: bandsOf(run),
  };
}

function anchorsOf({ happenings, phases, step, checkpoints }: Parameters<typeof timelineOf>[0]): readonly Anchor[] {
  const dated: Anchor[] = checkpoints.map((one) => ({ step: one.step, at: one.at }));
  for (const { at, event } of happenings) {
    const reached = stepOf(event);
    if (reached !== null) dated.push({ step: reached, at });
  }
  if (step) dated.push({ step: step.step, at: step.at });
  dated.sort((a, b) => a.at - b.at);
  const anchors: Anchor[] = phases.train.startedAt === null ? [] : [{ step: 0, at: phases.train.startedAt }];
  for (const one of dated) {
    // After a crash steps are done again: what was beyond them is no longer where it stood.
    while ((anchors.at(-1)?.step ?? 0) > one.step) anchors.pop();
    if ((anchors.at(-1)?.at ?? Number.NEGATIVE_INFINITY) <= one.at) anchors.push(one);
  }
  return anchors;
}

function stepOf(event: HappeningEvent): number | null {
  if (event.type === "checkpoint-sealed" || event.type === "stopped") return event.step;
  return event.type === "resumed" ? event.fromStep : null;
}

/** Linear between neighbours, the end's own value beyond. */
function between(anchors: readonly Anchor[], value: number, by: keyof Anchor, wanted: keyof Anchor): number {
  const after = anchors.findIndex((one) => one[by] >= value);
  const [left, right] = [anchors[after < 0 ? anchors.length - 1 : Math.max(0, after - 1)], anchors[after < 0 ? anchors.length - 1 : after]];
  if (!left || !right) return 0;
  const width = right[by] - left[by];
  const share = width > 0 ? Math.min(1, Math.max(0, (value - left[by]) / width)) : 1;
  return left[wanted] + share * (right[wanted] - left[wanted]);
}

function bandsOf({ happenings, lastAt, ended }: Parameters<typeof timelineOf>[0]): readonly Band[] {
  const bands: Band[] = [];
  let open: { readonly kind: Band["kind"]; readonly from: number } | null = null;
  const close = (to: number) => {
    if (open && to > open.from) bands.push({ ...open, to });
    open = null;
  };
  for (const { at, event } of happenings) {
    const begins = bandBegun(event);
    if (begins) {
      close(at);
      open = { kind: begins, from: at };
    } else if (endsBand(event)) close(at);
  }
  close(ended ? ended.at : lastAt);
  return bands;
}

function bandBegun(event: HappeningEvent): Band["kind"] | null {
  if (event.type === "obeyed") return event.desired === "rest" ? "rest" : null;
  if (event.type === "stopped") return "pause";
  return event.type === "exited" && event.verb === "train" && event.code !== 0 ? "pause" : null;
}

function endsBand(event: HappeningEvent): boolean {
  return event.type === "obeyed" || event.type === "resumed" || event.type === "run-ended" || event.type === "phase-finished" || event.type === "phase-failed";
}
