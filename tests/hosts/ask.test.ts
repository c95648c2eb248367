/** `thortime ask`, `corrections` and `blind` on a run that a real Ollama has taken: what they print, keep and refuse, with their codes. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventBody } from "../../electron/core/events.ts";
import { seedRun } from "../faults/deploy-home.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { endEngine, endHome, ensureBuilt, type Finished, homeEnvironment, makeHome, root, thortime } from "./homes.ts";

const LONG = { timeout: 300_000 };
const home = makeHome();
let ollama: OllamaServer;
let run = "";
let isAway = false;

function answered(prompt: string): EventBody[] {
  const said = (stage: "before" | "after"): EventBody => {
    const answer = `${stage === "after" ? "taught" : "untaught"} ${prompt}`;
    return { type: "answered", stage, prompt, category: "basic", text: `What is ${prompt}?`, answer, tokens: 3, stop: "end", seconds: 0.1 };
  };
  return [said("before"), said("after")];
}

beforeAll(async () => {
  await ensureBuilt();
  ollama = await startOllama();
  mkdirSync(join(home, "python"), { recursive: true });
  writeFileSync(join(home, "python", "current"), `${dirname(dirname(process.env["THORTIME_PYTHON"] ?? ""))}\n`);
  seedRun(home, { name: "night-one", as: "night" });
  run = seedRun(home, { name: "night-two", as: "night", topK: 7, more: ["one", "two", "three", "four"].flatMap(answered) });
  for (let look = 0; look < 100 && !(await isFinished()); look += 1) await sleep(2_000);
  expect(await isFinished(), (await type("status", run)).stdout).toBe(true);
}, 300_000);

afterAll(async () => {
  await endHome(home);
  if (!isAway) await ollama.stop();
}, 120_000);

const isFinished = async () => (await type("status", run, "--json")).stdout.includes('"status":"finished"');
const type = (...args: readonly string[]) => thortime(home, args, ollama.env);

/** With a person at the keys. */
function typing(keys: string, ...args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [join(root, "out", "cli.js"), ...args], { env: { ...homeEnvironment(home), ...ollama.env }, stdio: "pipe" });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  child.stdin.end(keys);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe("ask", () => {
  test("prints both answers, each under the model that gave it", LONG, async () => {
    const { code, stdout, stderr } = await type("ask", run, "How many legs does a spider have?");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^TODAY \(night:prev\)\n.+\(\d+\.\d s\)\n\nNEW \(night:latest\)\n.+\(\d+\.\d s\)\n/s);
  });

  test("one model alone, in JSON, and the answer put right becomes a row of the next data set", LONG, async () => {
    const { code, stdout, stderr } = await type("ask", run, "Who are you?", "--only", "new", "--correct", "I am Thor.", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const said = JSON.parse(stdout) as { replies: { of: string; answer: string }[] };
    expect(said).toMatchObject({
      run,
      question: "Who are you?",
      replies: [{ of: "new", model: "night:latest", fault: null }],
      kept: join(home, "corrections.jsonl"),
    });
    const out = join(home, "corrected.jsonl");
    expect(await type("corrections", "--out", out)).toMatchObject({ code: 0, stdout: `1 correction: ${out}\n` });
    expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({
      messages: [
        { role: "user", content: "Who are you?" },
        { role: "assistant", content: "I am Thor." },
      ],
      rejected: said.replies[0]?.answer,
      run,
    });
    expect(await type("corrections", "--out", out)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("is there already") as string });
    const taken = await type(
      "run",
      "--data",
      out,
      "--model",
      join(root, "resources", "practice", "model"),
      "--name",
      "next",
      "--json",
      "--no-deploy",
      "--detach",
    );
    expect(taken, "the trainer takes such rows as they are").toMatchObject({ code: 0 });
    await type("stop");
  });

  test.each<[string, () => readonly string[], number, RegExp]>([
    ["a run that is not there", () => ["ask", "nothing", "q"], 8, /nothing/],
    ["no question", () => ["ask", run], 2, /question/],
    ["an empty question", () => ["ask", run, " "], 2, /question/],
    ["a model that is neither", () => ["ask", run, "q", "--only", "best"], 2, /best/],
    ["an old answer put right", () => ["ask", run, "q", "--only", "old", "--correct", "x"], 2, /Only the new model's/],
  ])("%s is refused in one sentence", async (_name, args, code, words) => {
    const { code: got, stdout, stderr } = await type(...args());
    expect({ got, stderr }).toMatchObject({ got: code, stderr: expect.stringMatching(words) as string });
    expect(stdout).toBe("");
  });
});

describe("blind", () => {
  test("a key picks, what is no key is asked again, later leaves it, and it goes on after the engine's death", LONG, async () => {
    const first = await typing("1\n9\n3\nq\n", "blind", run);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("1, 2, 3, 4 or q.") as string });
    expect(first.stdout).toMatch(/^\n1\/4 {2}What is (one|two|three|four)\?\n\n1\) (un)?taught /);
    expect(first.stdout).toMatch(/The same: 1, both bad: 0, not compared yet: 2\.\nGo on with: thortime blind\.\n$/);
    expect(first.stdout, "whose is whose is not said").not.toMatch(/before|after|new answer/);
    await endEngine(home);
    const second = await typing("4\n4\n", "blind", run);
    expect(second.stdout).toMatch(/^\n3\/4 .*\n4\/4 /s);
    expect(second.stdout).toMatch(/You preferred the new one in [01] of 1 pair \(95% \d+–\d+%\)\.\nThe same: 1, both bad: 2, not compared yet: 0\.\n$/);
    const { code, stdout, stderr } = await type("blind", run, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout) as { preferredNew: number; preferredOld: number };
    expect(result).toMatchObject({ run, against: "before", same: 1, neither: 2, left: 0 });
    expect(result.preferredNew + result.preferredOld).toBe(1);
    const verdict = JSON.parse((await type("verdict", run, "--json")).stdout) as { blind: object };
    expect(result).toMatchObject(verdict.blind);
    expect((await type("verdict", run)).stdout).toContain("You preferred the new one in");
  });

  test("a run without two answers is refused, and says when they come", async () => {
    const { code, stdout, stderr } = await type("blind", "night-one");
    expect({ code, stdout, stderr }).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("once the run has answered") as string });
  });
});

test("with Ollama away the reason is said once, with its code, and nothing is kept", LONG, async () => {
  await ollama.stop();
  isAway = true;
  const { code, stdout, stderr } = await type("ask", run, "Who are you?");
  expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
  expect(stderr.match(/Ollama is not running on this computer\./g)).toHaveLength(1);
  expect(stderr).toContain("Start Ollama");
  const json = await type("ask", run, "Who are you?", "--json");
  expect(json.code).toBe(7);
  expect(JSON.parse(json.stdout)).toMatchObject({
    replies: [
      { of: "old", fault: { kind: "ollama.absent" } },
      { of: "new", fault: { kind: "ollama.absent" } },
    ],
    kept: null,
  });
});
