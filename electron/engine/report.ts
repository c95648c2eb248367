/** Writes morning reports: at a run's end, when it needs its person, and once more when it goes on. */

import type { Ports } from "../core/ports.ts";
import { type ReportData, reportData } from "../core/report/data.ts";
import { isReportDue } from "../core/report/due.ts";
import { reportHtml } from "../core/report/page.ts";
import { statusOf } from "../core/selectors.ts";
import type { Settings } from "../core/settings.ts";
import type { RunState } from "../core/state.ts";
import { wordsIn } from "../core/words/words.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

export class Reporter {
  private readonly ports: Ports;
  private readonly runs: Runs;
  /** States whose report could not be written: tried again once something has happened, or by the next engine. */
  private readonly failed = new WeakSet<RunState>();

  constructor(ports: Ports, runs: Runs) {
    this.ports = ports;
    this.runs = runs;
  }

  look(): void {
    for (const run of this.runs.open()) {
      if (run.state.id === "" || !isReportDue(run.state) || this.failed.has(run.state)) continue;
      try {
        writeReport(run, this.ports, this.runs);
      } catch (error) {
        this.failed.add(run.state);
        this.ports.report(error);
      }
    }
  }
}

/** The file first, then its line: a kill between the two writes it once more. */
export function writeReport(run: Run, ports: Ports, runs: Runs, asked?: Settings["language"]): { readonly path: string; readonly data: ReportData } {
  const settings = settingsOf(ports);
  const language = asked ?? settings.language;
  const { home, person, clock, version } = ports;
  const data = reportData({ state: run.state, plan: run.plan, settings, folder: home.runPath(run.id), nowMs: clock.now(), version });
  const html = reportHtml(data, wordsIn(language, person.words(language), person.offsetMinutes));
  const path = home.writeReport(run.id, { html, json: `${JSON.stringify(data, null, 2)}\n` });
  run.append({ type: "reported", path, language, status: statusOf(run.state) });
  runs.project(run);
  return { path, data };
}
