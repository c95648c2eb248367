/** Rows 1 and 28: what the soak takes for lost steps, and that it would see a journal that went wrong. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { entry, sample } from "../core/samples.ts";
import { readSteps } from "../soak/steps.ts";

const kept = sample("kept", { verb: "train" });
const steps = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => sample("step", { step: from + index }));
const sealed = (step: number) => sample("checkpoint-sealed", { step });
const refused = (step: number) => sample("checkpoint-refused", { step });
const resumed = (fromStep: number) => sample("resumed", { fromStep });
const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const readAll = (...bodies: readonly EventBody[]) => readSteps(bodies.map((body, index) => entry(body, { at: index * 1000 })));

describe("lost steps", () => {
  it("are those after the newest checkpoint", () => {
    expect(readAll(kept, ...steps(1, 7), sealed(4), kept, resumed(4), ...steps(5, 8))).toMatchObject({ lost: [3], wentBack: [], standing: range(8) });
  });

  it("are counted for each fault: those of the kill, and those of each checkpoint that was refused", () => {
    const { lost, wentBack } = readAll(kept, ...steps(1, 14), sealed(4), sealed(8), sealed(12), kept, refused(12), refused(8), resumed(4));
    expect([lost, wentBack]).toEqual([[2, 4, 4], []]);
  });

  it("are none where the checkpoint's line was lost with its writer", () => {
    expect(readAll(kept, ...steps(1, 8), sealed(4), kept, resumed(8), ...steps(9, 9))).toMatchObject({ lost: [0], standing: range(9) });
  });
});

describe("what must not be is seen", () => {
  it("a start behind a checkpoint that nobody refused", () => {
    expect(readAll(kept, ...steps(1, 9), sealed(4), sealed(8), kept, resumed(4)).wentBack).toEqual(["resumed from 4, though 8 was sealed"]);
  });

  it("a checkpoint that was pruned is not missed", () => {
    const pruned = sample("checkpoint-pruned", { step: 8 });
    expect(readAll(kept, ...steps(1, 9), sealed(4), sealed(8), pruned, kept, resumed(4)).wentBack).toEqual([]);
  });

  it("a step twice, or one too few", () => {
    expect(readAll(kept, ...steps(1, 3), ...steps(3, 4)).standing).toEqual([1, 2, 3, 3, 4]);
    expect(readAll(kept, ...steps(1, 2), ...steps(4, 5)).standing).toEqual([1, 2, 4, 5]);
  });
});

it("the time to the first step is told apart: a fresh start's, and a resumed one's", () => {
  const { startSeconds } = readAll(kept, ...steps(1, 2), sealed(2), kept, resumed(2), ...steps(3, 4));
  expect(startSeconds).toEqual([
    { resumed: false, seconds: 1 },
    { resumed: true, seconds: 2 },
  ]);
});
