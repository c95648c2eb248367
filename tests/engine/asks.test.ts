/** What a person says of a run's answers is kept, and asking the old and the new model leaves nothing behind. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectedPrompt } from "../../electron/core/parity.ts";
import { GEMMA2 } from "../../electron/core/plan.ts";
import { Night } from "./night.ts";

const SYSTEM = "Sen Thor'sun.";
let night: Night;
beforeEach(() => {
  night = new Night();
  night.start();
});
afterEach(() => night.end());

/** A run that has answered, is exported and deployed; its model is gone from Ollama, which still has an older one. */
async function finished(): Promise<string> {
  night.ollama.rendered = (question) => [expectedPrompt({ ...GEMMA2, system: SYSTEM }, question)];
  const run = await night.begin({}, { name: "night", system: SYSTEM });
  await night.untilEnded(run);
  await night.until("it is closed", () => night.homeState().runs.find((one) => one.id === run)?.outcome != null);
  night.ollama.standing = [{ tag: "night:latest", digest: "sha256:old", bytes: 5 }];
  return run;
}

async function answerOf(ask: string): Promise<{ readonly text: string; readonly kind: string | null }> {
  let text = "";
  for (let reads = 0; reads < 200; reads += 1) {
    const reply = await night.call("ask-read", { ask, from: text.length });
    text += reply.text;
    if (reply.done) return { text, kind: reply.fault?.kind ?? null };
  }
  throw new Error("it never ended");
}

const refused = (calling: Promise<unknown>) =>
  calling.then(
    () => null,
    (error: unknown) => (error as { fault?: { kind: string } }).fault?.kind ?? String(error),
  );
const left = () => night.homeState().leftCandidates;

describe("what a person says", () => {
  it("a blind pick stands in the run's journal as what it meant, survives a restart, and reaches the report", async () => {
    const run = await finished();
    const prompt = night.state(run).answers[0]?.prompt ?? "";
    const pick = { run, prompt, against: "before" as const };
    await night.call("blind-pick", { ...pick, choice: "first" });
    const [first] = night.state(run).picks;
    await night.call("blind-pick", { ...pick, choice: "second" });
    const [second] = night.state(run).picks;
    expect([first?.pick, second?.pick].sort(), "a second pick takes the first one's place").toEqual(["new", "old"]);
    await night.call("blind-pick", { ...pick, choice: "neither" });
    await night.stop();
    night.start();
    expect(night.state(run).picks).toEqual([{ prompt, against: "before", pick: "neither" }]);
    const report = () => JSON.parse(readFileSync(night.runPath(run, "report.json"), "utf8")) as { blind: { neither: number } | null };
    await night.until("the report says it", () => report().blind?.neither === 1);
    expect(await refused(night.call("blind-pick", { ...pick, prompt: "nothing", choice: "same" }))).toBe("blind.no-pair");
    expect(await refused(night.call("blind-pick", { ...pick, against: "baseline", choice: "same" }))).toBe("blind.no-pair");
  });

  it("a corrected answer is a row of messages that nobody else can read, whole also behind a line that was cut short", async () => {
    const run = await finished();
    const said = { run, question: "sen kimsin?", rejected: "bilmem", corrected: 'Ben Thor.\n"Gece" eğitilirim.' };
    const { path } = await night.call("correction-add", said);
    await night.stop();
    night.start();
    await night.call("correction-add", { ...said, corrected: "Ben Thor'um." });
    const rows = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { messages: { role: string; content: string }[]; rejected: string; run: string });
    expect(path).toBe(join(night.home, "corrections.jsonl"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(rows.map(({ messages }) => messages.map(({ role, content }) => [role, content]))).toEqual([
      [
        ["system", SYSTEM],
        ["user", "sen kimsin?"],
        ["assistant", said.corrected],
      ],
      [
        ["system", SYSTEM],
        ["user", "sen kimsin?"],
        ["assistant", "Ben Thor'um."],
      ],
    ]);
    expect(rows[0]).toMatchObject({ rejected: "bilmem", run });
  });
});

describe("asking", () => {
  it("the new model that has left Ollama is made from its GGUF, noted first, and taken away once nobody asks any more", { timeout: 180_000 }, async () => {
    const run = await finished();
    const { ask, model } = await night.call("ask", { run, question: "sen kimsin?", of: "new" });
    expect(model).toMatch(/^night:ask-/);
    expect(await answerOf(ask)).toEqual({ text: "Ben Jessy.", kind: null });
    const { gguf } = night.state(run);
    expect(night.ollama.fromGgufs).toMatchObject([{ name: model, path: gguf?.path, sha256: gguf?.sha256 }]);
    await night.call("ask", { run, question: "ve şimdi?", of: "new" });
    expect(night.ollama.fromGgufs, "it is made once").toHaveLength(1);
    expect(left()).toEqual([model]);
    expect((await night.call("versions", {})).rows.map(({ tag }) => tag)).not.toContain(model);
    // Five minutes of a clock that runs ten times as fast.
    await night.until("it is taken away", () => left().length === 0, 90_000);
    expect(night.ollama.discarded).toContain(model);
    expect(await refused(night.call("ask-read", { ask, from: 0 }))).toBe("ask.unknown");
  });

  it("what an engine that died had made to be asked is taken away by the next export", async () => {
    const run = await finished();
    const { model } = await night.call("ask", { run, question: "sen kimsin?", of: "new" });
    await night.stop();
    night.start();
    expect(left()).toEqual([model]);
    night.ollama.discarded.length = 0;
    const next = await night.begin({}, { name: "other", system: SYSTEM });
    await night.untilEnded(next);
    expect(night.ollama.discarded).toContain(model);
    expect(left()).toEqual([]);
  });

  it("the old model is the one under the name, or the one before where that is the run's own; without one it says so", async () => {
    const run = await finished();
    const old = async () => (await night.call("ask", { run, question: "q", of: "old" })).model;
    expect(await old()).toBe("night:latest");
    const own = night.state(run).deployed?.digest ?? "";
    night.ollama.standing = [
      { tag: "night:latest", digest: own, bytes: 5 },
      { tag: "night:prev", digest: "sha256:old", bytes: 5 },
    ];
    expect(await old()).toBe("night:prev");
    expect((await night.call("ask", { run, question: "q", of: "new" })).model).toBe("night:latest");
    night.ollama.standing = [{ tag: "night:latest", digest: own, bytes: 5 }];
    expect(await refused(old())).toBe("ask.no-old");
  });

  it("is refused while something trains, and where nothing is exported", async () => {
    const first = await finished();
    const run = await night.begin({ steps: 400, seconds: 0.05 }, { name: "second" });
    expect(await refused(night.call("ask", { run, question: "q", of: "new" }))).toBe("run.not-exported");
    await night.untilTraining(run);
    expect(await refused(night.call("ask", { run: first, question: "q", of: "new" }))).toBe("run.busy");
    await night.call("run-stop", { run });
    await night.untilEnded(run);
  });
});
