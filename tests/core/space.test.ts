/** Fault row 10: how much room a run that filled the disk waits for. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { goesOnByItself, needsYou, offersOf, statusOf } from "../../electron/core/selectors.ts";
import { isSpaceFault, neededBytes } from "../../electron/core/space.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const GB = 1e9;
const fold = (...bodies: readonly EventBody[]): RunState => bodies.reduce((state, body) => reduce(state, entry(body)), EMPTY_RUN);
const sealed = (step: number, bytes: number) => sample("checkpoint-sealed", { step, bytes });
const full = (neededBytes: number, freeBytes: number) => sample("space-needed", { neededBytes, freeBytes });
const returned = (freeBytes: number) => sample("space-returned", { freeBytes });
const EARLIER = (["fetch", "prepare", "before"] as const).map((phase) => sample("phase-finished", { phase }));
const START = [sample("run-created"), ...EARLIER, sample("phase-started"), sample("failed")];

describe("row 10: needed", () => {
  it.each<[string, readonly EventBody[], number]>([
    ["without a checkpoint", [], GB],
    ["small checkpoints", [sealed(2, 5e6)], GB],
    ["three of the newest", [sealed(2, 1e6), sealed(4, 6e8)], 1.8 * GB],
    ["while it waits, what was said", [full(1.5 * GB, 3), sealed(4, 6e9)], 1.5 * GB],
    ["full again at 2 GB: more than that", [full(GB, 3), returned(2 * GB), sample("failed")], 3 * GB],
    ["full again after a checkpoint: it had been enough", [full(GB, 3), returned(2 * GB), sealed(6, 1e6), sample("failed")], GB],
    ["the next phase begins anew", [full(GB, 3), returned(2 * GB), sample("phase-finished")], GB],
  ])("%s", (_name, events, expected) => {
    expect(neededBytes(fold(...START, ...events))).toBe(expected);
  });
});

it("row 10: says how much to free, and that it goes on by itself; when there is room it does", () => {
  const waiting = fold(...START, full(1.8 * GB, 0.52 * GB));
  expect([statusOf(waiting), goesOnByItself(waiting)]).toEqual(["needs-you", true]);
  expect(needsYou(waiting)).toMatchObject({ kind: "disk.needed", message: "The disk is full: free 1.3 GB.", next: expect.stringContaining("by itself") });
  expect(offersOf(waiting)).toEqual(["resume", "stop"]);
  const on = fold(...START, full(1.8 * GB, 0.52 * GB), returned(2 * GB));
  expect([statusOf(on), needsYou(on), on.pendingFault]).toEqual(["training", null, null]);
});

it("where the verb looked first, its own words say how much", () => {
  const fault = { kind: "disk.space", message: "The model needs 5.2 GB.", next: "Free at least 4.2 GB." };
  const waiting = fold(...START.slice(0, -1), sample("failed", { fault }), full(GB, 0));
  expect([statusOf(waiting), needsYou(waiting)]).toEqual(["needs-you", fault]);
});

it("never says to free nothing", () => {
  expect(needsYou(fold(...START, full(GB, GB - 1)))?.message).toContain("free 0.1 GB");
});

it("knows both words for it", () => {
  expect(["disk.full", "disk.space", "disk.read-only", "data.empty"].map(isSpaceFault)).toEqual([true, true, false, false]);
});
