/** The morning report stands in the run's folder when a run has ended or needs its person, and is put right when it goes on. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readCatalogue } from "../../electron/adapters/person.ts";
import type { Person } from "../../electron/core/ports.ts";
import type { ReportData } from "../../electron/core/report/data.ts";
import { nobody } from "./fakes.ts";
import { Night } from "./night.ts";

const MESSAGES = new URL("../../resources/messages", import.meta.url).pathname;
/** Reads Turkish. */
const person: Person = { ...nobody, readSettings: () => '{"language":"tr"}', words: (language) => readCatalogue(MESSAGES, language) };

let night: Night;
beforeEach(() => {
  night = new Night();
});
afterEach(() => night.end());

const page = (run: string) => readFileSync(night.runPath(run, "report.html"), "utf8");
const data = (run: string) => JSON.parse(readFileSync(night.runPath(run, "report.json"), "utf8")) as ReportData;
const untilReported = (run: string, status: string) =>
  night.untilState(run, `reported as ${status}`, (state) => state.reported?.event.status === status && !state.reported.stale);

describe("a finished run", () => {
  it("has its report in the person's language, once, and again in another language when asked", async () => {
    night.start({ person });
    const run = await night.begin();
    const state = await untilReported(run, "finished");
    expect(state.reported?.event).toMatchObject({ path: night.runPath(run, "report.html"), language: "tr" });
    expect(page(run)).toContain('<html lang="tr">');
    expect(data(run)).toMatchObject({ v: 1, status: "finished", run: { id: run }, ollama: { name: "night" }, verdict: { decision: state.judged?.decision } });
    await night.until("idle", () => night.engine?.isIdle() === true);
    expect(night.reports).toEqual([]);
    const reply = await night.call("report", { run, language: "en" });
    expect(reply.path).toBe(night.runPath(run, "report.html"));
    expect(page(run)).toContain('<html lang="en">');
    await expect(night.call("report", { run: "nothing" })).rejects.toMatchObject({ fault: { kind: "run.unknown" } });
  });

  it("is written by the next engine where a kill came before its line, and not again by the one after", async () => {
    night.start({ person });
    const run = await night.begin();
    await untilReported(run, "finished");
    await night.stop();
    const path = night.runPath(run, "events.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, lines.filter((line) => !line.includes('"type":"reported"')).join("\n"));
    night.start({ person });
    await untilReported(run, "finished");
    await night.stop();
    const count = night.count(run, "reported");
    night.start({ person });
    await night.until("idle", () => night.engine?.isIdle() === true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(night.count(run, "reported")).toBe(count);
  });
});

describe("a run that needs its person", () => {
  it("says so in its report, is put right when it goes on, and tells the end in the end", async () => {
    night.startLean({ person });
    const run = await night.begin({ misbehave: [{ verb: "prepare", how: "named-failure", times: 1 }] });
    await untilReported(run, "needs-you");
    expect(data(run)).toMatchObject({ status: "needs-you", verdict: null, next: { name: "fault" } });
    await night.call("run-resume", { run });
    await untilReported(run, "finished");
    const statuses = night.events(run).flatMap((event) => (event.type === "reported" ? [event.status] : []));
    expect([statuses[0], statuses.at(-1)]).toEqual(["needs-you", "finished"]);
    expect(data(run).status).toBe("finished");
  });

  it("a report that cannot be written is said, and keeps nothing else from going on", async () => {
    night.startLean({
      person: {
        ...person,
        words: () => {
          throw new Error("the catalogue is gone");
        },
      },
    });
    const run = await night.begin();
    await night.untilEnded(run);
    await night.until("said", () => night.reports.some((error) => String(error).includes("the catalogue is gone")));
    await night.until("closed", () => night.homeState().runs[0]?.outcome === "finished");
    expect(night.engine?.isIdle()).toBe(true);
  });
});
