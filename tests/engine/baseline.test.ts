/** The model in daily use is asked the same prompts, once, between training's answers and the verdict; what keeps it from answering holds nothing up. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { fault } from "../../electron/core/faults.ts";
import { Night } from "./night.ts";

const PROMPTS = JSON.stringify([1, 2, 3].map((number) => ({ id: `p${number}`, category: "basic", text: `${number}?` })));

let night: Night;
beforeEach(() => {
  night = new Night();
});
afterEach(() => night.end());

/** Where, in its journal, each of these stands. */
function order(run: string, ...types: readonly string[]): string[] {
  return night.events(run).flatMap((event) => (types.includes(event.type) ? [event.type === "answered" ? `${event.type} ${event.stage}` : event.type] : []));
}

it("answers stand beside before and after, asked once, before the verdict", async () => {
  night.ollama.answer = "Ben eskisiyim.";
  night.start({ readText: () => PROMPTS });
  const run = await night.begin({}, { baseline: "jessy-maximum" });
  const state = await night.untilEnded(run);
  expect(state.answers.map(({ prompt, baseline, baselineStop }) => [prompt, baseline, baselineStop])).toEqual(
    ["p1", "p2", "p3"].map((prompt) => [prompt, "Ben eskisiyim.", "end"]),
  );
  expect(state.baseline).toMatchObject({ name: "jessy-maximum", asked: { answers: 3, why: null } });
  const asked = order(run, "answered", "baseline-asked", "judged");
  expect(asked.slice(asked.lastIndexOf("answered after") + 1)).toEqual([...Array(3).fill("answered baseline"), "baseline-asked", "judged"]);
  expect(state.judged?.categories).toMatchObject([{ category: "basic", baseline: { passed: 3, of: 3 } }]);
});

it("without Ollama it is unknown, and says why; the run ends as it would have", async () => {
  night.ollama.absent = "There is no Ollama here.";
  night.start({ readText: () => PROMPTS });
  const run = await night.begin({}, { baseline: "jessy-maximum" });
  const state = await night.untilEnded(run);
  expect(state.ended?.outcome).toBe("finished");
  expect(state.baseline?.asked).toMatchObject({ answers: 0, why: "There is no Ollama here." });
  expect(state.judged?.decision).toBe("go");
});

it("a model that is not in Ollama is named; one that breaks off keeps what it said", async () => {
  night.ollama.digestOf = (name?: string) => Promise.resolve(name === "gone:latest" ? null : "sha256:1");
  night.start({ readText: () => PROMPTS });
  const missing = await night.untilEnded(await night.begin({}, { name: "one", persona: "", baseline: "gone" }));
  expect(missing.baseline?.asked).toMatchObject({ answers: 0, why: "There is no gone:latest in Ollama." });
  let count = 0;
  const { answer } = night.ollama;
  const ask = night.ollama.ask.bind(night.ollama);
  night.ollama.ask = () => {
    count += 1;
    return count === 3 ? Promise.reject(fault("ollama.failed", "Ollama could not answer as a (broken).", "Try again.")) : ask();
  };
  const broken = await night.untilEnded(await night.begin({}, { name: "two", persona: "", baseline: "there:7b" }));
  expect(broken.answers.map(({ baseline }) => baseline)).toEqual([answer, answer, null]);
  expect(broken.baseline?.asked).toMatchObject({ answers: 2, why: "Ollama could not answer as a (broken)." });
});

it("a pause in the middle, or an engine that ended, goes on behind the answers that are there", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ask = night.ollama.ask.bind(night.ollama);
  let asked = 0;
  night.ollama.ask = async () => {
    asked += 1;
    if (asked === 2) await gate;
    return ask();
  };
  night.start({ readText: () => PROMPTS });
  const run = await night.begin({}, { baseline: "jessy-maximum" });
  await night.untilState(run, "the second is asked", () => asked === 2);
  await night.call("run-pause", { run });
  release();
  await night.untilState(run, "paused", (state) => state.asked.pause && night.engine?.isIdle() !== undefined);
  expect(night.count(run, "baseline-asked")).toBe(0);
  await night.call("run-resume", { run });
  const state = await night.untilEnded(run);
  expect(state.baseline?.asked).toMatchObject({ answers: 3, why: null });
  // The one that was under way may be told once it is there, or asked again: none stands twice.
  expect(state.answers.map(({ baseline }) => baseline)).toEqual(Array(3).fill(night.ollama.answer));
});
