/** The user's real path on a small seeded look-alike of their data: defects and all, pause and resume, no Ollama at hand. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { endHome, isAlive, makeHome, root } from "../hosts/homes.ts";
import { commandLine, journalOf, lastJson, ofType } from "./command.ts";

const LIMIT_MS = 15 * 60_000;
const home = makeHome();
const line = commandLine(home);
const data = mkdtempSync(join(tmpdir(), "tt-data-"));
execFileSync(
  process.env["THORTIME_PYTHON"] ?? "python3",
  ["-c", "import sys; from pathlib import Path; from lookalike import write_lookalike; write_lookalike(Path(sys.argv[1]))", data],
  {
    cwd: join(root, "tests", "python"),
  },
);
const model = join(root, "resources", "practice", "model");
const wanted = ["--data", join(data, "train.jsonl"), "--held-out", join(data, "held-out.jsonl"), "--model", model];
const settings = ["--set", "learning_rate=3e-3", "--set", "warmup_steps=2", "--set", "max_seq_length=128", "--set", "save_steps=4"];

afterAll(async () => {
  await endHome(home);
  rmSync(data, { recursive: true, force: true });
});

it("is trained, paused, resumed and finished; without Ollama one sentence says what is missing", { timeout: LIMIT_MS }, async () => {
  const started = await line.run("run", ...wanted, "--name", "look-v1", "--rows", "120", "--steps", "12", ...settings, "--detach", "--json");
  expect(started).toMatchObject({ code: 0, stderr: "" });
  const run = String(lastJson(started)["run"]);

  const trainer = await until(() => ofType(journalOf(home, run), "step").some((step) => step.step >= 3) && ofType(journalOf(home, run), "spawned").at(-1));
  expect(await line.run("pause")).toMatchObject({ code: 0 });
  await until(() => ofType(journalOf(home, run), "exited").at(-1)?.verb === "train");
  expect(isAlive(trainer.pid)).toBe(false);
  const sealed = ofType(journalOf(home, run), "checkpoint-sealed").at(-1);
  expect(lastJson(await line.run("status", "--json"))).toMatchObject({ run, status: "paused", steps: sealed?.step });

  expect(await line.run("resume", "--detach")).toMatchObject({ code: 0, stderr: "" });
  const result = lastJson(await line.run("status", run, "--follow", "--json"));
  expect(result).toMatchObject({ finished: true, steps: 12, ollama: null });
  expect(String(result["why"])).toMatch(/Ollama/);
  const events = journalOf(home, run);
  expect(ofType(events, "resumed").at(-1)?.fromStep).toBe(sealed?.step);
  expect(ofType(events, "prepared")[0]).toMatchObject({ rows: expect.any(Number), leakedRows: expect.any(Number) });
  expect(ofType(events, "prepared")[0]?.leakedRows).toBeGreaterThan(0);
  expect(ofType(events, "prepared")[0]?.truncatedRows).toBeGreaterThan(0);
  expect(ofType(events, "gguf-written")).toEqual([]);
  // Every line of the journal is one of ours: nothing on the screen can come from anywhere else.
  expect(readdirSync(join(home, "runs", run, "checkpoints")).every((name) => /^step-\d{6}$/.test(name))).toBe(true);
});

it.each([
  ["a missing file", ["--data", "no-such-file.jsonl"], 3],
  ["a folder", ["--data", data], 3],
  ["a model folder without weights", ["--model", data], 4],
  ["a name with a slash", ["--name", "a/b"], 5],
  ["a name with dots", ["--name", ".."], 5],
  ["a name with spaces", ["--name", "my model"], 5],
  ["a name of 300 characters", ["--name", "x".repeat(300)], 5],
  ["an unknown setting", ["--set", "learningrate=1"], 2],
  ["a setting that cannot be", ["--set", "learning_rate=fast"], 2],
])("refuses %s with one sentence and a next step, and leaves nothing half-made", { timeout: LIMIT_MS }, async (_what, change, code) => {
  const before = existsSync(join(home, "runs")) ? readdirSync(join(home, "runs")) : [];
  const ended = await line.run("run", ...wanted, "--name", "bad-v1", "--steps", "1", ...change);
  expect(ended.code).toBe(code);
  expect(ended.stdout).toBe("");
  expect(ended.stderr.trim().split("\n").length).toBe(2);
  expect(ended.stderr).not.toMatch(/Error:|Traceback|\bat .*:\d+/);
  expect(readdirSync(join(home, "runs"))).toEqual(before);
});

async function until<T>(look: () => T | false | undefined): Promise<T> {
  for (let waited = 0; waited < 5 * 60_000; waited += 250) {
    try {
      const found = look();
      if (found) return found;
    } catch {
      // The journal is not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("it did not come");
}
