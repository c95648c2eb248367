/** Tells a person what the journals give reason to tell: written down first, then sent, and each delivery written down too. */
import { powerWarnings } from "../core/evening/power.ts";
import { nightAt, type Window, wakeFor } from "../core/evening/window.ts";
import { toSend, toTell } from "../core/notices/decide.ts";
import { checkpointDigest, type Draft, draftsOfNights, draftsOfPower, draftsOfRun } from "../core/notices/drafts.ts";
import { watchDrafts } from "../core/notices/first-half-hour.ts";
import { flagsOf } from "../core/notices/flags.ts";
import { noticeOf } from "../core/notices/words.ts";
import type { Ports } from "../core/ports.ts";
import type { Conditions } from "../core/reading.ts";
import { boundedWhy } from "../core/reason.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { settingsOf } from "./settings.ts";

/** Does a piece of work beside the tick; the engine's end waits for it. */
export type Begin = (work: () => Promise<void>) => void;

/** What is known of the machine now; null where the newest look is too old. */
export interface Seen {
  readonly conditions: Conditions | null;
  readonly redSeconds: number;
  /** Lines of the log of its living training that only a defect writes. */
  logErrors(run: Run): number;
}

export class Teller {
  private readonly ports: Ports;
  private readonly runs: Runs;
  private readonly begin: Begin;
  private sending = false;

  constructor(ports: Ports, runs: Runs, begin: Begin) {
    this.ports = ports;
    this.runs = runs;
    this.begin = begin;
  }

  look(now: number, seen: Seen): void {
    const { home } = this.runs;
    const settings = settingsOf(this.ports);
    for (const { id, run, level, key, values } of toTell(this.drafts(now, seen, settings.checkpointDigestHours), home.state.notices, now))
      this.runs.note({ type: "notice", id, run, level, key, values });
    // Only now, with its lines written, may a run that has ended be closed.
    for (const run of this.runs.open()) run.told = run.state;
    if (this.sending) return;
    const due = toSend(home.state.notices, settings, now, this.ports.person.offsetMinutes);
    const notifiers = due.length > 0 ? this.ports.person.notifiers(settings) : [];
    if (notifiers.length === 0) return;
    this.sending = true;
    const words = this.ports.person.words(settings.language);
    this.begin(async () => {
      try {
        for (const sending of due) {
          const notice = noticeOf(sending, words);
          // A desktop shell shows what this line says; and whatever cuts us off here, nothing is sent twice.
          this.runs.note({ type: "notice-sending", ids: sending.told.map(({ id }) => id), time: sending.time });
          // All at once: a push service that does not answer keeps nothing from being shown here.
          const delivered = await Promise.all(notifiers.map((notifier) => notifier.send(notice)));
          for (const { id } of sending.told)
            for (const one of delivered) this.runs.note({ type: "notified", id, time: sending.time, ...one, why: one.why && boundedWhy(one.why) });
        }
      } finally {
        this.sending = false;
      }
    });
  }

  private drafts(now: number, { conditions, redSeconds, logErrors }: Seen, digestHours: number | null): readonly Draft[] {
    const { person, machine } = this.ports;
    const warnings = conditions ? powerWarnings(conditions) : [];
    const celsius = conditions?.temperature.value ?? null;
    const ofRuns = this.runs.open().flatMap((run) => {
      const flags = flagsOf(run.state, { redSeconds, celsius, forecastSeconds: run.state.forecast?.highSeconds ?? null, logErrors: logErrors(run) });
      const watched = watchDrafts(run.state, { flags, celsius, nowMs: now, offset: person.offsetMinutes });
      return [...draftsOfRun(run.state), ...checkpointDigest(run.state, digestHours, now), ...draftsOfPower(run.state, warnings, now), ...watched];
    });
    const wake = (window: Window) => (machine.metal ? wakeFor(nightAt(now, window, person.offsetMinutes), person.offsetMinutes).once : null);
    return [...ofRuns, ...draftsOfNights(this.runs.home.state, wake)];
  }
}
