/** Parity: where two models part is found with few requests, and nothing is counted that was not compared. */
import { describe, expect, it } from "vitest";
import { expectedPrompt, firstDifference, type Scored, templateDifference, walk } from "../../electron/core/parity.ts";
import { GEMMA2, ollamaTemplate, promptText } from "../../electron/core/plan.ts";
import type { Continuation, Continue } from "../../electron/core/ports.ts";

const hex = (text: string) => Buffer.from(text).toString("hex");
const PROMPT = "<start_of_turn>user\nWho?<end_of_turn>\n<start_of_turn>model\n";
const PROMPT_TOKENS = 9;

function scored(tokens: readonly string[], change: Partial<Scored> = {}): Scored {
  const pieces = [...tokens.map(hex), hex("<end_of_turn>")];
  return { prompt: "who", step: 5, promptTokens: PROMPT_TOKENS, pieces, best: pieces, logprobs: pieces.map(() => -0.1), ended: true, ...change };
}

/** A model in Ollama that says at each place what `says` holds; null is its end. `asked`: the requests it got. */
function model(tokens: readonly string[], says: (place: number) => string | null, asked: Continue[] = []) {
  return (what: Continue): Promise<Continuation> => {
    asked.push(what);
    const behind = what.prompt.slice(PROMPT.length);
    let place = 0;
    while (tokens.slice(0, place).join("") !== behind) place += 1;
    const from = place;
    const made: { bytes: string; logprob: number; top: { bytes: string; logprob: number }[] }[] = [];
    for (; made.length < what.tokens; place += 1) {
      const word = says(place);
      if (word === null) return Promise.resolve({ tokens: made, ended: true, promptTokens: PROMPT_TOKENS + from });
      const top = [{ bytes: hex(word), logprob: -0.2 }, { bytes: hex(tokens[place] ?? "?"), logprob: -2 }]; // biome-ignore format: pairs
      made.push({ bytes: hex(word), logprob: -0.2, top: what.top > 0 ? top : [] });
      // It goes its own way from there.
      if (word !== tokens[place] && what.top === 0) return Promise.resolve({ tokens: made, ended: false, promptTokens: PROMPT_TOKENS + from });
    }
    return Promise.resolve({ tokens: made, ended: false, promptTokens: PROMPT_TOKENS + from });
  };
}

const THOR = ["I", " am", " Thor", ",", " of", " the", " menu", " bar", "."];

describe("an answer followed token by token", () => {
  it("the same throughout takes one request, its end included", async () => {
    const asked: Continue[] = [];
    const walked = await walk(
      scored(THOR),
      PROMPT,
      model(THOR, (place) => THOR[place] ?? null, asked),
    );
    expect(walked).toMatchObject({ tokens: 10, agreed: 10, greedy: 10, lossTokens: 9, otherTokens: false, difference: null });
    expect(walked.ggufLoss).toBeCloseTo(9 * 0.2);
    expect(walked.adapterLoss).toBeCloseTo(9 * 0.1);
    expect(asked).toEqual([{ prompt: PROMPT, tokens: 10, top: 0 }]);
  });

  it("goes on behind a difference with the answer's own token, and asks how likely that was", async () => {
    const asked: Continue[] = [];
    const walked = await walk(
      scored(THOR),
      PROMPT,
      model(THOR, (place) => (place === 2 ? " Odin" : place === 6 ? " tool" : (THOR[place] ?? null)), asked),
    );
    expect(walked).toMatchObject({ tokens: 10, agreed: 8, greedy: 2, lossTokens: 9 });
    expect(walked.difference).toEqual({ prompt: "who", at: 4, expected: " Thor", found: " Odin" });
    expect(walked.ggufLoss).toBeCloseTo(7 * 0.2 + 2 * 2);
    expect(asked.map(({ prompt, tokens, top }) => [prompt.slice(PROMPT.length), tokens, top])).toEqual([
      ["", 10, 0],
      ["I am", 1, 20],
      ["I am Thor", 7, 0],
      ["I am Thor, of the", 1, 20],
      ["I am Thor, of the menu", 3, 0],
    ]);
  });

  it("an end too early and an end that does not come are differences", async () => {
    const early = await walk(
      scored(THOR),
      PROMPT,
      model(THOR, (place) => (place === 4 ? null : (THOR[place] ?? null))),
    );
    expect(early).toMatchObject({ tokens: 10, agreed: 9, difference: { at: 10, expected: " of", found: "" } });
    const late = await walk(
      scored(THOR),
      PROMPT,
      model(THOR, (place) => THOR[place] ?? " more"),
    );
    expect(late).toMatchObject({ tokens: 10, agreed: 9, lossTokens: 9, difference: { expected: "", found: " more" } });
  });

  it("the adapter's own likeliest token counts, where its answer has another one", async () => {
    const best = [...scored(THOR).pieces];
    best[2] = hex(" Odin");
    const says = (place: number) => (place === 2 ? " Odin" : (THOR[place] ?? null));
    expect(await walk(scored(THOR, { best }), PROMPT, model(THOR, says))).toMatchObject({ tokens: 10, agreed: 10, difference: null });
  });

  it("stops where Ollama broke off, and counts no more than was compared", async () => {
    const broken = (): Promise<Continuation> =>
      Promise.resolve({ tokens: [{ bytes: hex("I"), logprob: -1, top: [] }], ended: false, promptTokens: PROMPT_TOKENS });
    expect(await walk(scored(THOR), PROMPT, broken)).toMatchObject({ tokens: 1, agreed: 1, greedy: 1, difference: null });
  });

  it("a prompt cut into other tokens is said; behind an answer cut otherwise nothing is compared", async () => {
    const honest = model(THOR, (place) => (place === 2 ? " Odin" : (THOR[place] ?? null)));
    const more = (count: number) => async (what: Continue) => ({ ...(await honest(what)), promptTokens: count });
    expect(await walk(scored(THOR), PROMPT, more(PROMPT_TOKENS + 1))).toMatchObject({ otherTokens: true, tokens: 3 });
    expect(await walk(scored(THOR), PROMPT, more(PROMPT_TOKENS))).toMatchObject({ otherTokens: false, tokens: 3, agreed: 2 });
  });

  it("never cuts a character in two", async () => {
    const pieces = ["c4", "9f", hex("!")];
    const half = { ...scored([]), pieces, best: pieces, logprobs: [-1, -1, -1], ended: false };
    const asked: Continue[] = [];
    const other = (what: Continue): Promise<Continuation> => {
      asked.push(what);
      return Promise.resolve({ tokens: [{ bytes: "c5", logprob: -1, top: [] }], ended: false, promptTokens: PROMPT_TOKENS });
    };
    expect(await walk(half, PROMPT, other)).toMatchObject({ tokens: 1, agreed: 0 });
    expect(asked.map(({ prompt }) => prompt)).toEqual([PROMPT, PROMPT]);
  });

  it("asks no more than some dozens of times, however far apart the two are", async () => {
    const long = Array.from({ length: 64 }, (_, index) => ` w${index}`);
    const asked: Continue[] = [];
    const walked = await walk(
      scored(long),
      PROMPT,
      model(long, () => " no", asked),
    );
    expect(asked.length).toBeLessThanOrEqual(34);
    expect(walked).toMatchObject({ tokens: 17, agreed: 0 });
  });
});

describe("the prompt", () => {
  const format = { ...GEMMA2, system: "You are Thor." };

  it("is the trainer's, without the token that Ollama puts in front", () => {
    expect(`<bos>${expectedPrompt(format, "Kim?")}`).toBe(promptText(format, "Kim?"));
    expect(firstDifference("q", expectedPrompt(format, "Kim?"), expectedPrompt(format, "Kim?"))).toBeNull();
  });

  it("that differs says where, with what stands around it", () => {
    const found = expectedPrompt(format, "Kim?").replace("user\n", "user \n");
    expect(firstDifference("q", expectedPrompt(format, "Kim?"), found)).toEqual({
      prompt: "q",
      at: 19,
      expected: "<start_of_turn>user\nYou are Thor.\n\nKim?<end_of_turn>\n<start_",
      found: "<start_of_turn>user \nYou are Thor.\n\nKim?<end_of_turn>\n<start",
    });
    expect(firstDifference("q", "abc", "ab")).toMatchObject({ at: 2 });
  });

  it("without a look at it is compared by the texts the model was made with", () => {
    expect(templateDifference(format, { template: ollamaTemplate(format), system: "You are Thor." })).toBeNull();
    expect(templateDifference(format, { template: ollamaTemplate(format), system: "You are Odin." })).toMatchObject({
      expected: "You are Thor.",
      found: "You are Odin.",
    });
    expect(templateDifference(format, { template: `${ollamaTemplate(format)} `, system: "You are Thor." })).not.toBeNull();
  });
});
