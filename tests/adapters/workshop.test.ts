/** Promise: long work asked for from a screen says how far it is, can be stopped, and leaves nothing half-made. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { heldModels } from "../../electron/adapters/models.ts";
import { hasOllama } from "../../electron/adapters/ollama/installed.ts";
import { expandHome } from "../../electron/adapters/paths.ts";
import { createWorkshop } from "../../electron/adapters/workshop.ts";
import { FaultError } from "../../electron/core/faults.ts";
import type { JobProgress } from "../../electron/core/jobs.ts";
import { KNOWN_MODELS } from "../../electron/core/known-models.ts";
import { Jobs } from "../../electron/engine/jobs.ts";

const folder = mkdtempSync(join(tmpdir(), "thortime-workshop-"));
const root = join(import.meta.dirname, "..", "..");
const python = process.env["THORTIME_PYTHON"] ?? "python3";
const workshop = createWorkshop({
  home: folder,
  models: join(folder, "models"),
  python: () => python,
  packageFolder: join(root, "python"),
  uv: null,
  env: process.env,
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = join(folder, "rows.jsonl");
writeFileSync(
  rows,
  [
    { input: "Acceptance Criteria", output: "one" },
    { input: "Acceptance Criteria", output: "two" },
    { input: "Who?", output: "me" },
    { input: "Who?", output: "me" },
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(""),
);
const asked = { data: rows, heldOut: null, near: false, languages: false, fix: null };
const watch = (seen: JobProgress[] = [], signal = new AbortController().signal) => ({ onProgress: (one: JobProgress) => void seen.push(one), signal });

test("the doctor's findings come whole, with what it was at on the way", async () => {
  const seen: JobProgress[] = [];
  const found = await workshop.inspect(asked, watch(seen));
  expect(found.files[0]).toMatchObject({ rows: 4, duplicates: { rows: 1, examples: [{ line: 4, firstLine: 3 }] } });
  expect(found.conflicts.top[0]).toMatchObject({ question: "Acceptance Criteria", answers: 2 });
  expect(seen.map((one) => one.task)).toEqual(expect.arrayContaining(["read", "compare"]));
});

test("a corrected copy is a new file; the old one is as it was, and nothing is overwritten", async () => {
  const before = readFileSync(rows, "utf8");
  const out = join(folder, "rows.fixed.jsonl");
  const fix = { out, conflicts: true, near: false, personal: false };
  const { fix: written } = await workshop.inspect({ ...asked, fix }, watch());
  expect(written?.files).toEqual([{ from: rows, to: out, rows: 2, changes: { duplicate: 1, conflict: 1 } }]);
  expect(readFileSync(rows, "utf8")).toBe(before);
  await expect(workshop.inspect({ ...asked, fix }, watch())).rejects.toThrow("is there already");
});

test("a path is whole or refused, and ~ is the home of who runs the engine", async () => {
  expect(expandHome(" ~/rows.jsonl ", "/home/ada")).toBe("/home/ada/rows.jsonl");
  expect(() => expandHome("rows.jsonl")).toThrow(FaultError);
  await expect(workshop.inspect({ ...asked, data: "rows.jsonl" }, watch())).rejects.toThrow("no whole path");
});

test("what is stopped says so and writes nothing", async () => {
  const jobs = new Jobs({ now: () => 0 } as never);
  const out = join(folder, "never.jsonl");
  const job = jobs.start("inspect", "a", (given) => workshop.inspect({ ...asked, fix: { out, conflicts: false, near: false, personal: false } }, given));
  expect(jobs.start("inspect", "a", () => Promise.resolve(null)).id).toBe(job.id);
  expect(() => jobs.start("inspect", "b", () => Promise.resolve(null))).toThrow("still under way");
  jobs.stop(job.id);
  await expect.poll(() => jobs.get(job.id).state, { timeout: 60_000 }).toBe("stopped");
  expect(existsSync(out)).toBe(false);
  expect(() => jobs.get("inspect-9")).toThrow("no longer known");
});

test("what fails has its fault, and at most eight are remembered", async () => {
  const jobs = new Jobs({ now: () => 0 } as never);
  for (let count = 0; count < 12; count += 1) {
    const { id } = jobs.start("inspect", String(count), () => Promise.reject(new FaultError({ kind: "data.missing", message: "m", next: "n" })));
    await expect.poll(() => jobs.get(id).fault?.kind).toBe("data.missing");
  }
  expect(() => jobs.get("inspect-1")).toThrow(FaultError);
  expect(jobs.get("inspect-12").state).toBe("failed");
});

test("a model in the folder is whole only where its download was finished", () => {
  const models = join(folder, "models");
  const half = join(models, "models--org--half", "blobs");
  mkdirSync(half, { recursive: true });
  writeFileSync(join(half, "a.incomplete"), "1234");
  const whole = join(models, "models--unsloth--gemma-2-2b");
  for (const name of ["blobs", "refs", "snapshots/abc"]) mkdirSync(join(whole, name), { recursive: true });
  writeFileSync(join(whole, "blobs", "b"), "12");
  writeFileSync(join(whole, "refs", "main"), "abc");
  symlinkSync("../../blobs/b", join(whole, "snapshots", "abc", "config.json"));
  expect(heldModels(models)).toEqual([
    { source: "org/half", whole: false, bytes: 4 },
    { source: "unsloth/gemma-2-2b", whole: true, bytes: 2 },
  ]);
});

test("the models offered are those the trainer names", () => {
  const families = readFileSync(join(root, "python", "trainer", "model", "families.py"), "utf8");
  for (const { source } of KNOWN_MODELS) expect(families).toContain(`"${source}"`);
});

test("Ollama is found where its program is, and nowhere else", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  expect(await hasOllama({ PATH: bin }, [], [])).toBe(false);
  writeFileSync(join(bin, "ollama"), "");
  expect(await hasOllama({ PATH: bin }, [], [])).toBe(true);
});
