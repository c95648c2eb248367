/** Blind comparison: no name can be guessed from the order, picks survive, and the interval is Wilson's. */
import { describe, expect, it } from "vitest";
import { blindPairs, blindResult, nextPair, pickOf, wilson } from "../../electron/core/blind.ts";
import type { EventBody } from "../../electron/core/events.ts";
import { reduceAll } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { entry, sample } from "./samples.ts";

const answered = (stage: "before" | "after", prompt: string, answer: string) => sample("answered", { stage, prompt, text: `${prompt}?`, answer });
const picked = (prompt: string, pick: "new" | "old" | "same" | "neither") => sample("blind-picked", { prompt, against: "before", pick });

function folded(...more: readonly EventBody[]): RunState {
  const asked = Array.from({ length: 40 }, (_, index) => `p${index}`).flatMap((id) => [
    answered("before", id, `old ${id}`),
    answered("after", id, `new ${id}`),
  ]);
  return reduceAll(
    EMPTY_RUN,
    [sample("run-created"), ...asked, ...more].map((body) => entry(body)),
  );
}

describe("pairs", () => {
  const pairs = blindPairs(folded(), "before");

  it("hold each question once, both answers, and say which is the new one", () => {
    expect(new Set(pairs.map(({ prompt }) => prompt)).size).toBe(40);
    for (const { prompt, first, second, newIs } of pairs)
      expect(newIs === "first" ? [first, second] : [second, first]).toEqual([`new ${prompt}`, `old ${prompt}`]);
  });

  it("stand in an order and on sides that the run's id decides, and nothing else", () => {
    expect(blindPairs(folded(), "before")).toEqual(pairs);
    const other = blindPairs({ ...folded(), id: "b-20261123-220000-0002" }, "before");
    expect(other.map(({ prompt }) => prompt)).not.toEqual(pairs.map(({ prompt }) => prompt));
    expect(pairs.map(({ prompt }) => prompt)).not.toEqual(folded().answers.map(({ prompt }) => prompt));
  });

  it("put the new answer first about as often as second", () => {
    const first = pairs.filter(({ newIs }) => newIs === "first").length;
    expect(first).toBeGreaterThan(10);
    expect(first).toBeLessThan(30);
  });

  it("leave out what is word for word the same, and what has no other answer", () => {
    const state = reduceAll(
      EMPTY_RUN,
      [answered("before", "a", "yes "), answered("after", "a", "yes"), answered("after", "b", "no")].map((body) => entry(body)),
    );
    expect(blindPairs(state, "before")).toEqual([]);
  });
});

describe("picks", () => {
  it("mean the model, whatever side it stood on", () => {
    for (const pair of blindPairs(folded(), "before")) {
      expect(pickOf(pair, pair.newIs)).toBe("new");
      expect(pickOf(pair, pair.newIs === "first" ? "second" : "first")).toBe("old");
      expect([pickOf(pair, "same"), pickOf(pair, "neither")]).toEqual(["same", "neither"]);
    }
  });

  it("go on where they were left, and said again replace themselves", () => {
    const state = folded(picked("p3", "old"), picked("p3", "new"));
    expect(state.picks).toEqual([{ prompt: "p3", against: "before", pick: "new" }]);
    const pairs = blindPairs(state, "before");
    expect(nextPair(pairs, state.picks, "before")?.prompt).toBe(pairs.find(({ prompt }) => prompt !== "p3")?.prompt);
    expect(
      nextPair(
        pairs,
        pairs.map(({ prompt }) => ({ prompt, against: "before" as const, pick: "same" as const })),
        "before",
      ),
    ).toBeNull();
  });

  it("are about two texts: another answer takes them away, the same one again does not", () => {
    const picks = [picked("p1", "new"), picked("p2", "new")];
    expect(folded(...picks, answered("after", "p1", "new p1")).picks).toHaveLength(2);
    expect(folded(...picks, answered("after", "p1", "other")).picks).toEqual([{ prompt: "p2", against: "before", pick: "new" }]);
  });
});

describe("the result", () => {
  it("counts, and says how sure so few picks can be", () => {
    const state = folded(
      ...Array.from({ length: 18 }, (_, index) => picked(`p${index}`, index < 14 ? "new" : "old")),
      picked("p20", "same"),
      picked("p21", "neither"),
    );
    const result = blindResult(state, "before");
    expect(result).toMatchObject({ preferredNew: 14, preferredOld: 4, same: 1, neither: 1, left: 20 });
    expect([result.low, result.high].map((one) => one?.toFixed(3))).toEqual(["0.548", "0.910"]);
  });

  it("is nothing before somebody preferred one", () => {
    expect(blindResult(folded(picked("p0", "same")), "before")).toMatchObject({ share: null, low: null, high: null, same: 1 });
  });

  // Newcombe 1998, table I: 81 of 263 and 0 of 20, without continuity correction.
  it.each([
    [81, 263, "0.2553", "0.3662"],
    [15, 148, "0.0624", "0.1605"],
    [0, 20, "0.0000", "0.1611"],
    [1, 29, "0.0061", "0.1718"],
  ])("has Wilson's interval: %i of %i", (hits, of, low, high) => {
    expect(wilson(hits, of).map((one) => one.toFixed(4))).toEqual([low, high]);
  });
});
