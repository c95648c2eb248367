/** A whole campaign with the real trainer on the practice rows: the test's NO-GO holds, its next try's GO lets the night begin by itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ANY_RESULT, limitFlags } from "../fixtures/limits.ts";
import { endHome, makeHome, root } from "../hosts/homes.ts";
import { commandLine, journalOf, lastJson, ofType } from "./command.ts";

const LIMIT_MS = 15 * 60_000;
const PRACTICE = join(root, "resources", "practice");
const campaign = JSON.parse(readFileSync(join(PRACTICE, "campaign.json"), "utf8")) as { training: Record<string, string | number | boolean> };
const home = makeHome();
// No Ollama: what is shown here ends before it.
const line = commandLine(home, { OLLAMA_HOST: "127.0.0.1:9" });
afterAll(() => endHome(home));

const SHORT = { max_steps: 12, eval_steps: 12, save_steps: 12, warmup_steps: 2 };

it("a test that did not learn enough holds the night back; tried again with a limit that it meets, the night follows once", { timeout: LIMIT_MS }, async () => {
  const set = Object.entries({ ...campaign.training, ...SHORT }).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const files = ["--data", join(PRACTICE, "train.jsonl"), "--held-out", join(PRACTICE, "held-out.jsonl"), "--model", join(PRACTICE, "model")];
  const asked = [...files, "--prompts", join(PRACTICE, "prompts.json"), "--name", "tiny", "--rows", "120", "--no-deploy", ...set, ...limitFlags(ANY_RESULT)];
  const first = lastJson(await line.run("campaign", ...asked, "--test-limit", "lastLossBelow=0.01", "--json"));
  expect(first).toMatchObject({ held: true, next: { name: "tiny-maximum-v1", run: null }, full: null, test: { finished: true, verdict: "no-go" } });
  const test = (first["test"] as { run: string }).run;
  const verdict = lastJson(await line.run("verdict", test, "--json"));
  expect(verdict).toMatchObject({ decision: "no-go", next: { name: "tiny-maximum-v1", run: null, held: true } });

  const again = lastJson(await line.run("again", test, "--lever", "none", "--limit", "lastLossBelow=null", "--json"));
  expect(again).toMatchObject({ finished: true, verdict: "go" });
  const [advanced, ...more] = ofType(journalOf(home, String(again["run"])), "campaign-advanced");
  expect([advanced?.verdict, more]).toEqual(["go", []]);
  const night = advanced?.run ?? "";
  await line.run("status", night, "--follow");
  const rows = lastJson(await line.run("history", "--json"))["rows"] as { run: string; name: string; kind: string; outcome: string; from: string | null }[];
  expect(rows.map(({ run, name, kind, outcome, from }) => [run === night, name, kind, outcome, from])).toEqual([
    [true, "tiny-maximum-v1", "full", "finished", again["run"]],
    [false, "tiny-test-v1", "quick", "finished", test],
    [false, "tiny-test-v1", "quick", "finished", null],
  ]);
  expect(ofType(journalOf(home, night), "prepared")[0]?.rows).toBeGreaterThan(ofType(journalOf(home, test), "prepared")[0]?.rows ?? 0);
});
