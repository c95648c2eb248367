/** The candidate's own tests as lines of the verdict: what holds a deployment back, and what is only told. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN } from "../../electron/core/state.ts";
import { deployLines, holdsBack } from "../../electron/core/verdict/deploy-lines.ts";
import { entry, sample } from "./samples.ts";

const folded = (...bodies: readonly EventBody[]) =>
  reduceAll(
    EMPTY_RUN,
    bodies.map((body) => entry(body)),
  );
const linesOf = (...bodies: readonly EventBody[]) => Object.fromEntries(deployLines(folded(...bodies)).map((line) => [line.criterion, line]));

describe("parity", () => {
  it("is four figures: the prompt, the tokens, the loss", () => {
    const lines = linesOf(sample("parity-tested"));
    expect(Object.keys(lines)).toEqual(["template-parity", "token-agreement", "loss-parity"]);
    expect(lines["template-parity"]).toMatchObject({ value: 1, passed: true, count: 4 });
    expect(lines["token-agreement"]).toMatchObject({ value: 0.995, limit: 0.99, passed: true, count: 200 });
    expect(lines["loss-parity"]?.value).toBeCloseTo(0.001);
  });

  it("holds back below its limit and where it is unknown, but not where nothing is asked", () => {
    const held = (change: object) => holdsBack(folded(sample("parity-tested", change)));
    expect(held({ agreement: 0.98 })).toBe(true);
    expect(held({ agreement: null, why: "no answers" })).toBe(true);
    expect(held({ agreement: 0.2, limit: null })).toBe(false);
    expect(held({ template: { same: false, by: "text", checked: 1 }, limit: null })).toBe(true);
    expect(held({})).toBe(false);
  });

  it("names the places where the two part", () => {
    expect(linesOf(sample("parity-tested"))["token-agreement"]?.evidence).toEqual([{ prompt: "who", check: "other-text", text: '" Thor" → " the"' }]);
  });
});

it("time and persona have their own limits", () => {
  const slow = linesOf(sample("latency-tested", { seconds: 3 }), sample("persona-tested"));
  expect(slow["latency"]).toMatchObject({ value: 3, limit: 3, passed: false });
  expect(slow["persona-repeats"]).toMatchObject({ value: 2 / 3, passed: false, count: 3 });
  expect(holdsBack(folded(sample("latency-tested"), sample("persona-tested", { passed: 3 })))).toBe(false);
});

it("another candidate is tested anew; a person who asks for the deployment all the same is heard until it is trained again", () => {
  const tested = [sample("parity-tested", { agreement: 0.5 }), sample("latency-tested")];
  expect(deployLines(folded(...tested, sample("candidate-created")))).toEqual([]);
  const asked = folded(...tested, sample("asked", { command: "deploy" }));
  expect(asked.testsOverruled).toBe(true);
  expect(folded(sample("parity-tested"), sample("asked", { command: "deploy" })).testsOverruled).toBe(false);
  expect(reduceAll(asked, [entry(sample("train-started"))]).testsOverruled).toBe(false);
});
