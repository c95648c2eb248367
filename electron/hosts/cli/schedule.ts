/** `thortime schedule`: a run's nights. */
import type { Command } from "commander";
import type { Api } from "../../core/api.ts";
import type { Cut } from "../../core/evening/fit.ts";
import { TIME_OF_DAY } from "../../core/evening/window.ts";
import { fault } from "../../core/faults.ts";
import type { HomeState } from "../../core/home.ts";
import type { Context } from "./context.ts";
import { findRun, readSnapshot } from "./find-run.ts";
import { day, oneLine, table } from "./format.ts";

interface Flags {
  readonly from?: string;
  readonly to?: string;
  readonly continue?: boolean;
  readonly skipTonight?: boolean;
  readonly fit?: boolean;
  readonly off?: boolean;
  readonly list?: boolean;
  readonly json?: boolean;
}

export function addSchedule(program: Command, context: Context): void {
  program
    .command("schedule [run]")
    .description("let a run work only at night: begin by itself, end sealed, continue the next one when told to")
    .option("--from <time>", "local time at which the window opens, 22:00", parseTime)
    .option("--to <time>", "local time at which it closes, 06:00", parseTime)
    .option("--continue", "go on in the next night")
    .option("--skip-tonight", "not tonight")
    .option("--fit", "make the cuts that thortime preflight proposes, before its training begins")
    .option("--off", "no nights any more; it works whenever it can")
    .option("--list", "show what is planned")
    .option("--json", "print one JSON document")
    .action(async (said: string | undefined, flags: Flags) => {
      const api = await context.engine();
      try {
        await (flags.list ? list(api, context, flags) : plan(api, context, said, flags));
      } finally {
        api.close();
      }
    });
}

async function list(api: Api, context: Context, flags: Flags): Promise<void> {
  const home = await readSnapshot(api, "home");
  if (flags.json) context.printJson({ schedules: home.schedules });
  else context.print(scheduleTable(home));
}

async function plan(api: Api, context: Context, said: string | undefined, flags: Flags): Promise<void> {
  const { id: run } = await findRun(api, said, "active");
  const show = (value: object, line: string) => (flags.json ? context.printJson(value) : context.print(line));
  if (flags.fit) {
    const cuts = await fitRun(api, run);
    return show(
      { run, cuts },
      cuts.length === 0 ? `${run} fits its night as it is.` : `${run} is cut to ${cuts.map(({ cut, to }) => `${to} ${cut}`).join(", ")}.`,
    );
  }
  if (flags.off) {
    await api.call("schedule-clear", { run });
    return show({ run }, `${run} has no nights any more.`);
  }
  if (flags.skipTonight) {
    const { night } = await api.call("schedule-skip", { run });
    return show({ run, night }, `${run} does not work in the night of ${night}.`);
  }
  const { from, to } = flags;
  const night = await api.call("schedule-set", { run, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
  show({ run, ...night }, `${run} works from ${day(night.opensAt)} to ${day(night.closesAt)}. A sleeping computer cannot begin it.`);
}

/** What the night check proposes, done. */
async function fitRun(api: Api, run: string): Promise<readonly Cut[]> {
  const { fit } = await api.call("preflight", { run });
  if (!fit)
    throw fault(
      "run.unprepared",
      "How long it takes is not known before its rows are prepared and a run of this model was measured.",
      "Try again once they are.",
    );
  if (fit.cuts.length > 0) await api.call("run-cut", { run, cuts: [...fit.cuts] });
  return fit.cuts;
}

function parseTime(text: string): string {
  if (TIME_OF_DAY.test(text)) return text;
  throw fault("usage.time", `${JSON.stringify(text.slice(0, 20))} is no time of day.`, "Write it as 22:00.");
}

function scheduleTable({ schedules, runs }: HomeState): string {
  if (schedules.length === 0) return "Nothing is planned. Plan a run's nights with: thortime schedule RUN";
  const rows = schedules.map(({ run, window, started, ended, skipped }) => {
    const name = runs.find((one) => one.id === run)?.name ?? run;
    const state = ended
      ? "waits for your word (--continue)"
      : started
        ? `in the night of ${started.night}`
        : skipped
          ? `not in the night of ${skipped}`
          : "waits for its window";
    return [oneLine(name, 40), `${window.from}–${window.to}`, state];
  });
  return table([["RUN", "WINDOW", "NOW"], ...rows]);
}
