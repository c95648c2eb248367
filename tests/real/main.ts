/**
 * `npm run real`: the user's own rows through every real part, on the practice model. THORTIME_JESSY names the folder
 * with jessy_maximum_train.jsonl and jessy_maximum_val.jsonl. Takes tens of minutes on two CPU cores, so `npm test`
 * holds the same path on a small look-alike. Prints what was measured; the last line is JSON.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { toNumber } from "../../electron/core/events.ts";
import { parseGguf } from "../../electron/core/gguf.ts";
import { commandLine, journalOf, lastJson, ofType } from "../e2e/command.ts";
import { ANY_RESULT, limitFlags } from "../fixtures/limits.ts";
import { startOllama } from "../fixtures/ollama-server.ts";
import { endHome, makeHome, root } from "../hosts/homes.ts";
import { provide } from "../runner/provisions.ts";

const data = process.env["THORTIME_JESSY"] ?? "";
const train = join(data, "jessy_maximum_train.jsonl");
const heldOut = join(data, "jessy_maximum_val.jsonl");
const name = "jessy-test-v1";
const wanted = [
  ...["run", "--data", train, "--held-out", heldOut, "--model", join(root, "resources", "practice", "model"), "--name", name],
  ...["--rows", "1000", "--steps", "60", "--set", "learning_rate=3e-3", "--set", "warmup_steps=5", ...limitFlags(ANY_RESULT), "--json"],
];

function must(holds: boolean, what: string): void {
  process.stdout.write(`${holds ? "ok  " : "BAD "} ${what}\n`);
  if (!holds) process.exitCode = 1;
}

async function main(): Promise<void> {
  if (!existsSync(train)) throw new Error("Set THORTIME_JESSY to the folder with jessy_maximum_train.jsonl and jessy_maximum_val.jsonl.");
  for (const need of ["python", "ollama"] as const) {
    const found = await provide(need, (line) => process.stdout.write(`  ${line}\n`));
    if ("missing" in found) throw new Error(found.missing);
    Object.assign(process.env, found.env);
  }
  const ollama = await startOllama();
  const home = makeHome();
  try {
    const line = commandLine(home, ollama.env, 6 * 60 * 60_000);
    const inspected = lastJson(await line.run("inspect", train, "--held-out", heldOut, "--json"));
    process.stdout.write(`inspect: ${JSON.stringify(inspected).slice(0, 600)}…\n`);
    const ended = await line.run(...wanted);
    process.stdout.write(ended.stderr);
    const result = lastJson(ended);
    judge(home, result);
    const env = { PATH: process.env["PATH"], HOME: home, ...ollama.env };
    const answer = execFileSync(process.env["THORTIME_TEST_OLLAMA"] ?? "ollama", ["run", name, "merhaba"], { encoding: "utf8", env }).trim();
    must(answer.length > 0, `ollama run ${name} answers: ${JSON.stringify(answer.slice(0, 120))}`);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    await endHome(home);
    await ollama.stop();
  }
}

function judge(home: string, result: Record<string, unknown>): void {
  const events = journalOf(home, String(result["run"]));
  const prepared = ofType(events, "prepared")[0];
  const compared = ofType(events, "held-out-compared").at(-1);
  const steps = ofType(events, "step");
  process.stdout.write(`prepared: ${JSON.stringify(prepared)}\ncompared: ${JSON.stringify(compared)}\n`);
  must(prepared?.rows === 1000 - (prepared?.droppedRows ?? 0), "1,000 sampled rows are there, or counted as dropped");
  must(prepared?.leakedRows === 43, "43 held-out rows that also stand in training are left out");
  must(steps.length === 60 && steps.every((step, index) => step.step === index + 1), "60 steps, each once");
  must(
    compared !== undefined && toNumber(compared.high) < 0,
    `held-out loss is lower: 95 % of the difference is below zero (${compared?.low} to ${compared?.high})`,
  );
  must(ofType(events, "checkpoint-sealed").length >= 2, "at least two checkpoints are sealed");
  for (const { stage, text, answer } of ofType(events, "answered"))
    process.stdout.write(`${stage.padEnd(6)} ${text}: ${JSON.stringify(answer.slice(0, 140))}\n`);
  const path = String(result["gguf"]);
  const bytes = existsSync(path) ? statSync(path).size : 0;
  const parsed = bytes > 0 ? parseGguf(readFileSync(path), bytes) : { refused: "there is none" };
  must("gguf" in parsed && parsed.gguf.quantization === "Q8_0", `the GGUF is Q8_0 and whole (${bytes} bytes)`);
  const worked = steps.reduce((sum, step) => sum + step.seconds, 0);
  const tokens = steps.reduce((sum, step) => sum + step.tokens, 0);
  const padded = steps.reduce((sum, step) => sum + step.paddedTokens, 0);
  process.stdout.write(
    `training: ${worked.toFixed(0)} s, ${(tokens / worked).toFixed(0)} real tokens/s, ${(tokens / padded).toFixed(2)} of the processed tokens are real\n`,
  );
}

await main();
