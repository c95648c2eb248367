/** The practice campaign through every real part: Unsloth on MLX, SQLite, Ollama, the command line and the dashboard in Chromium. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseGguf } from "../../electron/core/gguf.ts";
import { launchBrowser, openPage } from "../fixtures/browser.ts";
import { type OllamaServer, startOllama } from "../fixtures/ollama-server.ts";
import { endHome, ensureBuilt, makeHome } from "../hosts/homes.ts";
import { type CommandLine, commandLine, journalOf, lastJson, ofType } from "./command.ts";

const LIMIT_MS = 15 * 60_000;
const home = makeHome();
let ollama: OllamaServer;
let line: CommandLine;
let browser: Browser;
let serving: ChildProcess | null = null;

beforeAll(async () => {
  await ensureBuilt();
  ollama = await startOllama();
  line = commandLine(home, ollama.env);
  browser = await launchBrowser();
}, LIMIT_MS);

afterAll(async () => {
  await browser?.close();
  serving?.kill();
  await endHome(home);
  await ollama?.stop();
});

it("learns, shows it, and answers in Ollama", { timeout: LIMIT_MS }, async () => {
  const practice = line.run("practice", "--json");
  serving = line.open("serve");
  const address = await addressOf(serving);
  const { page, complaints } = await openPage(browser, address);
  await page
    .getByText(/Training/)
    .first()
    .waitFor({ timeout: 4 * 60_000 });

  const ended = await practice;
  expect(ended.stderr).toBe("");
  expect(ended.code).toBe(0);
  const result = lastJson(ended);
  const events = journalOf(home, String(result["run"]));
  const steps = ofType(events, "step");
  const [first, last] = [Number(steps[0]?.loss), Number(steps.at(-1)?.loss)];

  expect(result).toMatchObject({ finished: true, steps: steps.length, firstLoss: first, checkpoints: ofType(events, "checkpoint-sealed").length });
  expect(last).toBeLessThan(first / 2);
  expect(last).toBeLessThan(1);
  expect(steps.map((step) => step.step)).toEqual(steps.map((_, index) => index + 1));
  const compared = ofType(events, "held-out-compared").at(-1);
  expect(Number(compared?.high)).toBeLessThan(0);
  expect(result).toMatchObject({ heldOutBefore: compared?.before, heldOutAfter: compared?.after });
  expect(ofType(events, "checkpoint-sealed").length).toBeGreaterThanOrEqual(2);

  const answers = ofType(events, "answered");
  const changed = answers.filter(
    (answer) =>
      answer.stage === "after" && answers.some((other) => other.stage === "before" && other.prompt === answer.prompt && other.answer !== answer.answer),
  );
  expect(changed.length).toBeGreaterThanOrEqual(3);

  const file = readFileSync(String(result["gguf"]));
  expect(parseGguf(file, file.length)).toMatchObject({ gguf: { architecture: "gemma2", quantization: "Q8_0" } });
  const { name } = result["ollama"] as { name: string };
  // Eight bits tip a close call of so small a model now and then; most greedy answers are the adapter's own, word for word.
  const after = answers.filter((answer) => answer.stage === "after");
  const served: [string, string, string][] = [];
  for (const { text, answer } of after) served.push([text, answer.trim(), await ask(ollama.url, name, text)]);
  expect(served.filter(([, adapter, gguf]) => adapter === gguf).length, JSON.stringify(served)).toBeGreaterThanOrEqual(after.length / 2);

  const parity = ofType(events, "parity-tested").at(-1);
  const figures = {
    agreement: parity?.agreement,
    greedy: parity?.greedy,
    tokens: parity?.tokens,
    adapterLoss: parity?.adapterLoss,
    ggufLoss: parity?.ggufLoss,
  };
  const { seconds, promptTokens } = ofType(events, "latency-tested").at(-1) ?? {};
  process.stdout.write(`parity at Q8_0: ${JSON.stringify({ ...figures, seconds: parity?.seconds })}, latency ${JSON.stringify({ seconds, promptTokens })}\n`);
  expect(parity).toMatchObject({ quantization: "Q8_0", template: { same: true, by: "rendered" }, otherTokens: 0, answers: after.length });
  expect(parity?.agreement).toBeGreaterThanOrEqual(0.99);
  expect(Math.abs(Number(parity?.ggufLoss) - Number(parity?.adapterLoss))).toBeLessThan(0.05);
  expect(ofType(events, "persona-tested").at(-1)?.asked).toBeGreaterThan(0);

  const verdict = lastJson(await line.run("verdict", "--json"));
  expect(verdict["decision"], JSON.stringify(verdict)).toBe("go");
  expect(await page.locator("[data-decision]").getAttribute("data-decision")).toBe("go");

  // What the screen says at the end is what the journal says.
  await page.locator(".pill", { hasText: "Finished" }).waitFor({ timeout: 30_000 });
  const shown = await page.locator("[data-tile=loss] b").textContent();
  expect(Math.abs(Number(shown) - last)).toBeLessThanOrEqual(0.005);
  expect(complaints).toEqual([]);
});

it("is in the history, and the engine says so in JSON", async () => {
  const history = lastJson(await line.run("history", "--json"));
  expect(history).toMatchObject({ rows: [{ name: "thortime-practice", outcome: "finished", deployedAs: "thortime-practice" }] });
});

/** The address `serve` prints: the page, with its token in the fragment. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (piece: Buffer) => {
      text += piece.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(text)?.[0];
      if (address) resolve(address);
    });
    child.once("exit", () => reject(new Error(`serve ended: ${text}`)));
  });
}

async function ask(url: string, model: string, prompt: string): Promise<string> {
  const body = JSON.stringify({ model, prompt, stream: false, options: { temperature: 0, repeat_penalty: 1 } });
  const reply = await fetch(`${url}/api/generate`, { method: "POST", body });
  return ((await reply.json()) as { response: string }).response.trim();
}
