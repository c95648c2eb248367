/** Bad nights on the real trainer and the practice model: each is held back by the gate for its own reason, and nothing of it answers in Ollama. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Line } from "../../electron/core/verdict/judgement.ts";
import { LIMITS } from "../../electron/core/verdict/limits.ts";
import { dice } from "../core/seeded.ts";
import { limitFlags } from "../fixtures/limits.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { endHome, makeHome, root } from "../hosts/homes.ts";
import { type CommandLine, commandLine, lastJson } from "./command.ts";

const LIMIT_MS = 15 * 60_000;
const PRACTICE = join(root, "resources", "practice");
const campaign = JSON.parse(readFileSync(join(PRACTICE, "campaign.json"), "utf8")) as { training: Record<string, string | number | boolean> };
const home = makeHome();
let ollama: OllamaServer;
let line: CommandLine;

beforeAll(async () => {
  ollama = await startOllama();
  line = commandLine(home, ollama.env);
}, LIMIT_MS);

afterAll(async () => {
  await endHome(home);
  await ollama?.stop();
});

interface Verdict {
  readonly run: string;
  readonly decision: string;
  readonly failed: readonly string[];
  readonly why: string;
  readonly taken: Record<string, unknown>;
  readonly baseline: unknown;
}

/** A night with the practice campaign's settings, prompts and limits, and what is changed of them. */
async function night(
  name: string,
  settings: Record<string, number | string>,
  more: readonly string[] = [],
  data = join(PRACTICE, "train.jsonl"),
): Promise<Verdict> {
  const set = Object.entries({ ...campaign.training, ...settings }).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const files = [
    "--data",
    data,
    "--held-out",
    join(PRACTICE, "held-out.jsonl"),
    "--model",
    join(PRACTICE, "model"),
    "--prompts",
    join(PRACTICE, "prompts.json"),
  ];
  const ended = await line.run("run", ...files, "--name", name, ...set, ...limitFlags(LIMITS.practice), ...more, "--json");
  const result = lastJson(ended);
  expect(result, ended.stderr).toMatchObject({ finished: true, ollama: null });
  const run = String(result["run"]);
  const verdict = lastJson(await line.run("verdict", run, "--json"));
  const lines = verdict["lines"] as Line[];
  process.stdout.write(
    `${name}: ${verdict["decision"]} ${JSON.stringify(lines.map(({ criterion, value, passed, low, high }) => [criterion, value, passed, low, high]))}\n`,
  );
  const failed = lines.filter(({ passed }) => passed === false).map(({ criterion }) => criterion);
  return {
    run,
    decision: String(verdict["decision"]),
    failed,
    why: String(result["why"]),
    taken: verdict["taken"] as Record<string, unknown>,
    baseline: verdict["baseline"],
  };
}

async function tags(): Promise<string[]> {
  const { models } = (await (await fetch(`${ollama.url}/api/tags`)).json()) as { models: { name: string }[] };
  return models.map(({ name }) => name);
}

it("answers shuffled against their questions: NO-GO, as they are not learned and the answers say other things", { timeout: LIMIT_MS }, async () => {
  const rows = readFileSync(join(PRACTICE, "train.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as { output: string });
  const outputs = rows.map(({ output }) => output);
  const random = dice(7);
  for (let last = outputs.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [outputs[last], outputs[other]] = [outputs[other] ?? "", outputs[last] ?? ""];
  }
  const data = join(home, "shuffled.jsonl");
  writeFileSync(data, rows.map((row, index) => `${JSON.stringify({ ...row, output: outputs[index] })}\n`).join(""));
  const { decision, failed, why } = await night("shuffled", { max_steps: 40, eval_steps: 20, save_steps: 40 }, [], data);
  expect(decision).toBe("no-go");
  expect(failed).toEqual(expect.arrayContaining(["last-loss", "expected-answers"]));
  expect(failed).not.toContain("trained");
  expect(why).toContain("NO-GO");
  expect(await tags()).toEqual([]);
});

it("with a learning rate of next to nothing: NO-GO, nothing learned; a person may overrule it, and that is recorded", { timeout: LIMIT_MS }, async () => {
  const { run, decision, failed } = await night("nothing", { max_steps: 8, eval_steps: 8, save_steps: 8, warmup_steps: 0, learning_rate: 1e-12 });
  expect([decision, failed.filter((one) => one.includes("loss"))]).toEqual(["no-go", ["last-loss", "loss-share"]]);
  expect(await tags()).toEqual([]);
  const deployed = await line.run("deploy", run);
  expect(deployed).toMatchObject({ code: 0, stdout: expect.stringContaining("Put into Ollama against the verdict") });
  expect(await tags()).toEqual(["nothing:latest"]);
  expect(lastJson(await line.run("versions", "--json"))).toMatchObject({
    rows: [{ tag: "nothing:latest", serves: true, deployed: { run, verdict: "no-go" } }],
  });
});

it("60 epochs on 50 rows: NO-GO on the held-out loss, though the loss itself is fine", { timeout: LIMIT_MS }, async () => {
  // At a rate that stays high the rows are learned by heart within 40 steps, and from then on the others get worse (measured: 1.46, 1.53, 1.77, 1.80).
  const settings = { max_steps: -1, num_train_epochs: 60, learning_rate: 0.02, lr_scheduler_type: "constant", eval_steps: 40, save_steps: 240 };
  const { decision, failed, taken, baseline } = await night("overfitted", settings, ["--rows", "50", "--baseline", "nothing"]);
  expect(decision).toBe("no-go");
  expect(failed.some((one) => one.startsWith("held-out"))).toBe(true);
  expect(failed).not.toContain("last-loss");
  // What was exported is from before it had learned them by heart; the model deployed above was asked the same prompts.
  expect(taken["step"]).toBeLessThan(Number(taken["lastStep"]));
  expect(baseline).toEqual({ name: "nothing", answers: 12, why: null });
  const asked = lastJson(await line.run("test", "nothing", "--json"));
  expect((asked["answers"] as unknown[]).length).toBeGreaterThan(0);
});
