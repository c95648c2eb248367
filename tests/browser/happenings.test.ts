/** What happened, in words: every cause of an end and every answer to it has its sentence, in both languages and in the terminal. */
import { describe, expect, test } from "vitest";
import { causeSchema, type EventBody } from "../../electron/core/events.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type Happening } from "../../electron/core/state.ts";
import { formatIn } from "../../electron/core/words/format.ts";
import { tell } from "../../electron/core/words/happenings.ts";
import { wordsIn } from "../../electron/core/words/words.ts";
import { describe as describeLine } from "../../electron/hosts/cli/happening.ts";
import { LANGUAGES, type Language, sayIn, sentenceFor } from "../../renderer/text.ts";
import { entry, sample } from "../core/samples.ts";

const happenings = (...bodies: readonly EventBody[]): readonly Happening[] => bodies.reduce((state, body) => reduce(state, entry(body)), EMPTY_RUN).happenings;
const told = (language: Language, ...bodies: readonly EventBody[]) =>
  tell(happenings(...bodies), { language, say: sayIn(language), sentence: sentenceFor(language), format: formatIn(language) }).map(({ text }) => text);
const terminal = (...bodies: readonly EventBody[]) => happenings(...bodies).map(({ event }) => describeLine(event, wordsIn("en", {})));

/** Went as meant, or was said by the line before. */
const QUIET = ["finished", "asked", "segfault-after-success", "named-fault"];

describe("why a process ended", () => {
  test.each(causeSchema.options)("%s", (cause) => {
    const exited = sample("exited", { code: 139, cause });
    for (const language of LANGUAGES) {
      const lines = told(language, exited);
      expect(lines).toHaveLength(QUIET.includes(cause) ? 0 : 1);
      expect(lines.join()).not.toMatch(/\{|event\./);
    }
    expect(terminal(exited)[0] === null).toBe(QUIET.includes(cause));
  });

  test("in plain words, not as a number", () => {
    const exited = sample("exited", { code: 137, cause: "memory-kill" });
    expect(told("en", exited)).toEqual(["The system ended it for want of memory"]);
    expect(told("tr", exited)).toEqual(["Bellek yetmediği için sistem onu sonlandırdı"]);
    expect(terminal(exited)).toEqual(["The system ended it for want of memory"]);
    expect(told("en", sample("exited", { code: 1, cause: "crash" }))).toEqual(["A process ended with code 1"]);
  });

  test("a line from before causes were known is told as before", () => {
    expect(told("en", sample("exited", { code: 137 }))).toEqual(["A process ended with code 137"]);
    expect(told("en", sample("exited", { code: 0 }))).toEqual([]);
  });
});

test("how micro-batches are cut since they were measured, and what that is worth", () => {
  const bodies = [sample("calibrated"), sample("calibrated", { planSecondsPerStep: 6.2 }), sample("calibrated", { planSecondsPerStep: null })];
  const words = (language: Language) =>
    tell(happenings(...bodies), { language, say: sayIn(language), sentence: sentenceFor(language), format: formatIn(language) });
  const [none, alike, faster] = words("en").map(({ text, detail }) => `${text} ${detail}`);
  expect(faster).toContain("1 × 2,048 or 8 × 256 tokens 1.7 times as fast as planned; about 7.9 GB");
  expect(alike).toContain("As fast as planned");
  expect(none).toContain("would not fit in memory");
  expect(words("tr").map(({ text, detail }) => `${text} ${detail}`)[2]).toContain("1 × 2.048 ya da 8 × 256 tokenlik mikro gruplar Plandakinden 1,7 kat hızlı");
  expect(terminal(...bodies)[0]).toContain("micro-batches of 1 × 2048 or 8 × 256 tokens, 1.7 times as fast as planned, about 7.9 GB");
});

test("what is done about it, with its figures", () => {
  const bodies: readonly EventBody[] = [
    sample("plan-revised", { fromStep: 41, microBatchTokens: 4096, maxSeqLength: null }),
    sample("plan-revised", { fromStep: 41, microBatchTokens: 1024, maxSeqLength: 1024 }),
    sample("space-needed", { neededBytes: 1.8e9, freeBytes: 0.5e9 }),
    sample("space-returned"),
    sample("stalled", { stage: 2, seconds: 300 }),
    sample("unstalled"),
    sample("run-ended", { outcome: "stopped", child: "a-20261123-230000-0002" }),
  ];
  const lines = told("en", ...bodies).reverse();
  expect(lines[0]).toContain("step 41");
  expect(lines[0]).toContain("4,096 tokens");
  expect(lines[1]).toContain("changes the loss");
  expect(lines[2]).toContain("free 1.3 GB");
  expect(lines[4]).toContain("5 min");
  expect(lines).toHaveLength(bodies.length);
  expect(told("tr", ...bodies)).toHaveLength(bodies.length);
  expect(terminal(...bodies)).toEqual([
    "From step 41 on: micro-batches of at most 4,096 tokens (memory)",
    "From step 41 on: micro-batches of at most 1,024 tokens, rows of at most 1,024 tokens, which changes the loss (memory)",
    "The disk is full: free 1.3 GB, and it goes on by itself",
    "There is room on the disk again",
    "No progress for 5 min 00 s",
    "It moves again",
    "It goes on, more gently, as a-20261123-230000-0002",
  ]);
});
