/**
 * `npm run soak -- --minutes M --seed S [--only kill-trainer,disk-full] [--steps 40] [--journals FOLDER]`: the practice night again and again, with real
 * parts, under seeded faults; docs/reliability.md row 28. `--only none` is undisturbed nights; `--journals` keeps the step times of each night.
 * Ends with one JSON line; exit code 1 where an invariant did not hold, and then the home is kept.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dice } from "../core/seeded.ts";
import { writeRecording } from "../fixtures/recordings.ts";
import { ensureBuilt } from "../hosts/homes.ts";
import { provide } from "../runner/provisions.ts";
import { endGround, entriesOf, type Ground, makeGround } from "./ground.ts";
import { enterNamespace, unmountDisk } from "./inside.ts";
import { FAULTS, type Report, runNight } from "./night.ts";
import { readSteps } from "./steps.ts";

/** Restart's answer to a kill: the system is given this long to take back what the process held. */
const BACK_OFF_S = 2;
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Totals {
  readonly faults: Map<string, number>;
  readonly violations: Set<string>;
  readonly lost: number[];
  readonly fresh: number[];
  readonly resumed: number[];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "20" },
      seed: { type: "string" },
      only: { type: "string" },
      steps: { type: "string", default: "40" },
      journals: { type: "string" },
    },
  });
  const inside = await enterNamespace();
  if (inside !== null) return inside;
  for (const need of ["python", "ollama"] as const) {
    const found = await provide(need, (line) => say(`  ${line}`));
    if ("missing" in found) throw new Error(found.missing);
    Object.assign(process.env, found.env);
  }
  await ensureBuilt();
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
  const ground = await makeGround();
  say(`seed ${seed}, ${values.minutes} minutes, home ${ground.home}${ground.hasOwnDisk ? "" : "; no disk of its own may be made here, so it is never full"}`);
  const journals = values.journals ?? null;
  if (journals !== null) mkdirSync(journals, { recursive: true });
  return await soak(ground, { seed, seconds: Number(values.minutes) * 60, only: values.only?.split(",") ?? null, steps: Number(values.steps), journals });
}

interface Asked {
  readonly seed: number;
  readonly seconds: number;
  /** Names of faults; null is all of them. */
  readonly only: readonly string[] | null;
  /** Of each night. */
  readonly steps: number;
  /** Where the step times of each night are kept; null: nowhere. */
  readonly journals: string | null;
}

async function soak(ground: Ground, { seed, seconds, only, steps, journals }: Asked): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void endGround(ground).finally(() => process.exit(130)));
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const totals: Totals = { faults: new Map(), violations: new Set(), lost: [], fresh: [], resumed: [] };
  const report: Report = {
    random: dice(seed),
    say: (line) => say(`${elapsed().toFixed(1).padStart(7)} s ${line}`),
    injected: (name) => totals.faults.set(name, (totals.faults.get(name) ?? 0) + 1),
    violated: (name, what) => {
      if (totals.violations.has(`${name}: ${what}`)) return;
      totals.violations.add(`${name}: ${what}`);
      report.say(`VIOLATION ${name}: ${what}`);
    },
    wants: (name) => only?.includes(name) ?? true,
    isOver: () => elapsed() > seconds,
  };
  try {
    while (elapsed() < seconds && totals.violations.size === 0) {
      const { run } = await runNight(ground, report, steps);
      count(ground, run, totals);
      if (journals !== null) writeRecording(join(journals, `${run}.jsonl.gz`), entriesOf(ground, run));
    }
  } catch (error) {
    report.violated("soakItself", (error as Error).stack ?? String(error));
  }
  const kept = totals.violations.size > 0 ? keep(ground) : null;
  await endGround(ground);
  if (ground.hasOwnDisk) unmountDisk(ground.folder);
  rmSync(ground.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  summarize(totals, seed, kept);
  const sum = [...totals.faults.values()].reduce((all, one) => all + one, 0);
  const worstStepsLost = Math.max(0, ...totals.lost);
  say(JSON.stringify({ faults: sum, violations: totals.violations.size, worstStepsLost, seconds: Math.round(elapsed()) }));
  return totals.violations.size === 0 ? 0 : 1;
}

function count(ground: Ground, run: string, { lost, fresh, resumed }: Totals): void {
  const steps = readSteps(entriesOf(ground, run));
  lost.push(...steps.lost);
  for (const one of steps.startSeconds) (one.resumed ? resumed : fresh).push(one.seconds);
}

/** The soak's own disk goes with it, so a copy is kept where it stays. */
function keep(ground: Ground): string {
  const kept = mkdtempSync(join(tmpdir(), "thortime-soak-kept-"));
  cpSync(ground.home, kept, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  return kept;
}

function summarize({ faults, violations, lost, fresh, resumed }: Totals, seed: number, kept: string | null): void {
  for (const { name, rows } of FAULTS) say(`${String(faults.get(name) ?? 0).padStart(5)} × ${name} (row ${rows.join(", ")})`);
  const histogram = [...new Set(lost)].sort((a, b) => a - b).map((steps) => `${lost.filter((one) => one === steps).length} × ${steps}`);
  say(`steps lost, by start and by damaged checkpoint: ${histogram.join(", ") || "none"}`);
  const [first, again] = [middle(fresh), middle(resumed)];
  if (first !== null && again !== null)
    say(
      `a killed trainer's next step: ${again.toFixed(1)} s after its start (${resumed.length}) plus ${BACK_OFF_S} s back-off; a fresh trainer's first step: ${first.toFixed(1)} s (${fresh.length}); ratio ${(again / first).toFixed(2)}`,
    );
  for (const violation of violations) say(`VIOLATION ${violation}`);
  if (kept) say(`Again with: npm run soak -- --seed ${seed}. The home was kept in ${kept}.`);
}

function middle(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

process.exitCode = await main();
