/** `thortime test`: the prompts on demand, of the model a run was deployed as or of any other, each answer with what is wrong with it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { Night } from "./night.ts";

const PROMPTS = JSON.stringify([
  { id: "who", category: "basic", text: "sen kimsin?", expect: { any: ["Jessy"] } },
  { id: "sum", category: "code", text: "1 + 1?", expect: { any: ["2"] } },
]);

let night: Night;
beforeEach(() => {
  night = new Night();
  night.start({ readText: () => PROMPTS });
});
afterEach(() => night.end());

it("asks a run's deployed model the run's own prompts", async () => {
  const run = await night.begin();
  await expect(night.call("test-prompts", { run })).rejects.toMatchObject({ fault: { kind: "run.not-deployed" } });
  await night.untilEnded(run);
  const { model, prompts } = await night.call("test-prompts", { run });
  expect([model, prompts]).toEqual([
    "night",
    [
      { id: "who", category: "basic", text: "sen kimsin?" },
      { id: "sum", category: "code", text: "1 + 1?" },
    ],
  ]);
  const ask = (prompt: string) => night.call("test-ask", { model: "night", run, prompt });
  expect(await ask("who")).toEqual({ answer: "Ben Jessy.", ended: true, seconds: 0.1, failed: [] });
  expect(await ask("sum")).toMatchObject({ failed: [{ check: "expected", evidence: "2" }] });
  await expect(ask("gone")).rejects.toMatchObject({ fault: { kind: "usage.prompt" } });
});

it("asks any model those that ship", async () => {
  const { model, prompts } = await night.call("test-prompts", {});
  expect([model, prompts.map(({ id }) => id)]).toEqual([null, ["who", "sum"]]);
  expect(await night.call("test-ask", { model: "jessy-maximum", prompt: "who" })).toMatchObject({ answer: "Ben Jessy.", failed: [] });
});
