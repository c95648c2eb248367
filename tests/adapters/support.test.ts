/** The support bundle of a home in which every text is a canary: what is in it helps, and no canary is. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FolderHome } from "../../electron/adapters/home.ts";
import { createSupport } from "../../electron/adapters/support.ts";
import { INITIAL_CONTROL } from "../../electron/core/control.ts";
import { planOf } from "../core/plans.ts";
import { homeJournal, type RunOptions, runJournal } from "../fixtures/journal.ts";

const CANARY = "Kanarya-7f3a";
const folder = mkdtempSync(join(tmpdir(), "thortime-support-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In data, prompts, answers, names, secrets, paths and logs. */
function poisonedHome(): FolderHome {
  const home = new FolderHome(join(folder, `home of ${CANARY}`));
  const plan = planOf();
  const question = { id: CANARY, category: CANARY, text: CANARY, before: CANARY, after: `after ${CANARY}` };
  const run: RunOptions = { run: plan.id, name: CANARY, moment: "finished", answers: [question], baseline: { name: CANARY, why: CANARY } };
  home.createRun({ ...plan, name: CANARY, format: { ...plan.format, system: CANARY }, data: { ...plan.data, train: `/rows/${CANARY}` } }, INITIAL_CONTROL);
  const inRun = (name: string) => join(home.runPath(plan.id), name);
  writeFileSync(inRun("events.jsonl"), `${runJournal(run).join("\n")}\n{"torn": "${CANARY}`);
  writeFileSync(inRun("exit.json"), JSON.stringify({ token: CANARY, verb: "train", code: 1, signal: null, seconds: 4.5, tail: [CANARY] }));
  writeFileSync(inRun("trainer.log"), `${CANARY}\nTraceback (most recent call last):\n  File "/${CANARY}/train.py", line 7, in step\nValueError: ${CANARY}\n`);
  mkdirSync(inRun("data"));
  writeFileSync(join(inRun("data"), "train.jsonl"), JSON.stringify({ question: CANARY }));
  writeFileSync(join(home.path, "events.jsonl"), `${homeJournal([run]).join("\n")}\n`);
  const push = { ntfy: { server: "https://ntfy.sh", topic: CANARY, token: CANARY }, telegram: { token: CANARY, chat: CANARY } };
  writeFileSync(
    join(home.path, "settings.json"),
    JSON.stringify({ language: "tr", targetCelsius: 82, push, python: `/${CANARY}/bin/python3`, [CANARY]: CANARY }),
  );
  return home;
}

function unpack(path: string): { readonly names: readonly string[]; readonly text: (name: string) => string } {
  const into = mkdtempSync(join(folder, "unpacked-"));
  execFileSync("tar", ["-xzf", path, "-C", into]);
  const names = readdirSync(into, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  return { names: names.map((name) => name.slice(into.length + 1)).sort(), text: (name) => readFileSync(join(into, "thortime-support", name), "utf8") };
}

test("no canary of data, prompts, answers, names, secrets, paths or logs is in it; what helps is", async () => {
  const home = poisonedHome();
  const doctor = async () => [{ name: "Home", ok: true, detail: home.path, next: null, needed: true }];
  const path = join(folder, "support.tar.gz");
  const written = await createSupport({ home, doctor }).write(path, { version: "0.1.0", historyOff: null });
  const { names, text } = unpack(path);
  expect([written.path, written.files, written.bytes > 500]).toEqual([path, names.length, true]);
  const inBundle = (name: string) => `thortime-support/${name}`;
  const run = ["run.json", "events.jsonl", "exit.json", "trainer.log"].map((name) => `run-01/${name}`);
  expect(names).toEqual(["README.txt", "about.json", "doctor.json", "events.jsonl", "settings.json", ...run].map(inBundle).sort());
  for (const name of names) expect(text(name.slice("thortime-support/".length)), name).not.toContain(CANARY);
  expect(JSON.parse(text("about.json"))).toMatchObject({ version: "0.1.0", machine: { node: process.versions.node } });
  expect(JSON.parse(text("run-01/run.json"))).toMatchObject({ training: planOf().training });
  expect(JSON.parse(text("settings.json"))).toMatchObject({ language: "tr", targetCelsius: 82 });
  expect(JSON.parse(text("run-01/exit.json"))).toMatchObject({ verb: "train", code: 1, seconds: 4.5 });
  expect(text("run-01/trainer.log")).toContain('File "train.py", line 7, in step\nValueError:');
  const types = text("run-01/events.jsonl")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type?: string }).type);
  expect(types).toEqual(expect.arrayContaining(["run-created", "step", "judged", "answered"]));
});

test("a path that is taken, or leads nowhere, is refused and nothing is left", async () => {
  const home = new FolderHome(join(folder, "plain"));
  const support = createSupport({ home, doctor: async () => [] });
  const taken = join(folder, "taken.tar.gz");
  writeFileSync(taken, "mine");
  await expect(support.write(taken, {})).rejects.toMatchObject({ fault: { kind: "usage.exists" } });
  expect(readFileSync(taken, "utf8")).toBe("mine");
  await expect(support.write(join(folder, "nowhere", "s.tar.gz"), {})).rejects.toMatchObject({ fault: { kind: "usage.folder" } });
  await expect(support.write("s.tar.gz", {})).rejects.toMatchObject({ fault: { kind: "data.path" } });
  expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
});
