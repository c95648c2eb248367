/** What the terminal shows: rows 29 and 43 (NaN is a word, text from data or a model cannot move the cursor or turn the line). */
import { describe, expect, test } from "vitest";
import { toFault } from "../../electron/core/faults.ts";
import { because, type WhyKey } from "../../electron/core/reason.ts";
import { reduce } from "../../electron/core/reduce.ts";
import { EMPTY_RUN, type RunState } from "../../electron/core/state.ts";
import { wordsIn } from "../../electron/core/words/words.ts";
import { findRun } from "../../electron/hosts/cli/find-run.ts";
import { followRun } from "../../electron/hosts/cli/follow.ts";
import { bytes, duration, finish, harmless, harmlessJson, loss, oneLine, table } from "../../electron/hosts/cli/format.ts";
import { barDisplay, plainDisplay, progressLine } from "../../electron/hosts/cli/progress.ts";
import { resultJson, resultLines } from "../../electron/hosts/cli/result.ts";
import { event, FakeApi, step } from "./fake-api.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not come out
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/;
const NASTY = "a\u001b[2J\u001b]0;title\u0007b\u202egnp.exe\u2066\u009b31m\u0000\r\b\u200f\ufeff\ud800";

describe("row 43: harmless text", () => {
  test("control, bidirectional and invisible marks are shown, not obeyed; letters and emoji stay as they are", () => {
    expect(harmless(NASTY)).not.toMatch(DANGEROUS);
    expect(harmless("\u001b[31m")).toBe("\\u{1b}[31m");
    expect(harmless("Günaydın, nasılsın? 👩‍🚀❤️ İı")).toBe("Günaydın, nasılsın? 👩‍🚀❤️ İı");
    expect(oneLine("a\nb\r\n\tc", 80)).toBe("a b c");
    expect([...oneLine("😀".repeat(100), 10)]).toHaveLength(10);
  });

  test("JSON keeps the value and writes such marks as escapes", () => {
    const value = { text: NASTY.replace("\ud800", "") };
    expect(harmlessJson(value)).not.toMatch(DANGEROUS);
    expect(JSON.parse(harmlessJson(value))).toEqual(value);
  });

  test("figures", () => {
    expect([loss("NaN"), loss("-Infinity"), loss(null), loss(2.5), loss(0.01234)]).toEqual(["NaN", "-Infinity", "–", "2.500", "0.0123"]);
    expect([bytes(999), bytes(1000), bytes(10_737_418_240), bytes(0)]).toEqual(["999 B", "1.0 kB", "10.7 GB", "0 B"]);
    expect([duration(0), duration(59.6), duration(61), duration(3_660)]).toEqual(["0 s", "1 min 00 s", "1 min 01 s", "1 h 01 min"]);
    expect(finish(null)).toBeNull();
    const at = new Date(2026, 0, 1, 5, 10).getTime();
    expect(finish({ fromMs: at, toMs: at + 40 * 60_000 })).toBe("done 05:10–05:50");
    expect(
      table([
        ["a", "bbb"],
        ["cc", "d"],
      ]),
    ).toBe("a   bbb\ncc  d");
  });
});

const created = event({
  type: "run-created",
  run: "jessy-20260101-000000-0001",
  name: NASTY,
  campaign: "c",
  kind: "full",
  model: "m",
  data: "d",
  deployAs: "jessy",
});
const over = ["fetch", "prepare", "before"].map((phase) => event({ type: "phase-finished", phase, seconds: 1 }));
const training = [
  created,
  ...over,
  event({ type: "phase-started", phase: "train" }),
  event({ type: "spawned", verb: "train", pid: 1, start: "1", token: "t" }),
  event({ type: "train-started", fromStep: 0, totalSteps: 60 }),
];
const fold = (...entries: readonly ReturnType<typeof event>[]): RunState => entries.reduce(reduce, EMPTY_RUN);

describe("progress", () => {
  const steps = Array.from({ length: 20 }, (_item, index) => step(index + 1, 3 - index / 10));

  test("phase, step, loss, speed and an interval for the end", () => {
    const state = fold(...training, ...steps);
    expect(progressLine(state, state.lastAt)).toMatch(/^Training · step 20\/60 · loss 1\.100 · 200 tokens\/s · done \d\d:\d\d/);
  });

  test("rows 20 and 29: no end is named before there is something to go by, and NaN is said", () => {
    const state = fold(
      ...training,
      event({
        type: "step",
        step: 1,
        epoch: 0,
        loss: "NaN",
        gradNorm: "NaN",
        learningRate: 0,
        tokens: 10,
        supervisedTokens: 1,
        paddedTokens: 10,
        seconds: 1,
        restSeconds: 0,
      }),
    );
    expect(progressLine(state, state.lastAt)).toBe("Training · step 1/60 · loss NaN · 10 tokens/s");
  });

  test("without a terminal: plain lines, one in 10 s at most", () => {
    let now = 0;
    const written: string[] = [];
    const display = plainDisplay({ columns: 80, isTTY: false, write: (text) => void written.push(text) }, () => now);
    for (let index = 0; index < 20; index += 1) {
      now = index * 3_000;
      display.state(fold(...training, ...steps.slice(0, index + 1)));
    }
    // 57 s: at 0, 12, 24, 36, 48.
    expect(written).toHaveLength(5);
    expect(written.join("")).not.toMatch(DANGEROUS);
  });

  test("in a terminal one line moves, never longer than the terminal is wide", async () => {
    const written: string[] = [];
    const display = barDisplay({ columns: 60, isTTY: true, write: (text) => void written.push(text) }, Date.now);
    for (let index = 0; index < 500; index += 1) display.state(fold(...training, ...steps));
    display.happening("Checkpoint sealed at step 20", Date.now());
    display.end();
    expect(written.length).toBeLessThan(10);
    for (const text of written.filter((one) => one.includes("█"))) expect([...text.replace("\r\u001b[2K", "")].length).toBeLessThan(60);
    expect(written.at(-1)).toBe("\n");
  });
});

describe("what happened", () => {
  test("row 43: each happening is told once, over new snapshots too, and harmlessly", () => {
    const api = new FakeApi();
    const told: string[] = [];
    const publish = (entry: ReturnType<typeof event>) => api.publish(entry);
    publish(created);
    const cancel = followRun(api, api.runId, { words: wordsIn("en", {}), onState: () => {}, onHappening: (line) => void told.push(line) });
    publish(event({ type: "checkpoint-sealed", step: 30, path: "x", bytes: 1_000_000, seconds: 1, why: "steps" }));
    publish(event({ type: "warned", kind: "x", message: NASTY }));
    cancel();
    followRun(api, api.runId, { words: wordsIn("en", {}), onState: () => {}, onHappening: (line) => void told.push(`again ${line}`) });
    expect(told[0]).toBe("Checkpoint sealed at step 30 (1.0 MB, steps)");
    expect(told).toHaveLength(4);
    followRun(api, api.runId, { words: wordsIn("en", {}), onState: () => {}, onHappening: (line) => void told.push(line) }, 1);
    expect(told).toHaveLength(5);
    followRun(api, api.runId, { words: wordsIn("en", {}), onState: () => {}, onHappening: (line) => void told.push(line) }, 0);
    expect(told).toHaveLength(5);
    expect(told.join("")).not.toMatch(DANGEROUS);
  });
});

describe("the result", () => {
  const ended = fold(
    ...training,
    step(1, 3),
    step(2, 1),
    event({ type: "held-out-compared", before: 3, after: "NaN", difference: "NaN", low: "NaN", high: "NaN", rows: 5, resamples: 10 }),
    event({ type: "answered", stage: "after", prompt: "p", category: "c", text: NASTY, answer: NASTY, tokens: 1, stop: "end", seconds: 1 }),
    event({ type: "exited", verb: "train", token: "t", code: 0, signal: null, forced: false, tail: [] }),
    event({ type: "phase-skipped", phase: "export", why: "Ollama is not running. Start it." }),
    event({ type: "phase-skipped", phase: "deploy", why: "nothing to deploy" }),
    event({ type: "run-ended", outcome: "finished", seconds: 100 }),
  );

  test("for programs: the documented keys; without Ollama it is null and why says so", () => {
    const json = resultJson(ended);
    expect(json).toMatchObject({
      finished: true,
      run: "jessy-20260101-000000-0001",
      steps: 2,
      firstLoss: 3,
      lastLoss: 1,
      heldOutBefore: 3,
      heldOutAfter: "NaN",
      checkpoints: 0,
      gguf: null,
      ollama: null,
      why: "Ollama is not running. Start it.",
      seconds: 100,
    });
    expect(JSON.parse(harmlessJson(json))).toEqual(json);
  });

  test("row 43: for people: harmless, with the reason", () => {
    const lines = resultLines(ended);
    expect(lines.join("\n")).not.toMatch(DANGEROUS);
    expect(lines.join("\n")).toContain("Not in Ollama: Ollama is not running. Start it.");
  });
});

describe("which run is meant", () => {
  const api = new FakeApi();
  api.addRun({ id: "jessy-test-20260101-000000-0001", outcome: "finished" });
  api.addRun({ id: "jessy-test-20260102-000000-0002", outcome: "stopped" });
  api.addRun({ id: "tiny-20260103-000000-0003" });

  test.each([
    ["tiny", "active", "tiny-20260103-000000-0003"],
    ["jessy-test-20260101", "active", "jessy-test-20260101-000000-0001"],
    [undefined, "active", "tiny-20260103-000000-0003"],
    [undefined, "newest", "tiny-20260103-000000-0003"],
    ["jessy", "active", "run.ambiguous"],
    ["nobody", "active", "run.unknown"],
    ["", "active", "run.ambiguous"],
  ] as const)("%s (%s) is %s", async (said, otherwise, expected) => {
    const found = await findRun(api, said, otherwise).then(
      (run) => run.id,
      (error: unknown) => toFault(error).kind,
    );
    expect(found).toBe(expected);
  });

  test("who keeps the machine awake is said once, though each phase asks for it", () => {
    const api = new FakeApi();
    const told: string[] = [];
    const asleep = (token: string, key: WhyKey) => event({ type: "awake", token, holder: null, why: [because(key)] });
    for (const entry of [created, asleep("a", "no-holder"), asleep("b", "no-holder")]) api.publish(entry);
    followRun(api, api.runId, { words: wordsIn("en", {}), onState: () => {}, onHappening: (line) => void told.push(line) });
    api.publish(asleep("c", "no-holder"));
    expect(told).toHaveLength(1);
    api.publish(asleep("d", "no-answer"));
    expect(told).toHaveLength(2);
  });
});
