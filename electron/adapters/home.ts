/** The home folder on disk. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Control, controlSchema } from "../core/control.ts";
import type { Correction } from "../core/correction.ts";
import { fault } from "../core/faults.ts";
import { isRunId } from "../core/names.ts";
import { type Scored, scoredSchema } from "../core/parity.ts";
import { type RunPlan, runPlanSchema } from "../core/plan.ts";
import type { Home, Journal } from "../core/ports.ts";
import type { Part } from "../core/removal.ts";
import { measureFolder } from "./disk.ts";
import { syncFolder, writeWhole } from "./files.ts";
import { FileJournal } from "./journal.ts";

/** macOS `~/Library/Application Support/Thortime`, Linux `$XDG_DATA_HOME/thortime`, or `THORTIME_HOME`. */
export function homePath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env["THORTIME_HOME"]) return env["THORTIME_HOME"];
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "Thortime");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "thortime");
}

/** The trainer writes 60. */
const SCORED_LINES = 200;

export class FolderHome implements Home {
  readonly path: string;
  private readonly now: () => number;

  /** `now`: unix ms, as the lines of its journals carry them. */
  constructor(path: string, now: () => number = () => Date.now()) {
    this.path = path;
    this.now = now;
    for (const folder of ["", "runs", "models"]) mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
    this.sweepPartial();
  }

  homeJournal(): Journal {
    return new FileJournal(join(this.path, "events.jsonl"), "engine", this.now);
  }

  runJournal(run: string): Journal {
    return new FileJournal(join(this.runPath(run), "events.jsonl"), "engine", this.now);
  }

  runPath(run: string): string {
    if (!isRunId(run)) throw fault("run.unknown", "There is no run of that name.", "See the runs with: thortime history.");
    return join(this.path, "runs", run);
  }

  hasRun(run: string): boolean {
    return isRunId(run) && existsSync(join(this.path, "runs", run, "run.json"));
  }

  listRuns(): readonly string[] {
    // A run's id ends in when it was made: `-20261123-220000-3fa9`.
    const made = (id: string) => id.slice(-20);
    return readdirSync(join(this.path, "runs"))
      .filter((name) => this.hasRun(name))
      .sort((a, b) => (made(a) < made(b) ? -1 : 1));
  }

  createRun(plan: RunPlan, control: Control): void {
    const final = this.runPath(plan.id);
    const partial = `${final}.partial`;
    try {
      mkdirSync(partial, { mode: 0o700 });
      writeWhole(join(partial, "run.json"), planText(plan));
      writeWhole(join(partial, "control.json"), JSON.stringify(control));
      renameSync(partial, final);
      syncFolder(final);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
  }

  partsOf(run: string): readonly Part[] {
    const folder = this.runPath(run);
    return readdirSync(folder)
      .map((name) => ({ name, ...measure(join(folder, name)) }))
      .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }

  deleteRun(run: string): void {
    const folder = this.runPath(run);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    renameSync(folder, partial);
    syncFolder(folder);
    rmSync(partial, { recursive: true, force: true });
  }

  async parts(): Promise<readonly Part[]> {
    return await Promise.all(
      readdirSync(this.path)
        .filter((name) => name !== "runs")
        .map((name) => measureFolder(this.path, name)),
    );
  }

  clearPart(run: string, part: string, onGone: () => void): void {
    const partial = `${this.runPath(run)}.${part}.partial`;
    rmSync(partial, { recursive: true, force: true });
    renameSync(join(this.runPath(run), part), partial);
    syncFolder(partial);
    onGone();
    rmSync(partial, { recursive: true, force: true });
  }

  readPlan(run: string): RunPlan {
    try {
      return runPlanSchema.parse(JSON.parse(readFileSync(join(this.runPath(run), "run.json"), "utf8")));
    } catch {
      throw fault("run.broken", `The plan of the run ${run} (run.json) cannot be read.`, "Its checkpoints are in the run's folder; start a new run.");
    }
  }

  writePlan(plan: RunPlan): void {
    writeWhole(join(this.runPath(plan.id), "run.json"), planText(plan));
  }

  readControl(run: string): Control | null {
    try {
      return controlSchema.parse(JSON.parse(readFileSync(join(this.runPath(run), "control.json"), "utf8")));
    } catch {
      return null;
    }
  }

  writeControl(run: string, control: Control): void {
    writeWhole(join(this.runPath(run), "control.json"), JSON.stringify(control));
  }

  get correctionsPath(): string {
    return join(this.path, "corrections.jsonl");
  }

  appendCorrection(correction: Correction): void {
    // One write of one line; what a full disk cut short is ended by a line's end, so that the next row stands alone.
    const before = existsSync(this.correctionsPath) ? readFileSync(this.correctionsPath, "utf8") : "";
    const start = before === "" || before.endsWith("\n") ? "" : "\n";
    writeFileSync(this.correctionsPath, `${start}${JSON.stringify(correction)}\n`, { flag: "a", mode: 0o600, flush: true });
  }

  readScored(run: string): readonly Scored[] {
    try {
      const lines = readFileSync(join(this.runPath(run), "answers", "scored.jsonl"), "utf8").split("\n");
      return lines.slice(0, SCORED_LINES).flatMap((line) => (line === "" ? [] : [scoredSchema.parse(JSON.parse(line))]));
    } catch {
      return [];
    }
  }

  writeReport(run: string, { html, json }: { readonly html: string; readonly json: string }): string {
    const path = join(this.runPath(run), "report.html");
    writeWhole(join(this.runPath(run), "report.json"), json);
    writeWhole(path, html);
    return path;
  }

  private sweepPartial(): void {
    for (const name of readdirSync(join(this.path, "runs"))) {
      if (name.endsWith(".partial")) rmSync(join(this.path, "runs", name), { recursive: true, force: true });
    }
  }
}

/** A run's folder is a few levels deep and holds no links; one that is there counts as itself. */
function measure(path: string): { readonly files: number; readonly bytes: number } {
  const status = lstatSync(path);
  if (!status.isDirectory()) return { files: 1, bytes: status.size };
  let [files, bytes] = [0, 0];
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue;
    files += 1;
    bytes += lstatSync(join(entry.parentPath, entry.name)).size;
  }
  return { files, bytes };
}

function planText(plan: RunPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}
